"""For each model type the rule by which it arranges its layers.

Read in transformers 5.24, ``models/*/configuration_*.py``, the ``__post_init__`` of each class; a
test compares every one with it.
"""

from attention.kv.checks import ShapeError, shortened
from attention.kv.read.fields import Fields
from attention.kv.read.rules import (
    CONV,
    CSA,
    FULL,
    HCA,
    HYBRID,
    HYBRID_SLIDING,
    INDEXED,
    LINEAR,
    SLIDING,
    Rule,
    all_of,
    cycle,
    every,
    from_the_end,
    llama4,
    ropes,
)


def gpt_neo(fields: Fields, n_layers: int) -> list[str]:
    """Local layers mask what is far, and keep it all the same (``modeling_gpt_neo.py``)."""
    tokens = fields.value("window_size")[0] or 256
    fields.assume(
        f"Its local layers look back {shortened(tokens)} tokens, but keep every token's keys."
    )
    return [FULL] * n_layers


def smollm3(fields: Fields, n_layers: int) -> list[str]:
    """Windows, if any, in the layers without positions."""
    if not fields.flag("use_sliding_window") or not fields.number("window"):
        return [FULL] * n_layers
    return [FULL if rope else SLIDING for rope in ropes(fields, n_layers)]


def only_with_window(rule: Rule) -> Rule:
    """The rule where the config has a window, else all full."""

    def checked(fields: Fields, n_layers: int) -> list[str]:
        return rule(fields, n_layers) if fields.number("window") else [FULL] * n_layers

    return checked


def qwen2_moe(fields: Fields, n_layers: int) -> list[str]:
    """Windows in every other layer below ``max_window_layers``, and only if they are on."""
    if not fields.flag("use_sliding_window"):
        return [FULL] * n_layers
    below = fields.number("max_window_layers", "max_window_layers", least=0) or 0
    return [FULL if i % 2 or i >= below else SLIDING for i in range(n_layers)]


def cohere2_moe(fields: Fields, n_layers: int) -> list[str]:
    """The dense layers at the start have a pattern of their own."""
    dense = fields.number("dense layers", "first_k_dense_replace", least=0) or 0
    dense = min(dense, n_layers)
    start = every(1, "prefix_dense_sliding_window_pattern")(fields, dense)
    return start + every(4, "sliding_window_pattern")(fields, n_layers - dense)


def recurrent_gemma(fields: Fields, n_layers: int) -> list[str]:
    """``block_types`` over and over; its attention always has a window."""
    block_types = fields.value("block_types")[0] or ["recurrent", "recurrent", "attention"]
    known = {"recurrent": LINEAR, "attention": SLIDING}
    for entry in block_types:
        if not isinstance(entry, str) or entry not in known:
            raise ShapeError(f"{shortened(entry)} in block_types is no recurrent or attention.")
    return cycle(*(known[entry] for entry in block_types))(fields, n_layers)


def zamba(fields: Fields, n_layers: int) -> list[str]:
    """Three layers at the start, then one hybrid in each period."""
    rest = every(6, "attn_layer_period", of=HYBRID, rest=LINEAR, at=None)
    return [LINEAR, LINEAR, HYBRID, *rest(fields, max(0, n_layers - 3))][:n_layers]


def inkling(fields: Fields, n_layers: int) -> list[str]:
    return every(6, of=HYBRID, rest=HYBRID_SLIDING)(fields, n_layers)


def deepseek_v4(_fields: Fields, n_layers: int) -> list[str]:
    """Two heavily compressed layers, then both kinds in turn."""
    return cycle(HCA, CSA, start=(HCA, HCA))(_fields, n_layers)


ZAMBA2 = (LINEAR,) + ((LINEAR,) * 5 + (HYBRID,)) * 7 + (LINEAR,) * 4 + (HYBRID,)
NEXT = every(4, "full_attention_interval", rest=LINEAR)
GEMMA_LAST = every(6, last=True)

