"""Kimi Delta Attention in most layers, and Bailing's linear layers, which are counted alike."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.mixers import kimi_delta
from attention.kv.read.rules import FULL, LINEAR, cycle, every
from attention.kv.read.states import kimi
from attention.kv.shape import State


def bailing(fields: Fields) -> tuple[State, ...]:
    """As published, head_dim is the linear layers'; saved by transformers, it is the rotated part.

    Then ``linear_head_dim`` stands beside it (``configuration_bailing_hybrid.py``).
    """
    return kimi(fields, heads=("num_attention_heads",), head_dim=("linear_head_dim", "head_dim"))


FAMILIES = {
    "bailing_hybrid": Family(
        layers=every(6, "layer_group_size", rest=LINEAR),
        states=bailing,
    ),
    "kimi_linear": Family(
        layers=cycle(FULL, LINEAR, LINEAR, LINEAR, start=(LINEAR,) * 4),
        weights=kimi_delta,
        dense_at_start=1,
        is_summed=True,
    ),
}
ALIASES = {"kimi_k3": "kimi_linear"}
