"""LFM: short convolutions, and attention in a few layers."""

from attention.kv.layer import Layer
from attention.kv.read.family import Family, Sizes
from attention.kv.read.fields import Fields
from attention.kv.read.matrices import gated
from attention.kv.read.mixers import short_conv
from attention.kv.read.names import NAMES
from attention.kv.read.rules import CONV, FULL, SLIDING, all_of, cycle


def weights(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """A feed-forward of two thirds of the width that the config says, rounded up (``Lfm2MLP``)."""
    width = fields.size(*NAMES["feed_forward"]) or 0
    if fields.flag("block_auto_adjust_ff_dim"):
        factor = fields.value("block_ffn_dim_multiplier")[0]
        width = int((factor if isinstance(factor, int | float) else 1) * int(2 * width / 3))
        step = fields.size("block_multiple_of") or 1
        width = -(-width // step) * step
    return short_conv(fields, layer, d_model, {**sizes, **gated("mlp", d_model, width)})


FAMILIES = {
    "lfm2": Family(layers=all_of(FULL), weights=weights, is_summed=True),
    "lfm2_moe": Family(layers=all_of(FULL), weights=short_conv, is_summed=True),
    "lfm3": Family(layers=cycle(SLIDING, CONV, FULL, CONV, start=(CONV, CONV, FULL, CONV))),
}
