"""The training text as rows of token ids: stories of the grammar, and repeated segments.

A batch is a pure function of (seed, step), so that every layout reads the same text in the same
order, and a run that was interrupted goes on where it stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from attention.training import english, hindi, lexicon
from attention.training.sentences import Chooser

REPEAT_LEN, STORY_LEN = 128, 64
# A fifth of all text is Hindi: more of the stories, whose agreement has three forms to learn, and
# fewer of the segments, where one word is as good as another.
HINDI_STORIES, HINDI_SEGMENTS = 0.28, 0.1
ENGLISH_SEGMENT = tuple(dict.fromkeys(lexicon.ENGLISH_WORDS + lexicon.COMMON_ENGLISH))
HINDI_SEGMENT = tuple(dict.fromkeys(lexicon.HINDI_WORDS + lexicon.COMMON_HINDI))


@dataclass(frozen=True)
class Batch:
    """Rows of one step, int64; each row has one token more than the model reads.

    ``repeats [n, 129]`` and ``stories [m, 65]``. ``repeated``, shaped as ``repeats``, is True
    where a token belongs to a second or later copy: the first one cannot be predicted, and is not
    in the loss.
    """

    repeats: np.ndarray
    repeated: np.ndarray
    stories: np.ndarray


class Corpus:
    """Text as ids.

    Args:
        encode: text to ids.
        vocab_size: ids that a segment of random tokens may use.
        seed: same seed, same rows.
    """

    def __init__(self, encode: Callable[[str], list[int]], vocab_size: int, seed: int) -> None:
        self._vocab_size, self._seed = vocab_size, seed
        # Words are tokens wherever they stand, so a row can be put together word by word.
        self._word = lru_cache(maxsize=None)(encode)

    def batch(self, step: int, n_repeats: int, n_stories: int, *, forming: bool = False) -> Batch:
        """The rows of a step.

        Args:
            forming: rows of repeats hold one segment until they are full, which is what makes
                induction heads form; else several segments, each said 2–4 times.
        """
        choose = Chooser(f"{self._seed}:{step}")
        copies = self._one_segment if forming else self._segments
        rows = [copies(choose, REPEAT_LEN + 1) for _ in range(n_repeats)]
        stories = [self._story(choose, STORY_LEN + 1) for _ in range(n_stories)]
        shape = (n_repeats, REPEAT_LEN + 1)
        return Batch(
            np.array([ids for ids, _ in rows], np.int64).reshape(shape),
            np.array([repeated for _, repeated in rows], bool).reshape(shape),
            np.array(stories, np.int64).reshape(n_stories, STORY_LEN + 1),
        )

    def _story(self, choose: Chooser, length: int) -> list[int]:
        """Sentences of one language, cut at ``length`` tokens."""
        language = hindi if choose.chance(HINDI_STORIES) else english
        templates, shares = tuple(language.TEMPLATES), tuple(language.TEMPLATES.values())
        row: list[int] = []
        while len(row) < length:
            template = choose.random.choices(templates, shares)[0]
            row.extend(i for word in template(choose).words for i in self._word(word))
        return row[:length]

    def _one_segment(self, choose: Chooser, length: int) -> tuple[list[int], list[bool]]:
        """A segment of 4–40 words, said until the row is full."""
        segment = self._words(choose, choose.random.randint(4, 40))
        row = (segment * (length // len(segment) + 1))[:length]
        return row, [index >= len(segment) for index in range(length)]

    def _segments(self, choose: Chooser, length: int) -> tuple[list[int], list[bool]]:
        """Segments of 4–40 words, each said 2–4 times, until the row is full.

        One in four is of any tokens, not words: what is repeated may be in any script.
        """
        row: list[int] = []
        repeated: list[bool] = []
        while len(row) < length:
            n_words, times = choose.random.randint(4, 40), choose.random.randint(2, 4)
            if choose.chance(0.25):
                segment = [choose.random.randrange(self._vocab_size) for _ in range(n_words)]
            else:
                segment = self._words(choose, n_words)
            row += segment * times
            repeated += [False] * len(segment) + [True] * (len(segment) * (times - 1))
        return row[:length], repeated[:length]

    def _words(self, choose: Chooser, n_words: int) -> list[int]:
        words = random_words(choose, n_words)
        return [i for word in words for i in self._word(word)]


def random_words(choose: Chooser, n_words: int) -> list[str]:
    """Ordinary words of one language, in no order."""
    words = HINDI_SEGMENT if choose.chance(HINDI_SEGMENTS) else ENGLISH_SEGMENT
    return choose.random.choices(words, k=n_words)
