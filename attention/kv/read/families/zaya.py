"""Zaya: attention whose queries and keys are convolved, and whose values come half from before."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import HYBRID, all_of
from attention.kv.read.states import size
from attention.kv.shape import State


def states(fields: Fields) -> tuple[State, ...]:
    """Source: ``modeling_zaya.py`` of transformers 5.24, ``ZayaCCA``."""
    heads, kv_heads = size(fields, "num_attention_heads"), size(fields, "num_key_value_heads")
    head_dim = size(fields, "head_dim")
    first, second = size(fields, "cca_time0"), size(fields, "cca_time1")
    channels = (heads[1] + kv_heads[1]) * head_dim[1]
    columns = first[1] + second[1] - 2
    words = (
        f"({heads[0]} {heads[1]} + {kv_heads[0]} {kv_heads[1]}) · {head_dim[0]} {head_dim[1]} · "
        f"({first[0]} {first[1]} + {second[0]} {second[1]} − 2)"
    )
    delayed = kv_heads[1] * head_dim[1] // 2
    shift = f"{kv_heads[0]} {kv_heads[1]} · {head_dim[0]} {head_dim[1]} / 2"
    return (
        State(name="short convolution", shape=(channels, columns), formula=words),
        State(name="token shift", shape=(delayed,), formula=shift),
    )


FAMILIES = {"zaya": Family(layers=all_of(HYBRID), states=states)}
