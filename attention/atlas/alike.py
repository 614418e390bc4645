"""Heads alike: those whose scores lie closest together, in one model or in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from attention.atlas.heads import Atlas

#: Where two heads that have nothing to do with each other lie: the difference of two independent
#: scores, each of spread 1, has a spread of √2.
UNRELATED = 2**0.5


@dataclass(frozen=True)
class Like:
    """A head, and how far it is from the one that is asked for.

    Args:
        distance: of all scores on made texts, each in standard deviations over all heads: the root
            of the mean squared difference. 0: the same; :data:`UNRELATED`: nothing in common.
    """

    layer: int
    head: int
    distance: float


def likest(
    atlas: Atlas, layer: int, head: int, other: Atlas | None = None, *, count: int = 1
) -> tuple[Like, ...]:
    """The ``count`` heads most like one, the likest first.

    Args:
        other: look there; None: in the same model, without the head itself.

    Raises:
        IndexError: the atlas has no such head.
    """
    there = atlas if other is None else other
    shared = sorted(_names(atlas) & _names(there))
    ours, theirs = _values(atlas, shared), _values(there, shared)  # [all heads, scores]
    spread = (ours if other is None else np.concatenate((ours, theirs))).std(0)
    varies = spread > 0
    own = _values(atlas, shared, (atlas.heads[layer][head],))[:, varies]
    differences = (theirs[:, varies] - own) / spread[varies]
    distances = np.sqrt((differences**2).mean(1)) if varies.any() else np.zeros(len(theirs))
    places = [(at, n) for at, row in enumerate(there.heads) for n in range(len(row))]
    found = [
        Like(*place, float(distances[at]))
        for at, place in enumerate(places)
        if other is not None or place != (layer, head)
    ]
    return tuple(sorted(found, key=lambda like: like.distance)[:count])


def _names(atlas: Atlas) -> set[str]:
    return set(atlas.heads[0][0].scores)


def _values(atlas: Atlas, names: Sequence[str], heads: Sequence | None = None) -> np.ndarray:
    every = [head for row in atlas.heads for head in row] if heads is None else heads
    return np.array([[head.scores[name].value for name in names] for head in every], float)
