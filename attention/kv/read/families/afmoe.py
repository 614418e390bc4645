"""AFMoE: attention with a gate."""

from attention.kv.read.family import Family
from attention.kv.read.mixers import value_gate
from attention.kv.read.rules import every

FAMILIES = {
    "afmoe": Family(
        layers=every(4, "global_attn_every_n_layers"), weights=value_gate, is_summed=True
    ),
}
