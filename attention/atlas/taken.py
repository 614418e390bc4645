"""What one text says of every head, and many texts together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Taken:
    """One score on one text.

    Args:
        values: ``[all heads]``.
        chance: ``[all heads]`` or one number: what a head gets that knows nothing of the text.
        n: places of the text that it was taken on.
        offsets: where a word has to be found, of each place how far it is: the best fixed offset is
            chance, too, if that finds more.
    """

    values: np.ndarray
    chance: np.ndarray | float
    n: int
    offsets: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Score:
    """One score of every head over all texts.

    Args:
        values, chance: ``[all heads]``.
        spread: the standard deviation over the seeds, or over ordinary texts; None of one alone.
        n: places in all.
    """

    values: np.ndarray
    spread: np.ndarray | None
    chance: np.ndarray
    n: int


Texts = Sequence[Mapping[str, Taken]]  # of one seed


def together(seeds: Sequence[Texts]) -> dict[str, Score]:
    """Each score's mean over the seeds, of which each is the mean over its texts' places."""
    names = dict.fromkeys(name for texts in seeds for text in texts for name in text)
    return {name: _score([_of_name(texts, name) for texts in seeds]) for name in names}


def _of_name(texts: Texts, name: str) -> list[Taken]:
    return [text[name] for text in texts if name in text]


def _score(seeds: Sequence[Sequence[Taken]]) -> Score:
    seeds = [texts for texts in seeds if texts]
    means = np.array([_mean([each.values for each in texts], texts) for texts in seeds])
    every = [each for texts in seeds for each in texts]
    offsets = [offset for each in every for offset in each.offsets]
    chance = _mean([each.chance for each in every], every)
    if offsets:
        chance = np.maximum(chance, best_offset(offsets)[1])
    return Score(
        values=means.mean(0),
        spread=means.std(0, ddof=1) if len(means) > 1 else None,
        chance=np.broadcast_to(chance, means[0].shape),
        n=sum(each.n for each in every),
    )


def _mean(values: Sequence[np.ndarray | float], taken: Sequence[Taken]) -> np.ndarray:
    """By places."""
    return np.average(np.array(values, float), axis=0, weights=[each.n for each in taken])


def best_offset(offsets: Sequence[int]) -> tuple[int, float]:
    """The rule "look so many words on" that finds most, and the share that it finds."""
    found, counts = np.unique(offsets, return_counts=True)
    return int(found[counts.argmax()]), float(counts.max() / len(offsets))
