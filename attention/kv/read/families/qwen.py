"""Qwen: windows that are mostly off, and delta nets with attention in every fourth layer."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.mixers import biases, delta_net
from attention.kv.read.rules import FULL, INDEXED, LINEAR, SLIDING, every, full_is_indexed


def qwen2_moe(fields: Fields, n_layers: int) -> list[str]:
    """Windows in every other layer below ``max_window_layers``, and only if they are on."""
    if not fields.flag("use_sliding_window"):
        return [FULL] * n_layers
    below = fields.number("max_window_layers", "max_window_layers", least=0) or 0
    return [FULL if i % 2 or i >= below else SLIDING for i in range(n_layers)]


DENSE_2 = Family(weights=biases, is_summed=True)
NEXT = Family(
    layers=every(4, "full_attention_interval", rest=LINEAR), weights=delta_net, is_summed=True
)

FAMILIES = {
    "qwen2": DENSE_2,
    "qwen2_vl_text": DENSE_2,
    "qwen2_5_vl_text": DENSE_2,
    "qwen2_moe": Family(layers=qwen2_moe, weights=biases, is_summed=True),
    "qwen3": Family(is_summed=True),
    "qwen3_moe": Family(is_summed=True),
    "qwen3_5_moe_text": NEXT,
    "qwen3_5_text": NEXT,
    "qwen3_next": NEXT,
    "qwen3_vl_moe_text": Family(is_summed=True),
    "qwen3_vl_text": Family(is_summed=True),
    "qwen4_exp_text": Family(
        layers=every(4, "full_attention_interval", of=INDEXED, rest=LINEAR),
        listed=full_is_indexed,
    ),
}
