"""Mamba, alone and beside attention."""

from attention.kv.read import mixers
from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import FULL, LINEAR, all_of, cycle, every
from attention.kv.read.states import mamba2
from attention.kv.shape import State


def plain_mamba2(fields: Fields) -> tuple[State, ...]:
    """Without attention, heads are its own: their fields have no ``mamba_`` before them."""
    return mamba2(fields, heads=("num_heads",), head_dim=("head_dim",))


FAMILIES = {
    "bamba": Family(layers=all_of(LINEAR), weights=mixers.mamba2, is_summed=True),
    "jamba": Family(
        layers=every(8, "attn_layer_period", rest=LINEAR, at=None),
        weights=mixers.mamba1,
        is_summed=True,
    ),
    "mamba": Family(layers=all_of(LINEAR), weights=mixers.mamba1_alone, is_summed=True),
    "mamba2": Family(layers=all_of(LINEAR), states=plain_mamba2),
    "nemotron_h": Family(
        layers=cycle(LINEAR, "moe", FULL, "mlp"),
        layers_alone_count=True,
        matrices=2,
        weights=mixers.nemotron,
        is_summed=True,
    ),
}
