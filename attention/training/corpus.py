"""The training text as rows of token ids: stories of the grammar, and repeated segments.

The rows of a step are a pure function of (seed, step), so that every layout reads the same text,
and a run that was interrupted goes on where it stopped.
"""

from abc import ABC, abstractmethod
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from attention.training.encoding import Encoder
from attention.training.languages import LANGUAGES, Language
from attention.training.sentences import Chooser, Sentence

ROW_LEN = 128
# A fifth of all text is Hindi: more of the stories, whose agreement has three forms to learn, and
# fewer of the segments, where one word is as good as another.
HINDI_STORIES, HINDI_SEGMENTS = 0.28, 0.1


class TrainingText(ABC):
    """A text as ids, in the rows of its steps.

    Args:
        seed: same seed, same rows.
    """

    vocab_size: int  #: how many ids there are

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def rows(
        self, step: int, n_repeats: int, n_stories: int, *, forming: bool = False
    ) -> np.ndarray:
        """The rows of a step, repeats first, int16 ``[n_repeats + n_stories, ROW_LEN + 1]``.

        Each row has one token more than the model reads. A token that is not in the loss, since
        nothing before foretells it, stands as ``~id``, which is negative: :func:`ids_of` undoes it.

        Args:
            forming: rows of repeats hold one segment until they are full, which is what makes
                induction heads form; else what the text has for usual.
        """
        choose, length = Chooser(f"{self._seed}:{step}"), ROW_LEN + 1
        repeats = self._one_segment if forming else self._segments
        rows = [repeats(choose, length) for _ in range(n_repeats)]
        rows += [self._story(choose, length) for _ in range(n_stories)]
        return np.array(rows, np.int16).reshape(n_repeats + n_stories, length)

    def _one_segment(self, choose: Chooser, length: int) -> list[int]:
        """A segment said until the row is full."""
        segment = self._segment(choose)
        return ([~i for i in segment] + segment * (length // len(segment) + 1))[:length]

    def _segments(self, choose: Chooser, length: int) -> list[int]:
        return self._one_segment(choose, length)

    @abstractmethod
    def _segment(self, choose: Chooser) -> list[int]:
        """What is said over and over."""

    @abstractmethod
    def _story(self, choose: Chooser, length: int) -> list[int]:
        """Stories, cut at ``length`` tokens."""


class Corpus(TrainingText):
    """The text of the trained family, in two languages.

    Args:
        encoder: words to ids.
        vocab_size: ids that a segment of random tokens may use.
        seed: same seed, same rows.
    """

    def __init__(self, encoder: Encoder, vocab_size: int, seed: int) -> None:
        super().__init__(seed)
        self.encoder, self.vocab_size = encoder, vocab_size

    def _story(self, choose: Chooser, length: int) -> list[int]:
        """Sentences of one language, cut at ``length`` tokens."""
        language = "hi" if choose.chance(HINDI_STORIES) else "en"
        row: list[int] = []
        while len(row) < length:
            for ids in self.encoder.words(story_of(language, choose).words):
                row.extend(ids)
        return row[:length]

    def _segment(self, choose: Chooser) -> list[int]:
        return self._words(choose, choose.random.randint(4, 40))

    def _segments(self, choose: Chooser, length: int) -> list[int]:
        """Segments of 4–40 words, each said 2–4 times, until the row is full.

        One in four is of any tokens, not words: what is repeated may be in any script.
        """
        row: list[int] = []
        while len(row) < length:
            n_words, times = choose.random.randint(4, 40), choose.random.randint(2, 4)
            if choose.chance(0.25):
                segment = [choose.random.randrange(self.vocab_size) for _ in range(n_words)]
            else:
                segment = self._words(choose, n_words)
            row += [~i for i in segment] + segment * (times - 1)
        return row[:length]

    def _words(self, choose: Chooser, n_words: int) -> list[int]:
        words = random_words(choose, n_words)
        # Never so long that no room is left to say it again.
        return [i for ids in self.encoder.words(words) for i in ids][: ROW_LEN // 2]


class _Shares:
    """Draws a template by its share."""

    def __init__(self, language: Language) -> None:
        self._templates = tuple(language.templates)
        self._below = tuple(accumulate(language.templates.values()))

    def one(self, choose: Chooser):
        at = bisect(self._below, choose.random.random() * self._below[-1])
        return self._templates[min(at, len(self._templates) - 1)]


_SHARES = {name: _Shares(language) for name, language in LANGUAGES.items()}


def story_of(language: str, choose: Chooser) -> Sentence:
    """A story in this language, a sentence or a few."""
    return _SHARES[language].one(choose)(choose)


def random_words(choose: Chooser, n_words: int) -> Sequence[str]:
    """Ordinary words of one language, in no order."""
    language = LANGUAGES["hi" if choose.chance(HINDI_SEGMENTS) else "en"]
    return choose.random.choices(language.segment_words, k=n_words)


def ids_of(rows: np.ndarray) -> np.ndarray:
    """The token ids of rows, int64."""
    return np.where(rows < 0, ~rows, rows).astype(np.int64)
