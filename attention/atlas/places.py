"""Scores of any text: where a head looks, whatever is said there."""

import numpy as np

from attention.atlas.passes import Pass
from attention.atlas.taken import Taken
from attention.atlas.texts import Text
from attention.scores import ALL, codes_of, of_weights
from attention.scores.base import Layer, Score
from attention.scores.distance import Distance

KINDS: tuple[type[Score], ...] = (*(kind for kind in ALL if kind.from_text), Distance)


def take(looks: Pass, text: Text, causal: bool) -> dict[str, Taken]:
    """Every score that this text gives occasion for, and ``output_norm``."""
    found = _scores(looks.weights.numpy(), text, causal)
    even = _scores(even_weights(len(text.ids), causal), text, causal)
    layer = Layer(
        n_heads=1, codes=codes_of(text.ids), causal=causal, pairs=np.empty((0, 2), dtype=int)
    )
    taken = {}
    for kind in KINDS:
        n, name = kind.places(layer), kind.name
        if n >= kind.least and name in found:
            taken[name] = Taken(found[name], float(even[name][0]), n)
    if looks.written is not None:
        taken["output_norm"] = Taken(looks.written.double().numpy(), 1.0, len(text.ids))
    return taken


def even_weights(n: int, causal: bool) -> np.ndarray:
    """A head that gives every token the same, ``[1, n, n]``."""
    weights = np.ones((1, n, n), np.float32)
    weights = np.tril(weights) if causal else weights
    return weights / weights.sum(-1, keepdims=True)


def _scores(weights: np.ndarray, text: Text, causal: bool) -> dict[str, np.ndarray]:
    """``[all heads]`` of each score that the text gives occasion for."""
    heads = of_weights(weights, text.ids, causal, kinds=KINDS)
    given = [name for name, value in heads[0].items() if value is not None]
    return {name: np.array([head[name] for head in heads], float) for name in given}
