"""The family's English stories letter by letter: the text in which heads are watched as they form.

In words the next one hangs on far ones, and heads that look one token back form late or not at all.
In letters it hangs on the last few at every place; there they form by themselves, and with them
induction heads, at about two million tokens (8 heads, width 128).
"""

import string
from collections.abc import Sequence

import numpy as np

from attention.training.corpus import ROW_LEN, story_of
from attention.training.sentences import Chooser

ALPHABET = " " + string.ascii_letters + string.digits + ".,:;?!'\"-"
SHORTEST, LONGEST = 8, 40  # letters of a repeated segment
_IDS = {letter: index for index, letter in enumerate(ALPHABET)}


class Letters:
    """Text as ids: the place of each letter in :data:`ALPHABET`.

    Args:
        seed: same seed, same rows.
    """

    vocab_size = len(ALPHABET)

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def rows(
        self, step: int, n_repeats: int, n_stories: int, *, forming: bool = False
    ) -> np.ndarray:
        """See :meth:`attention.training.corpus.Rows.rows`; here rows of repeats always hold one
        segment until they are full."""
        choose = Chooser(f"{self._seed}:{step}")
        rows = [self._segment(choose, ROW_LEN + 1) for _ in range(n_repeats)]
        rows += [self._stories(choose, ROW_LEN + 1) for _ in range(n_stories)]
        return np.array(rows, np.int16).reshape(n_repeats + n_stories, ROW_LEN + 1)

    def _segment(self, choose: Chooser, length: int) -> list[int]:
        """8–40 letters of which none is another, short ones as often as long ones by their ratio;
        said until the row is full."""
        share = choose.random.random()
        segment = disorder(choose, int(SHORTEST * ((LONGEST + 1) / SHORTEST) ** share))
        return ([~i for i in segment] + segment * (length // len(segment) + 1))[:length]

    def _stories(self, choose: Chooser, length: int) -> list[int]:
        row: list[int] = []
        while len(row) < length:
            row += ids_of_text(story_of("en", choose).text + " ")
        return row[:length]


def disorder(choose: Chooser, n: int) -> list[int]:
    """``n`` letters in no order, none of them twice."""
    return choose.random.sample(range(len(ALPHABET)), n)


def ids_of_text(text: str) -> list[int]:
    """The id of every letter.

    Raises:
        KeyError: one that is not in :data:`ALPHABET`.
    """
    return [_IDS[letter] for letter in text]


def text_of(ids: Sequence[int]) -> str:
    """The letters of these ids."""
    return "".join(ALPHABET[i] for i in ids)
