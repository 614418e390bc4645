"""One head looked at closely, on ordinary text: how far it looks, from where, at what, how surely.

The first token of a text, where heads rest that find nothing, stands by itself: it has its own
bar, and counts neither as a distance nor as a token that is looked at. How surely a head looks from
a token is its **strength** there: its largest weight beyond the first token.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

#: Distances that share a bar, from and up to; the last is open.
BARS = ((0, 0), (1, 1), (2, 2), (3, 4), (5, 8), (9, 16), (17, 32), (33, 64), (65, None))
DECILES = 10
NAMED = 8  # tokens that are named
TINY = 1e-9  # of nothing there are no shares


@dataclass(frozen=True, eq=False)
class Seen:
    """A text, and where the head looked in it.

    Args:
        tokens: readable; weights: ``[n, n]``.
        goes_on: indices of tokens that go on with the word of the one before.
    """

    tokens: Sequence[str]
    weights: np.ndarray
    goes_on: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Bar:
    """Some distances.

    Args:
        first, last: tokens back, with a minus sign ahead; last None: and further. Both None: the
            first token, however far.
        share: of all weight; even: what even attention gives.
    """

    first: int | None
    last: int | None
    share: float
    even: float


@dataclass(frozen=True)
class Word:
    """A token by its text, wherever it stands.

    Args:
        value: asked from: the mean strength; looked at: the share of the weight beyond the first
            token.
        usual: the mean strength of all tokens; or what even attention gives this one.
        n: how often it stands in the texts.
    """

    text: str
    value: float
    usual: float
    n: int


@dataclass(frozen=True, eq=False)
class Example:
    """A token of one decile of strength, and where the head looks most beyond the first token.

    Args:
        decile: from 1, the weakest.
        query, key: indices among the tokens of ``seen``.
    """

    decile: int
    seen: Seen
    query: int
    key: int
    strength: float


@dataclass(frozen=True, eq=False)
class Closer:
    """What :func:`look_closer` finds.

    Args:
        asks, looks: those that lie furthest above what is usual for them, in all, come first.
        examples: the middle one of each decile, the weakest first; fewer where there are fewer
            tokens than deciles.
        n: tokens that were asked from.
    """

    bars: tuple[Bar, ...]
    asks: tuple[Word, ...]
    looks: tuple[Word, ...]
    examples: tuple[Example, ...]
    n: int


def look_closer(texts: Sequence[Seen], causal: bool) -> Closer:
    """Read all of it off the weights.

    Args:
        texts: those of fewer than two tokens say nothing.
        causal: no token sees a later one.
    """
    texts = [each for each in texts if len(each.tokens) > 1]
    every = sorted(_examples(texts), key=lambda each: each.strength)
    return Closer(
        bars=tuple(_bars(texts, causal)) if texts else (),
        asks=_asks(every),
        looks=_looks(texts, causal),
        examples=tuple(_middles(every)),
        n=len(every),
    )


def _even(n: int, causal: bool) -> np.ndarray:
    """``[n, n]`` of a head that attends evenly."""
    if not causal:
        return np.full((n, n), 1 / n)
    return np.tril(np.ones((n, n))) / np.arange(1, n + 1)[:, None]


def _bars(texts: Sequence[Seen], causal: bool) -> Iterator[Bar]:
    """Of all queries but the first, which may see nothing else."""
    sizes = [len(each.tokens) for each in texts]
    kinds = [each.weights for each in texts], [_even(n, causal) for n in sizes]
    n = sum(sizes) - len(sizes)
    firsts = [sum(float(weights[1:, 0].sum()) for weights in kind) / n for kind in kinds]
    yield Bar(None, None, *firsts)
    places = [np.arange(1, size) for size in sizes]
    back = np.concatenate([np.subtract.outer(each, each).ravel() for each in places])
    beyond = [np.concatenate([weights[1:, 1:].ravel() for weights in kind]) for kind in kinds]
    for first, last in BARS:
        for sign in (1,) if causal or not first else (1, -1):
            far = sign * back
            among = (far >= first) & (far <= (far.max() if last is None else last))
            if among.any():
                shares = [float(each[among].sum()) / n for each in beyond]
                yield Bar(sign * first, None if last is None else sign * last, *shares)


def _examples(texts: Sequence[Seen]) -> Iterator[Example]:
    """Every token but the first of its text."""
    for seen in texts:
        beyond = seen.weights[1:, 1:]
        for at, key in enumerate(beyond.argmax(1)):
            yield Example(0, seen, at + 1, int(key) + 1, float(beyond[at, key]))


def _middles(every: Sequence[Example]) -> Iterator[Example]:
    """The middle one of each tenth, by strength."""
    parts = np.array_split(np.arange(len(every)), DECILES)
    for decile, part in enumerate(parts, 1):
        if len(part):
            found = every[part[len(part) // 2]]
            yield Example(decile, found.seen, found.query, found.key, found.strength)


def _asks(every: Sequence[Example]) -> tuple[Word, ...]:
    found: dict[str, list[float]] = {}
    for each in every:
        found.setdefault(each.seen.tokens[each.query], []).append(each.strength)
    usual = fmean(each.strength for each in every) if every else 0.0
    words = [Word(text, fmean(some), usual, len(some)) for text, some in found.items()]
    return _above(words, lambda word: (word.value - word.usual) * word.n)


def _looks(texts: Sequence[Seen], causal: bool) -> tuple[Word, ...]:
    found: dict[str, list[tuple[float, float]]] = {}  # weight, and what even attention gives
    for each in texts:
        kinds = each.weights, _even(len(each.tokens), causal)
        sums = zip(*(kind[1:, 1:].sum(0).tolist() for kind in kinds), strict=True)
        for token, both in zip(each.tokens[1:], sums, strict=True):
            found.setdefault(token, []).append(both)
    totals = [sum(both[at] for some in found.values() for both in some) for at in (0, 1)]
    words = []
    for text, some in found.items():
        value, usual = (sum(both[at] for both in some) / max(totals[at], TINY) for at in (0, 1))
        words.append(Word(text, value, usual, len(some)))
    return _above(words, lambda word: word.value - word.usual)


def _above(words: Sequence[Word], excess: Callable[[Word], float]) -> tuple[Word, ...]:
    """Those that lie above what is usual, the furthest first."""
    found = [word for word in words if excess(word) > 0]
    return tuple(sorted(found, key=lambda word: (-excess(word), word.text))[:NAMED])
