"""Two tokenizations of one text, aligned by characters to units that both of them have whole.

Tokenizers write what they read in ways of their own: in lower case, without accents, spaces before
words or none. So letters are compared as they are without all that, and a unit ends where both have
a token that begins at the same letter. What is no letter of the text, as ``[CLS]``, stands for
itself: where the other has nothing there, its unit has no tokens.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from attention.text.pieces import Units, units_from

SPECIAL = "\uffff"  # no character: what a token that is no text is written as
SILENT = {"Mn", "Cf", "Cc", "Zs", "Zl", "Zp"}  # categories that a tokenizer may add or leave out
SAME = 4  # letters that have to agree after a place where the two differ
APART = 128  # letters, at most, that one of them may have there


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of a text.

    Args:
        pieces: of each token its text in UTF-8, b"" for a special one.
        texts: what each is shown as.
        starts: the tokens that a unit may begin with, no character is cut by them; as of
            :class:`.pieces.Units`.
    """

    pieces: Sequence[bytes]
    texts: Sequence[str]
    starts: np.ndarray


@dataclass(frozen=True, eq=False)
class Aligned:
    """The same units in both, in order; of one that a side lacks it has no tokens."""

    one: Units
    other: Units

    @property
    def shared(self) -> np.ndarray:
        """Whether both have tokens of a unit, bool ``[n_units]``."""
        return (np.diff(self.one.starts) > 0) & (np.diff(self.other.starts) > 0)


def align(one: Tokens, other: Tokens) -> Aligned:
    """The smallest units that both have whole."""
    a, b = _written(one), _written(other)
    points = _points(a, b)
    units = [
        units_from(side.pieces, side.texts, [written.token_at(p[i]) for p in points])
        for i, (side, written) in enumerate(((one, a), (other, b)))
    ]
    names = [unit.texts for unit in units]
    own = [
        tuple(mine or theirs for mine, theirs in zip(*pair, strict=True))
        for pair in (names, names[::-1])
    ]
    return Aligned(*(replace(unit, texts=texts) for unit, texts in zip(units, own, strict=True)))


@dataclass(frozen=True, eq=False)
class _Written:
    """Letters that can be compared, and by letter the token that a unit may begin with there."""

    letters: str
    begins: dict[int, int]

    def token_at(self, letter: int) -> int:
        return self.begins[letter] if letter else 0


def _written(tokens: Tokens) -> _Written:
    letters, begins = "", dict[int, int]()
    for first, stop in pairwise(tokens.starts.tolist()):
        text = _letters(tokens.pieces[first:stop])
        # White space goes with the word behind it, but stays out of a special token.
        if text == SPECIAL:
            begins[len(letters)] = first
        begins.setdefault(len(letters), first)
        letters += text
    return _Written(letters, begins | {len(letters): len(tokens.pieces)})


def _letters(pieces: Sequence[bytes]) -> str:
    whole = b"".join(pieces)
    if not whole:
        return SPECIAL
    plain = unicodedata.normalize("NFKD", whole.decode(errors="replace").casefold())
    return "".join(sign for sign in plain if unicodedata.category(sign) not in SILENT)


def _points(a: _Written, b: _Written) -> list[tuple[int, int]]:
    """Letters of both at which a unit begins in both, ascending."""
    places, points = sorted(a.begins), set[tuple[int, int]]()
    for i, j, n in _runs(a.letters, b.letters):
        for p in places[bisect_left(places, i) : bisect_right(places, i + n)]:
            if j + p - i in b.begins:
                points.add((p, j + p - i))
    return sorted(points - {(len(a.letters), len(b.letters))} | {(0, 0)})


def _runs(a: str, b: str) -> Iterator[tuple[int, int, int]]:
    """Where letters agree: first of ``a``, first of ``b``, how many."""
    i = j = 0
    while i < len(a) and j < len(b):
        n = 0
        while i + n < len(a) and j + n < len(b) and a[i + n] == b[j + n]:
            n += 1
        if n:
            yield i, j, n
            i, j = i + n, j + n
        elif (step := _resume(a[i:], b[j:])) is None:
            return
        else:
            i, j = i + step[0], j + step[1]


def _resume(a: str, b: str) -> tuple[int, int] | None:
    """The fewest letters to leave out of both until they agree again."""
    for both in range(1, 2 * APART):
        for of_a in range(max(0, both - APART), min(both, APART) + 1):
            found = a[of_a : of_a + SAME]
            if found and found == b[both - of_a : both - of_a + SAME]:
                return of_a, both - of_a
    return None
