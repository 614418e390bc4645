"""A head, and the head that stands beside it: of another model, another layer, without an adapter.

Both read the same text. Where their tokens differ, those of both are merged to the units that both
have whole (:mod:`attention.text.aligned`): then two heads' weights can be compared one by one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from attention.models.base import Model
from attention.models.look import Look, Reading
from attention.text import aligned
from attention.text.pieces import Units

LIKE = ("likest", "same")  # head of the other: that is most like, or of the same number
COMPARED = ("tokens", "pieces", "words")  # by what


@dataclass(frozen=True, eq=False)
class Common:
    """One text as two models read it, in the same units.

    Args:
        one, other: as shown with ``raw=False``.
        shared: whether both have tokens of a unit, bool ``[n_units]``.
        by: of :data:`COMPARED`; "tokens" where both have the same.
    """

    one: Reading
    other: Reading
    shared: np.ndarray
    by: str


@dataclass(frozen=True)
class Like:
    """A head that stands beside another, and how alike they look at the text.

    Args:
        correlation: see :func:`likeness`; NaN where nothing varies.
    """

    layer: int
    head: int
    correlation: float


def common(one: Model, reading: Reading, other: Model, theirs: Reading, *, raw: bool) -> Common:
    """The text in units of both.

    Args:
        reading, theirs: of the one and the other.
        raw: tokens are wanted as they are, where both have the same.
    """
    read = [(one, reading), (other, theirs)]
    pieces = [] if theirs is reading else [model.token_bytes(each.ids) for model, each in read]
    if not pieces or pieces[0] == pieces[1]:
        units = reading.merged(raw)
        by = "words" if units is not None and reading.in_words else "tokens"
        same = [replace(each, words=units, in_words=True) for each in (reading, theirs)]
        return Common(same[0], same[1], np.ones(len(reading.shown(raw)), bool), by)
    in_words = reading.in_words and not raw
    sides = [
        aligned.Tokens(own, each.tokens, _starts(each, in_words))
        for own, each in zip(pieces, (reading, theirs), strict=True)
    ]
    common_units = aligned.align(*sides)
    return Common(
        replace(reading, words=common_units.one, in_words=True),
        replace(theirs, words=common_units.other, in_words=True),
        common_units.shared,
        "words" if in_words else "pieces",
    )


def _starts(reading: Reading, in_words: bool) -> np.ndarray:
    """Tokens that a unit may begin with: those of words, or of characters."""
    units: Units | None = (in_words and reading.words) or reading.units
    return np.arange(len(reading.ids) + 1) if units is None else units.starts


def head_beside(
    look: Look,
    layer: int,
    head: int,
    other: Look,
    shared: np.ndarray,
    *,
    like: str | int,
    its_layer: int | None = None,
    itself: bool = False,
) -> Like | None:
    """The head that is asked for; None where the other has no such.

    Args:
        look, layer, head: the one, in units of both; other: likewise.
        shared: see :class:`Common`.
        like: "likest", "same" or a number; see :data:`LIKE`.
        its_layer: look there alone. Left out, the likest is one of any layer, and another the one
            of the same layer.
        itself: it is the same model, so that the head is not its own like, and a head of the same
            number is one of the layer before (of the first, behind).
    """
    if like == "likest":
        layers = range(len(other.configs)) if its_layer is None else [its_layer]
    else:
        away = (-1 if layer else 1) if itself and like == "same" else 0
        layers = [layer + away if its_layer is None else its_layer]
    layers = [at for at in layers if at < len(other.configs)]
    found = [
        Like(at, number, float(value))
        for at, values in zip(layers, _alike(look, layer, head, other, layers, shared), strict=True)
        for number, value in enumerate(values)
        if like == "likest" or number == (head if like == "same" else like)
        if not (itself and like == "likest" and (at, number) == (layer, head))
    ]
    known = [each for each in found if not math.isnan(each.correlation)]
    if known:
        return max(known, key=lambda each: each.correlation)
    return min(found, key=lambda each: abs(each.layer - layer), default=None)


def _alike(
    look: Look, layer: int, head: int, other: Look, layers: Sequence[int], shared: np.ndarray
) -> list[np.ndarray]:
    # Both looks are in the same units, so that long ones are pooled alike.
    one, causal = look.layers[layer], look.configs[layer].causal
    tiles = [other.layers[at].tiles for at in layers]
    counted = shared if one.pool == 1 else None
    return [
        values
        for at, each in zip(layers, tiles, strict=True)
        for values in likeness(
            one.tiles[head], [each], causal=causal and other.configs[at].causal, counted=counted
        )
    ]


def likeness(
    one: np.ndarray,
    others: Sequence[np.ndarray],
    *,
    causal: bool,
    counted: np.ndarray | None = None,
) -> list[np.ndarray]:
    """How alike heads look at one text: Pearson's correlation of their weights.

    Only weights that could differ count: no key that the mask hides, and no query that sees one
    key alone.

    Args:
        one: ``[n, n]``, the weights of a head.
        others: a layer each, ``[n_heads, n, n]``.
        causal: both masks hide what comes later.
        counted: the queries and keys that count, bool ``[n]``; left out, all.

    Returns:
        A layer each, float64 ``[n_heads]``, -1 to 1; NaN where the weights of either do not vary.
    """
    among = np.arange(len(one)) if counted is None else np.flatnonzero(counted)
    n = len(among)
    rows, keys = np.tril_indices(n) if causal else np.indices((n, n)).reshape(2, -1)
    several = (rows > 0) | (not causal)
    rows, keys = among[rows[several]], among[keys[several]]
    mine = _centred(one[rows, keys][None])[0]
    found = []
    for layer in others:
        theirs = _centred(layer[:, rows, keys])
        norms = np.linalg.norm(theirs, axis=1) * np.linalg.norm(mine)
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(np.where(norms > 0, theirs @ mine / norms, np.nan))
    return found


def _centred(values: np.ndarray) -> np.ndarray:
    if not values.size:
        return values.astype(np.float64)
    return values.astype(np.float64) - values.mean(axis=-1, keepdims=True, dtype=np.float64)
