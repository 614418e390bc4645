"""A line of text as words, each of which may be taken once."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

LONGEST = 400  # characters of a line that are read
_DASHES = str.maketrans({"×": "x", "✕": "x", "·": " ", "–": "-", "—": " ", "’": "'", "|": " "})
_WORD = re.compile(r"[^\s,;!?।()\[\]\"“”]+")
# "2x4090", "4090x2", "20users", "32k-context": a number that is glued to what it counts.
_TIMES = re.compile(r"(\d+)x(?!\d+(?:\.\d+)?[bm]\b)([a-z]*\d.*|[a-z]{2,}.*)")
_TIMES_AFTER = re.compile(r"(.*[a-z0-9])x(\d{1,4})")
_GLUED = re.compile(r"(\d+(?:\.\d+)?[km]?)-?(users?|tokens?|ctx|context|gpus?|cards?)")
_GIVEN = re.compile(r"(--?[a-z][a-z_-]*|[a-z][a-z_-]*)[=:](.+)")


class Line:
    """The words of a line, in lower case, and which of them are still free.

    >>> line = Line("Qwen3-8B, 2×4090")
    >>> line.words
    ('qwen3-8b', '2', 'x', '4090')
    """

    def __init__(self, text: str) -> None:
        folded = unicodedata.normalize("NFKC", text[:LONGEST].translate(_DASHES)).casefold()
        digits = "".join(str(unicodedata.digit(c, c)) for c in folded)
        # A comma within a number groups its digits; any other separates.
        digits = re.sub(r"(?<=\d),(?=\d\d\d\b)", "", digits)
        self.words = tuple(part for word in _WORD.findall(digits) for part in _parts(word))
        self._free = [True] * len(self.words)

    def spans(self, most: int) -> Iterator[tuple[int, int]]:
        """Every run of free words, the longest first."""
        for length in range(min(most, len(self.words)), 0, -1):
            for begin in range(len(self.words) - length + 1):
                if all(self._free[begin : begin + length]):
                    yield begin, begin + length

    def text(self, begin: int, end: int) -> str:
        return " ".join(self.words[begin:end])

    def word(self, place: int) -> str:
        """The free word there; ``""`` where there is none."""
        return self.words[place] if 0 <= place < len(self.words) and self._free[place] else ""

    def take(self, places: Iterable[int]) -> None:
        for place in places:
            self._free[place] = False

    @property
    def left(self) -> tuple[str, ...]:
        """Words that nobody took."""
        return tuple(word for word, free in zip(self.words, self._free, strict=True) if free)


def _parts(word: str) -> list[str]:
    word = word.strip("'`*.:") if not word.startswith("--") else word[2:]
    given = _GIVEN.fullmatch(word)
    if given and not re.search(r"\d", given[1]) and "/" not in word:
        return [given[1].strip("-"), *_parts(given[2])]
    if match := _TIMES.fullmatch(word):
        return [match[1], "x", match[2]]
    if match := _TIMES_AFTER.fullmatch(word):
        return [match[1], "x", match[2]]
    if match := re.fullmatch(r"x(\d{1,4})", word):
        return ["x", match[1]]
    if match := re.fullmatch(r"(\d{1,4})x", word):
        return [match[1], "x"]
    if match := _GLUED.fullmatch(word):
        return [match[1], match[2]]
    return [word] if word else []
