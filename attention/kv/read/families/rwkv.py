"""RWKV and xLSTM: recurrent in every layer."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import LINEAR, all_of
from attention.kv.read.states import recurrent, size
from attention.kv.shape import State


def rwkv(fields: Fields) -> tuple[State, ...]:
    """RWKV-4: the last token of both mixes, and numerator, denominator and maximum."""
    width = size(fields, "hidden_size")
    inner = size(fields, "attention_hidden_size", "hidden_size")
    shift = State(name="token shift", shape=(2, width[1]), formula=f"2 · {width[0]} {width[1]}")
    return (shift, recurrent([("numerator, denominator, maximum", 3), inner]))


FAMILIES = {
    "rwkv": Family(layers=all_of(LINEAR), states=rwkv),
    "xlstm": Family(layers=all_of(LINEAR)),
}
