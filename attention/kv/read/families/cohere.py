"""Cohere's Command."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import FULL, all_of, every


def cohere2_moe(fields: Fields, n_layers: int) -> list[str]:
    """The dense layers at the start have a pattern of their own."""
    dense = fields.number("dense layers", "first_k_dense_replace", least=0) or 0
    dense = min(dense, n_layers)
    start = every(1, "prefix_dense_sliding_window_pattern")(fields, dense)
    return start + every(4, "sliding_window_pattern")(fields, n_layers - dense)


FAMILIES = {
    "cohere": Family(is_summed=True),
    "cohere2": Family(layers=every(4, "sliding_window_pattern"), is_summed=True),
    "cohere2_moe": Family(layers=cohere2_moe, is_summed=True),
    "cohere_compass_text": Family(layers=all_of(FULL), derives_head_dim=True),
}
