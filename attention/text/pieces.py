"""Tokens that split a character, merged into what can be read, and their weights with them.

A byte-level tokenizer may cut a character anywhere: 🙂 becomes four tokens, क्षि three. Such pieces
are shown as one unit. Tokens that hold whole characters stay as they are, a word of many too; only
a cut *inside* a readable character (:data:`CLUSTER`) joins the tokens on its two sides. Asked for
words (:func:`merge_words`), a cut inside a word does, too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import regex

from attention.text.tokens import joined_before, label

# Extended grapheme clusters (UAX #29), and what readers take for one sign beside them: a virama
# joins Gurmukhi and Kannada consonants, too, and with a zero-width joiner those of any script.
# CR and LF stay two.
CLUSTER = regex.compile(r"\r|\n|(?:\X(?:(?<=[\u0a4d\u0ccd])|(?<=\p{CCC=9}\u200d))(?=\p{Lo}))*\X")
# A character ends after so many code points, whatever follows: text can be made of accents alone.
MAX_CODE_POINTS = 32
# And a word after so many of these: text can be one word alone.
MAX_WORD = 32


@dataclass(frozen=True, eq=False)
class Units:
    """The tokens of a text as units that can be read: a token, a character's pieces, or a word.

    Args:
        starts: the first token of each unit, and the number of tokens, ``[n_units + 1]``. A unit
            that begins where the next one does has no tokens, see :mod:`.aligned`.
        texts: what each unit is shown as.
    """

    starts: np.ndarray
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def merged(self) -> bool:
        """Whether any unit has more than one token, or none."""
        return bool((np.diff(self.starts) != 1).any())

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """The tokens of each unit."""
        return tuple(np.diff(self.starts).tolist())

    @cached_property
    def units_of_tokens(self) -> np.ndarray:
        """The unit of each token, ``[n_tokens]``."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def of_token(self, token: int) -> int:
        """The unit that token number ``token`` belongs to."""
        return int(self.units_of_tokens[token])

    def ids(self, ids: Sequence[int]) -> list[int]:
        """A number for each unit, equal where the units have the same tokens in the same order.

        Args:
            ids: of the tokens.
        """
        bounds = self.starts.tolist()
        known: dict[tuple[int, ...], int] = {}
        spans = (tuple(ids[first:stop]) for first, stop in pairwise(bounds))
        # One without tokens is like no other: no token has a number below 0.
        return [known.setdefault(span or (-1, i), len(known)) for i, span in enumerate(spans)]


def merge(pieces: Sequence[bytes], texts: Sequence[str] | None = None) -> Units:
    """The smallest units that can be read.

    Args:
        pieces: the text of each token in UTF-8; nothing (``b""``) for a special token, which stays
            by itself and keeps what stands before and after it apart.
        texts: what each token is shown as where it stays by itself; left out, its own text.
    """
    joined = _joined(pieces)
    return units_from(pieces, texts, [at for at in range(len(pieces)) if at not in joined])


def merge_words(pieces: Sequence[bytes], texts: Sequence[str] | None = None) -> Units:
    """Whole words, see :func:`attention.text.tokens.joined_before`; the rest as :func:`merge`."""
    starts = merge(pieces).starts.tolist()
    parts = [b"".join(pieces[first:stop]) for first, stop in pairwise(starts)]
    begins, long = [], 0
    for start, goes_on in zip(starts[:-1], joined_before(parts), strict=True):
        long = long + 1 if goes_on and long < MAX_WORD else 1
        if long == 1:
            begins.append(start)
    return units_from(pieces, texts, begins)


def units_from(
    pieces: Sequence[bytes], texts: Sequence[str] | None, starts: Sequence[int]
) -> Units:
    """One from each of ``starts`` to the next; the arguments are those of :func:`merge`."""
    bounds = [*starts, len(pieces)]
    shown = [
        texts[first]
        if texts is not None and stop - first == 1
        else _text(b"".join(pieces[first:stop]))
        for first, stop in pairwise(bounds)
    ]
    return Units(np.array(bounds), tuple(shown))


def merge_weights(weights: np.ndarray, units: Units) -> np.ndarray:
    """Weights of tokens as weights of units: summed over keys, averaged over queries.

    Each row sums again to what its rows summed to on average.

    Args:
        weights: ``[..., n_tokens, n_tokens]``.

    Returns:
        ``[..., n_units, n_units]``; the same array where nothing is merged.
    """
    if not units.merged:
        return weights
    return merge_queries(merge_keys(weights, units.starts), units.starts)


def merge_keys(weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Sum the last axis from each of ``starts`` to the next: ``[..., n]`` to ``[..., n_units]``.

    Args:
        starts: as of :class:`Units`, from 0.
    """
    return _sums(weights, starts, -1)


def merge_queries(weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Average the last axis but one: ``[..., rows, keys]`` to ``[..., n_units, keys]``.

    Args:
        starts: of the units that these rows are, from any token on.
    """
    counts = np.diff(starts).clip(1).astype(weights.dtype)[:, None]
    return _sums(weights, starts - starts[0], -2) / counts


def _sums(weights: np.ndarray, starts: np.ndarray, axis: int) -> np.ndarray:
    """Along an axis, from each of ``starts`` to the next; 0 where there is nothing between."""
    held = np.flatnonzero(np.diff(starts))
    sums = np.add.reduceat(weights, starts[held], axis=axis)
    if len(held) == len(starts) - 1:
        return sums
    shape = list(weights.shape)
    shape[axis] = len(starts) - 1
    whole = np.zeros(shape, weights.dtype)
    np.moveaxis(whole, axis, 0)[held] = np.moveaxis(sums, axis, 0)
    return whole


def _joined(pieces: Sequence[bytes]) -> set[int]:
    """The tokens that go on with a character that an earlier one began."""
    joined, run, first = set(), [], 0
    for token, piece in enumerate([*pieces, b""]):
        if piece:
            run.append(piece)
            continue
        breaks = set(_breaks(b"".join(run)))
        at = 0
        for offset, part in enumerate(run):
            if at not in breaks:
                joined.add(first + offset)
            at += len(part)
        run, first = [], token + 1
    return joined


def _breaks(text: bytes) -> Iterator[int]:
    """Where in ``text`` a readable character begins, in bytes."""
    starts, signs = [], []
    for start, sign in _signs(text):
        starts.append(start)
        signs.append(sign)
    for cluster in CLUSTER.finditer("".join(signs)):
        for at in range(cluster.start(), cluster.end(), MAX_CODE_POINTS):
            yield starts[at]


def _signs(text: bytes) -> Iterator[tuple[int, str]]:
    """Code points and where they begin.

    Bytes that are none become U+FFFD: all there are of a character that is cut off, else one each.
    """
    at = 0
    while at < len(text):
        # A first byte tells how many follow (RFC 3629, section 3); a wrong one has none.
        length = (
            1 + sum(text[at] >= least for least in (0xC2, 0xE0, 0xF0)) if text[at] < 0xF5 else 1
        )
        stop = at + 1
        while stop < min(at + length, len(text)) and text[stop] & 0xC0 == 0x80:
            stop += 1
        sign = text[at:stop].decode(errors="replace")
        yield at, sign if len(sign) == 1 else "\ufffd"
        at = stop


def _text(part: bytes) -> str:
    """What is shown; a byte that belongs to no character by its value, ⟨E0⟩."""
    text = part.decode(errors="surrogateescape")
    bytes_told = (f"⟨{ord(s) - 0xDC00:02X}⟩" if "\udc80" <= s <= "\udcff" else s for s in text)
    return label("".join(bytes_told))
