"""The family's English stories letter by letter: the text in which heads are watched as they form.

In words the next one hangs on far ones, and heads that look one token back form late or not at all.
In letters it hangs on the last few at every place; there they form by themselves, and with them
induction heads, at about two million tokens (8 heads, width 128).
"""

import string
from collections.abc import Sequence

from attention.training.corpus import TrainingText, story_of
from attention.training.sentences import Chooser

ALPHABET = " " + string.ascii_letters + string.digits + ".,:;?!'\"-"
SHORTEST, LONGEST = 8, 40  # letters of a repeated segment
_IDS = {letter: index for index, letter in enumerate(ALPHABET)}


class Letters(TrainingText):
    """The text as ids: the place of each letter in :data:`ALPHABET`. Rows of repeats always hold
    one segment until they are full.

    Args:
        seed: same seed, same rows.
    """

    vocab_size = len(ALPHABET)

    def _segment(self, choose: Chooser) -> list[int]:
        """8–40 letters of which none is another, short ones as often as long ones by their
        ratio."""
        share = choose.random.random()
        return disorder(choose, int(SHORTEST * ((LONGEST + 1) / SHORTEST) ** share))

    def _story(self, choose: Chooser, length: int) -> list[int]:
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
