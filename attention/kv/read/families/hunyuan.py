"""Hunyuan."""

from attention.kv.layer import Layer
from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import INDEXED, all_of


def has_indexer(index: int) -> bool:
    """The first layer, and every fourth of the others."""
    return index == 0 or (index - 1) % 4 == 0


def gate(_fields: Fields, layer: Layer, d_model: int) -> int:
    """One number for each of V's (``HYV4Attention.gate_proj``)."""
    return d_model * layer.n_heads * layer.v_head_dim


FAMILIES = {
    "hy_v3": Family(dense_at_start=1, is_summed=True),
    "hy_v4": Family(
        layers=all_of(INDEXED), has_indexer=has_indexer, gate=gate, dense_at_start=1, is_summed=True
    ),
    "hy_v4_vl_text": Family(layers=all_of(INDEXED), has_indexer=has_indexer, dense_at_start=1),
}
