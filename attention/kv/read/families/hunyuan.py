"""Hunyuan."""

from attention.kv.read.family import Family
from attention.kv.read.mixers import value_gate
from attention.kv.read.rules import INDEXED, all_of


def has_indexer(index: int) -> bool:
    """The first layer, and every fourth of the others."""
    return index == 0 or (index - 1) % 4 == 0


FAMILIES = {
    "hy_v3": Family(dense_at_start=1, is_summed=True),
    "hy_v4": Family(
        layers=all_of(INDEXED),
        has_indexer=has_indexer,
        weights=value_gate,
        dense_at_start=1,
        is_summed=True,
    ),
    "hy_v4_vl_text": Family(layers=all_of(INDEXED), has_indexer=has_indexer, dense_at_start=1),
}
