"""The abrupt change of a training: where a head's score rises fastest. Pure; no Streamlit here."""

from dataclasses import dataclass

import numpy as np

ABRUPT = 0.3  # a score that rises by this from one checkpoint to the next


@dataclass(frozen=True)
class Rise:
    """A head's score from one checkpoint to the next.

    Args:
        at: index of the later checkpoint.
    """

    at: int
    layer: int
    head: int
    before: float
    after: float

    @property
    def size(self) -> float:
        return self.after - self.before

    @property
    def is_abrupt(self) -> bool:
        return self.size >= ABRUPT


@dataclass(frozen=True)
class Most:
    """The largest score of all heads at all checkpoints."""

    at: int
    layer: int
    head: int
    score: float


def fastest_rise(scores: np.ndarray) -> Rise:
    """The largest rise between two neighbouring checkpoints; the first of several.

    Args:
        scores: ``[n, n_layers, n_heads]``, of at least two checkpoints.
    """
    rises = np.diff(scores.astype(np.float64), axis=0)  # [n - 1, n_layers, n_heads]
    at, layer, head = _place(rises)
    before, after = (float(scores[index, layer, head]) for index in (at, at + 1))
    return Rise(at + 1, layer, head, before, after)


def most(scores: np.ndarray) -> Most:
    """The largest score; the first of several."""
    at, layer, head = _place(scores)
    return Most(at, layer, head, float(scores[at, layer, head]))


def _place(values: np.ndarray) -> tuple[int, int, int]:
    at, layer, head = np.unravel_index(int(np.argmax(values)), values.shape)
    return int(at), int(layer), int(head)
