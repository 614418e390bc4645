"""Zamba: attention over the stream and the embedding side by side, in a few hybrid layers."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import HYBRID, LINEAR, cycle, every
from attention.kv.read.states import convolution, divided, inner, recurrent, size
from attention.kv.shape import State

ZAMBA2 = (LINEAR,) + ((LINEAR,) * 5 + (HYBRID,)) * 7 + (LINEAR,) * 4 + (HYBRID,)


def zamba(fields: Fields, n_layers: int) -> list[str]:
    """Three layers at the start, then one hybrid in each period."""
    rest = every(6, "attn_layer_period", of=HYBRID, rest=LINEAR, at=None)
    return [LINEAR, LINEAR, HYBRID, *rest(fields, max(0, n_layers - 3))][:n_layers]


def states(fields: Fields) -> tuple[State, ...]:
    """Mamba whose inner channels are split into heads."""
    channels, words = inner(fields)
    heads = size(fields, "n_mamba_heads")
    numbers = size(fields, "mamba_d_state")
    per_head = divided("the inner width", channels, heads)
    kept = recurrent([heads, ("channels of a head", per_head), numbers])
    return (*convolution(channels, size(fields, "mamba_d_conv"), words), kept)


FAMILIES = {
    "zamba": Family(layers=zamba, states=states, attention_widths=2),
    "zamba2": Family(
        layers=cycle(LINEAR, start=ZAMBA2 + (LINEAR,) * 3 + (HYBRID,)),
        derives_head_dim=True,
        attention_widths=2,
    ),
}
