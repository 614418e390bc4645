"""GPT-2 and its time: a feed-forward of two matrices, mostly four times as wide as the model."""

from attention.kv.checks import shortened
from attention.kv.layer import Layer
from attention.kv.read.family import Family, Sizes
from attention.kv.read.fields import Fields
from attention.kv.read.heads import ONE_HEAD, all_heads
from attention.kv.read.rules import FULL, every
from attention.sentence import Sentence


def bigcode_kv_heads(fields: Fields, n_heads: int) -> int:
    """``multi_query`` alone decides."""
    if fields.flag("multi_query"):
        fields.origins["n_kv_heads"] = ONE_HEAD
        return 1
    return all_heads(fields, n_heads)


def gpt_neo(fields: Fields, n_layers: int) -> list[str]:
    """Local layers mask what is far, and keep it all the same (``modeling_gpt_neo.py``)."""
    tokens = fields.value("window_size")[0] or 256
    fields.assume(
        Sentence(
            "Its local layers look back {tokens} tokens, but keep every token's keys.",
            tokens=shortened(tokens),
        )
    )
    return [FULL] * n_layers


def oss_biases(_fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Every linear layer of gpt-oss has biases, those of the experts 0.1 % of its weights."""
    ends = ("q_proj", "k_proj", "v_proj", "o_proj")
    attention = sum(sizes[f"self_attn.{end}"][0] for end in ends) + layer.n_heads  # and sinks
    found: Sizes = {**sizes, "self_attn.biases": (attention, 1)}
    if "mlp.experts.up_proj" in sizes:
        width, _, copies = sizes["mlp.experts.up_proj"]
        found["mlp.experts.biases"] = (2 * width + d_model, 1, copies)
    return found


FOUR_TIMES = Family(matrices=2, width_factor=4, is_summed=True)
TWO_MATRICES = Family(matrices=2, is_summed=True)

FAMILIES = {
    "bloom": FOUR_TIMES,
    "gpt2": FOUR_TIMES,
    "gpt_bigcode": Family(n_kv_heads=bigcode_kv_heads, matrices=2, width_factor=4, is_summed=True),
    "gpt_neo": Family(layers=gpt_neo, matrices=2, width_factor=4, is_summed=True),
    "gpt_neox": TWO_MATRICES,
    "gpt_oss": Family(layers=every(2), weights=oss_biases, is_summed=True),
    "gptj": FOUR_TIMES,
    "mpt": FOUR_TIMES,
    "opt": TWO_MATRICES,
    "starcoder2": TWO_MATRICES,
}
