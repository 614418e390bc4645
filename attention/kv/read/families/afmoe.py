"""AFMoE: attention with a gate."""

from attention.kv.layer import Layer
from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import every


def gate(_fields: Fields, layer: Layer, d_model: int) -> int:
    """One number for each of V's (``AfmoeAttention.gate_proj``)."""
    return d_model * layer.n_heads * layer.v_head_dim


FAMILIES = {
    "afmoe": Family(layers=every(4, "global_attn_every_n_layers"), gate=gate, is_summed=True),
}
