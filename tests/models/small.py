"""Small random models of any class of transformers, out of a default config that is cut to size."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import torch
import transformers
from transformers import PreTrainedConfig
from transformers.initialization import no_init_weights

from tests.models import tiny, tiny_pictures

MOST_NUMBERS = 100_000_000
WIDE = 48
SIZES: dict[str, Any] = {
    **dict.fromkeys(("hidden_size", "n_embd", "d_model", "emb_dim", "dim", "embed_dim"), WIDE),
    **dict.fromkeys(("word_embed_proj_dim", "lru_width", "projection_dim", "hc_lowrank"), WIDE),
    **dict.fromkeys(("intermediate_size", "ffn_dim", "d_ff", "n_inner", "hidden_dim"), 64),
    **dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim", "d_inner", "dff"), 64),
    **dict.fromkeys(("intermediate_size_mlp", "shared_expert_intermediate_size"), 64),
    **dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers", "depth"), 4),
    **dict.fromkeys(("encoder_layers", "decoder_layers", "num_decoder_layers"), 4),
    **dict.fromkeys(("num_encoder_layers", "num_attention_heads", "n_head", "n_heads"), 4),
    **dict.fromkeys(("attention_heads", "encoder_attention_heads", "decoder_attention_heads"), 4),
    **dict.fromkeys(("num_heads", "num_encoder_attention_heads"), 4),
    "num_decoder_attention_heads": 4,
    **dict.fromkeys(("num_experts", "num_local_experts", "n_routed_experts"), 4),
    **dict.fromkeys(("num_experts_per_tok", "moe_topk", "moe_k", "top_k_experts"), 2),
    **dict.fromkeys(("moe_intermediate_size", "expert_ffn_hidden_size"), 16),
    **dict.fromkeys(("n_group", "topk_group", "n_shared_experts"), 1),
    **dict.fromkeys(("q_lora_rank", "kv_lora_rank", "mamba_dt_rank"), 16),
    **dict.fromkeys(("qk_rope_head_dim", "qk_nope_head_dim", "mamba_d_state"), 8),
    **dict.fromkeys(("linear_num_value_heads", "linear_num_key_heads", "linear_num_heads"), 2),
    **dict.fromkeys(("linear_key_head_dim", "linear_value_head_dim", "linear_head_dim"), 8),
    **dict.fromkeys(("max_position_embeddings", "n_positions", "max_seq_len", "n_ctx"), 256),
    **dict.fromkeys(("pad_token_id", "bos_token_id", "eos_token_id"), 0),
    "vocab_size_per_layer_input": tiny.VOCAB, "hidden_size_per_layer_input": 8,
    "num_kv_shared_layers": 0, "global_head_dim": 16, "rotary_dim": 8, "num_key_value_heads": 2,
    "head_dim": 12, "v_head_dim": 12, "vocab_size": tiny.VOCAB, "decoder_start_token_id": 0,
    "layer_types": None, "mlp_layer_types": None, "use_mamba_kernels": False,
    "entity_vocab_size": 10, "entity_emb_size": 16, "ffn_hidden_size": 64,
    "out_hidden_size": WIDE, "text_hidden_size": WIDE, "codebook_dim": WIDE,
    "image_size": 32, "patch_size": 8,
    "index_head_dim": 8, "index_n_heads": 2, "index_topk": 6,
}  # fmt: skip
#: Ways to cut a config, one after the other until a model runs: fields that are left as they are;
#: "mixed" and "alike" as :func:`_changes` has them.
KEPT: tuple[tuple[str, ...], ...] = (
    (), ("mixed",), ("alike",), ("mixed", "alike"), ("head_dim",), ("num_key_value_heads",),
    ("num_key_value_heads", "head_dim"), ("layer_types", "num_hidden_layers"),
    ("q_lora_rank", "head_dim"),
)  # fmt: skip
LATENT = {"num_key_value_heads": 4, "head_dim": 8}  # RoPE's numbers of a latent key
TYPES = ["sliding_attention", "full_attention"] * 2
#: What the configs of some model types must say beside that, and what is left as it is (…).
OWN: dict[str, dict[str, Any]] = {
    "axk1": LATENT,
    "deepseek_v3": LATENT,
    "chameleon": {"vocabulary_map": {"<image>": 5}},
    "emu3": {"vocabulary_map": {"<image>": 5}},
    "youtu": LATENT,
    "longcat_flash": LATENT,
    "mamba2": {"num_heads": 8, "head_dim": 12, "n_groups": 1, "state_size": 8},
    "zaya": {"num_experts_per_tok": 1},
    "mobilebert": {"embedding_size": 24, "intra_bottleneck_size": 24},
    "squeezebert": {"embedding_size": WIDE},
    "reformer": {"axial_pos_shape": [16, 16], "axial_pos_embds_dim": [16, 32]},
    "perceiver": {"d_latents": WIDE, "num_latents": 8, "num_self_attends_per_block": 2},
    "blt": {"encoder_hash_byte_group_vocab": 500},
    "xmod": {"default_language": "en_XX"},
    "dbrx": {"attn_config": {"kv_n_heads": 2, "rope_theta": 10000.0, "clip_qkv": 8.0}},
    "gemma4_text": {"hidden_size_per_layer_input": 0},
    "ernie4_5_vl_moe_text": {"moe_intermediate_size": [16, 16]},
    "florence_vision": {"embed_dim": ..., "hidden_size": ..., "num_heads": ...},
    "qwen4_exp_text": {
        "indexer_n_heads": 2, "indexer_kv_heads": 1, "indexer_head_dim": 12, "indexer_budget": 8,
        "indexer_compress_ratio": 2, "layer_types": None,
    },
}  # fmt: skip


def ways(name: str) -> Iterator[Callable[[], transformers.PreTrainedModel]]:
    """Ways to make a small model: as other tests do, or with a config cut to size. What would be
    cut as before is not made again."""
    known = [key for key, (each, _) in tiny.EVERY.items() if each == name]
    yield from (partial(tiny.make_model, key) for key in known[:1])
    pictures = [key for key, row in tiny_pictures.PICTURES.items() if row[0] == name]
    yield from (partial(tiny_pictures.make_model, key) for key in pictures[:1])
    seen: list[dict[str, Any]] = []
    for kept in KEPT:
        try:
            cut = _as_dict(_changes(_default(name), kept))
        except Exception:  # it has no default, or wants a package that is not here
            continue
        if cut not in seen:
            seen.append(cut)
            yield partial(make, name, kept)


def first(name: str) -> transformers.PreTrainedModel:
    """The first that runs.

    Raises:
        LookupError: none does.
    """
    for make in ways(name):
        try:
            model = make()
            with torch.inference_mode():
                model(input_ids=torch.arange(100, 108)[None])
        except Exception:
            continue
        return model
    raise LookupError(name)


def make(name: str, kept: tuple[str, ...] = ()) -> transformers.PreTrainedModel:
    """A small random model of a class, in eval mode.

    Raises:
        ValueError: it is not small.
    """
    kind = getattr(transformers, name)
    config = kind.config_class(**_changes(_default(name), kept))
    with torch.device("meta"), no_init_weights():
        size = sum(weight.numel() for weight in kind(config).parameters())
    if size > MOST_NUMBERS:
        raise ValueError(f"{name} has {size:,} numbers")
    torch.manual_seed(0)
    return kind(config).eval()


@cache
def _default(name: str) -> PreTrainedConfig:
    """The config of a class as it is without a word; nothing changes it."""
    return getattr(transformers, name).config_class()


def _changes(config: PreTrainedConfig, kept: tuple[str, ...]) -> dict[str, Any]:
    kind = type(config)
    known = {*config.to_dict(), *getattr(kind, "attribute_map", {})}
    changes = {key: value for key, value in SIZES.items() if key in known and key not in kept}
    if "layer_types" in known and "mixed" in kept:  # not all linear, where few layers were left
        changes["layer_types"] = tiny.EVERY_OTHER
    if "num_key_value_heads" in known and "alike" in kept:  # as many as heads (MLA)
        changes["num_key_value_heads"] = 4
    changes |= _rope(config, changes)
    for key in getattr(kind, "sub_configs", {}):
        part = getattr(config, key, None)
        if isinstance(part, PreTrainedConfig):
            changes[key] = type(part)(**_changes(part, kept))
    changes |= OWN.get(kind.model_type, {})
    return {key: value for key, value in changes.items() if value is not ...}


def _as_dict(changes: dict[str, Any]) -> dict[str, Any]:
    """What can be compared: two configs cannot, where layers differ."""
    return {
        key: value.to_dict() if isinstance(value, PreTrainedConfig) else value
        for key, value in changes.items()
    }


def _rope(config: PreTrainedConfig, changes: dict[str, Any]) -> dict[str, Any]:
    """Time, height and width share the pairs of a head that is rotated (M-RoPE)."""
    if "mrope_section" not in (getattr(config, "ignore_keys_at_rope_validation", None) or ()):
        return {}
    rope = config.rope_parameters or {}
    if any(isinstance(of_kind, dict) for of_kind in rope.values()):
        return {}
    rotated = changes.get("qk_rope_head_dim", changes.get("head_dim", 12))
    pairs = int(rotated * rope.get("partial_rotary_factor", 1)) // 2
    section = [pairs - 2 * (pairs // 3), pairs // 3, pairs // 3]
    return {"rope_parameters": rope | {"mrope_section": section}}
