"""RWKV and xLSTM: recurrent in every layer."""

from attention.kv.layer import Layer
from attention.kv.read.family import Family, Sizes
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


def rwkv_weights(fields: Fields, _layer: Layer, d_model: int, _sizes: Sizes) -> Sizes:
    """Keys, values and receptance of both mixes, and what leads out (``RwkvBlock``)."""
    inner = fields.size("attention_hidden_size") or d_model
    width = fields.size("intermediate_size") or 4 * d_model
    mixing = {f"self_attn.{name}": (inner, d_model) for name in ("key", "value", "receptance")}
    return {
        **mixing,
        "self_attn.output": (d_model, inner),
        "mlp.key": (width, d_model),
        "mlp.receptance": (d_model, d_model),
        "mlp.value": (d_model, width),
        "norms": (4 * d_model, 1),
        "vectors": (2 * inner + 5 * d_model, 1),
    }


FAMILIES = {
    "rwkv": Family(
        layers=all_of(LINEAR),
        states=rwkv,
        weights=rwkv_weights,
        width_factor=4,
        is_summed=True,
    ),
    "xlstm": Family(layers=all_of(LINEAR)),
}
