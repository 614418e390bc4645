"""Layers that are passed more than once: every pass writes a cache of its own."""

from attention.kv.checks import LARGEST_LAYERS, ShapeError, require_number
from attention.kv.read.decoder import DecoderFields
from attention.kv.shape import Layer
from attention.sentence import Sentence


def repeat(fields: DecoderFields, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers, and behind them those of the further passes, as transformers appends them.

    Raises:
        ShapeError: a loop over layers that are not there.
    """
    if fields.family.loop is None:
        return layers
    start, end, passes = fields.family.loop(fields, len(layers))
    if passes == 1:
        return layers
    if not 0 <= start <= end <= len(layers):
        raise ShapeError(
            "the config loops over layers {start} to {end}, but there are {n_layers}.",
            start=start,
            end=end,
            n_layers=len(layers),
        )
    if end > start:
        require_number("n_layers", len(layers) + (passes - 1) * (end - start), most=LARGEST_LAYERS)
        fields.assume(
            Sentence(
                "Layers {start} to {end} are passed {passes} times, and every pass keeps a cache "
                "of its own: counted as layers.",
                start=start,
                end=end - 1,
                passes=passes,
            )
        )
    return layers + layers[start:end] * (passes - 1)
