"""What a head looks at, in numbers: one file a score, used on weights that stream by or lie whole.

A file that is put here is known: its class registers itself, and every survey, table, tile and
card takes it from :data:`SCORES`; what is taken of made texts alone is only in :data:`ALL`. Its
words are in the locale files, under ``role.<its role>``.
"""

import importlib
import pkgutil
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import torch

from attention.scores.base import KNOWN, MOSTLY, Layer, Pairs, Rows, Score, SurveyError

__all__ = (
    "ALL", "MOSTLY", "SCORES", "HeadScores", "Layer", "Pairs", "Rows", "Score", "SurveyError",
    "by_head", "occasions", "of_weights", "strongest", "told",
)  # fmt: skip

for _found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_found.name}")

#: Every score, in the order of their ranks.
ALL: tuple[type[Score], ...] = tuple(sorted(KNOWN.values(), key=lambda kind: kind.rank))
#: Those that are taken of every text.
SCORES: tuple[type[Score], ...] = tuple(kind for kind in ALL if kind.shown)

HeadScores = Mapping[str, float | None]  # of one head, by the scores' names


def of_weights(
    weights: np.ndarray,
    ids: Sequence[int],
    causal: bool,
    pairs: Pairs | None = None,
    *,
    kinds: Sequence[type[Score]] = SCORES,
    across: bool = False,
) -> tuple[HeadScores, ...]:
    """Every score of every head, out of weights that are held whole.

    Args:
        weights: ``[n_heads, n, n_keys]``, query, then key; each row sums to 1. As many keys as
            queries, unless they are of another text.
        ids: the tokens, as many as queries.
        pairs: ``(query, key)`` for agreement; None where the text's dependencies are not known.
        kinds: which scores.
        across: the keys are another text's; only scores that know no places are taken.

    Raises:
        SurveyError: ids or pairs do not fit the weights.
    """
    n_heads, n, n_keys = weights.shape
    if len(ids) != n:
        raise SurveyError("{n_ids} ids do not fit weights over {n} tokens.", n_ids=len(ids), n=n)
    layer = Layer(
        n_heads=n_heads,
        codes=codes_of(ids),
        causal=causal,
        pairs=checked(pairs, n),
        n_keys=n_keys if across else None,
    )
    given = torch.from_numpy(np.ascontiguousarray(weights, dtype=np.float32))
    rows = Rows(
        weights=given,
        entropy=torch.special.entr(given).sum(-1),
        heads=slice(0, n_heads),
        queries=slice(0, n),
        keys=slice(0, n_keys),
    )
    scores = [kind(layer) for kind in kinds if kind.across or not across]
    for score in scores:
        score.take(rows)
    return by_head(scores, n_heads)


def occasions(
    ids: Sequence[int], causal: bool, pairs: Pairs | None = None, parts: Collection[int] = ()
) -> Mapping[str, int]:
    """On how many independent places of a text each score is taken.

    Args:
        ids, causal, pairs: as for :func:`of_weights`.
        parts: positions of tokens that are pieces of one character. They come again wherever its
            script does, which says nothing of words: each counts as a token of its own.

    Returns:
        By the score's name; 0 where they are fewer than :attr:`Score.least`: no real occasion.

    Raises:
        SurveyError: pairs do not fit the text.
    """
    apart = [("part", at) if at in parts else ("token", id_) for at, id_ in enumerate(ids)]
    codes: dict[tuple[str, int], int] = {}
    numbers = [codes.setdefault(each, len(codes)) for each in apart]
    layer = Layer(
        n_heads=1,
        codes=torch.from_numpy(np.array(numbers, dtype=np.int32)),
        causal=causal,
        pairs=checked(pairs, len(numbers)),
    )
    places = {kind.name: (kind.least, kind.places(layer)) for kind in SCORES}
    return {name: n if n >= least else 0 for name, (least, n) in places.items()}


def told(scores: HeadScores, places: Mapping[str, int]) -> HeadScores:
    """The scores of a head for which there was a real occasion, see :func:`occasions`; the others
    are None."""
    return {name: value if places[name] else None for name, value in scores.items()}


def by_head(scores: Sequence[Score], n_heads: int) -> tuple[HeadScores, ...]:
    """What the scores found, head by head."""
    values = [score.value() for score in scores]
    columns = [[None] * n_heads if value is None else value.tolist() for value in values]
    names = [score.name for score in scores]
    return tuple(dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))


def strongest(scores: HeadScores) -> tuple[str, float]:
    """What a head mostly does, and how much: the few words on its tile.

    Returns:
        ``("spread", spread)`` where no place stands out; else the largest of the others if it is
        clear, the first of equals; else ``("mixed", that largest)``.
    """
    taken = [(kind, value) for kind in SCORES if (value := scores.get(kind.name)) is not None]
    for kind, value in taken:
        if kind.decides and value >= kind.clear:
            return kind.name, value
    places = [(kind, value) for kind, value in taken if not kind.decides]
    if not places:
        return "mixed", 0.0
    kind, value = max(places, key=lambda each: each[1])
    return (kind.name if value >= kind.clear else "mixed"), value


def codes_of(ids: Sequence[int]) -> torch.Tensor:
    """int32 ``[n]``: small numbers, equal where the ids are."""
    return torch.from_numpy(np.unique(np.asarray(ids), return_inverse=True)[1].astype(np.int32))


def checked(pairs: Pairs | None, n: int) -> np.ndarray:
    """``[n_pairs, 2]``.

    Raises:
        SurveyError: a position is none of the text's.
    """
    if not pairs:
        return np.empty((0, 2), dtype=int)
    places = np.asarray(pairs)
    if places.min() < 0 or places.max() >= n:
        raise SurveyError("pairs {pairs} leave the {n} tokens.", pairs=list(pairs), n=n)
    return places