RULES: dict[str, Rule] = {
    "afmoe": every(4, "global_attn_every_n_layers"),
    "axk2": all_of(INDEXED),
    "bailing_hybrid": every(6, "layer_group_size", rest=LINEAR),
    "bamba": all_of(LINEAR),
    "beam": every(6, last=True),
    "cohere2": every(4, "sliding_window_pattern"),
    "cohere2_moe": cohere2_moe,
    "cohere_compass_text": all_of(FULL),
    "cwm": every(4, at=0),
    "deepseek_v32": all_of(INDEXED),
    "deepseek_v4": deepseek_v4,
    "diffusion_gemma_text": GEMMA_LAST,
    "dory": every(4),
    "dots3_note_text": every(4, of=INDEXED, at=1, first=2),
    "exaone4": only_with_window(every(4, "sliding_window_pattern")),
    "exaone_moe": only_with_window(every(4, "sliding_window_pattern")),
    "falcon_h1": all_of(HYBRID),
    "falcon_mamba": all_of(LINEAR),
    "flint": every(4, at=1, last=True, first=2),
    "gemma2": every(2),
    "gemma3_text": every(6, "sliding_window_pattern", "_sliding_window_pattern"),
    "gemma3n_text": every(5),
    "gemma4_text": GEMMA_LAST,
    "gemma4_unified_text": GEMMA_LAST,
    "glm5_next_text": every(4, of=INDEXED, rest=LINEAR),
    "glm_moe_dsa": all_of(INDEXED),
    "gpt_neo": gpt_neo,
    "gpt_oss": every(2),
    "granite_swa": every(4, at=0),
    "granitemoe_swa": every(4, at=0),
    "granitemoehybrid": all_of(LINEAR),
    "hy_v4": all_of(INDEXED),
    "hy_v4_vl_text": all_of(INDEXED),
    "inkling_text": inkling,
    "inkling2_text": inkling,
    "inkling2_loop_text": inkling,
    "jamba": every(8, "attn_layer_period", rest=LINEAR, at=None),
    "kimi_linear": cycle(FULL, LINEAR, LINEAR, LINEAR, start=(LINEAR,) * 4),
    "kolibri1": every(5),
    "laguna": all_of(FULL),
    "lara_mini": cycle(LINEAR, SLIDING, LINEAR, FULL, SLIDING),
    "lfm2": all_of(FULL),
    "lfm2_moe": all_of(FULL),
    "lfm3": cycle(SLIDING, CONV, FULL, CONV, start=(CONV, CONV, FULL, CONV)),
    "llama4_text": llama4,
    "mamba": all_of(LINEAR),
    "mamba2": all_of(LINEAR),
    "mellum": all_of(FULL),
    "mimo_v2_flash": every(6, first=1),
    "minimax": every(2, rest=LINEAR, at=0),
    "minimax_m3_vl_text": all_of(FULL),
    "mistral_large4_text": all_of(INDEXED),
    "modernbert-decoder": every(3, "global_attn_every_n_layers", at=0),
    "muse_glimmer_text": from_the_end(4),
    "muse_spark_text": from_the_end(4),
    "nemotron_h": cycle(LINEAR, "moe", FULL, "mlp"),
    "olmo3": every(4),
    "olmo_hybrid": every(4, rest=LINEAR),
    "qwen2_moe": qwen2_moe,
    "qwen3_5_moe_text": NEXT,
    "qwen3_5_text": NEXT,
    "qwen3_next": NEXT,
    "qwen4_exp_text": every(4, "full_attention_interval", of=INDEXED, rest=LINEAR),
    "recurrent_gemma": recurrent_gemma,
    "rwkv": all_of(LINEAR),
    "smollm3": smollm3,
    "step3p5": all_of(FULL),
    "t5_gemma_module": every(2),
    "t5gemma2_decoder": every(6, "sliding_window_pattern", "_sliding_window_pattern"),
    "unlimited_ocr_text": all_of("reference_sliding_attention"),
    "vaultgemma": every(2),
    "xlstm": all_of(LINEAR),
    "zamba": zamba,
    "zamba2": cycle(LINEAR, start=ZAMBA2 + (LINEAR,) * 3 + (HYBRID,)),
    "zaya": all_of(HYBRID),
}
