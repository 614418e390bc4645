"""The simple text in which heads are watched as they form: template stories of 1,024 words.

Its rows are made as those of the family are (:mod:`attention.training.corpus`): a pure function of
(seed, step), stories or repeated segments.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from attention.training.corpus import ROW_LEN
from attention.training.lexicon.common import common
from attention.training.sentences import Chooser

VOCAB_SIZE = 1024
SHORTEST, LONGEST = 8, 40  # tokens of a repeated segment
SENTENCES = (
    "The keys near the old cabinet are lost.",
    "Maya bought bread, milk and rice. Tom bought bread, milk and rice.",
    "river blue seven music table dog river blue seven music table dog",
)
_WORD = r"[^\W\d_]+|[^\w\s]"
_GAP = re.compile(r"\{([a-z]+)(\d?)\}")
Text = Mapping[str, Sequence[str]]


class Stories:
    """The simple text as ids of :func:`make_tokenizer`.

    Args:
        tokenizer: the file of :func:`make_tokenizer`'s.
        seed: same seed, same rows.
    """

    def __init__(self, tokenizer: Path, seed: int) -> None:
        self._ids = Tokenizer.from_file(str(tokenizer)).get_vocab()
        self._seed = seed

    def rows(
        self, step: int, n_repeats: int, n_stories: int, *, forming: bool = True
    ) -> np.ndarray:
        """The rows of a step, repeats first, int16 ``[n_repeats + n_stories, ROW_LEN + 1]``; one
        token more than the model reads. Every token is in the loss.

        Args:
            forming: as :meth:`attention.training.corpus.Corpus.rows` has it; here rows of repeats
                hold one segment all the time.
        """
        choose = Chooser(f"{self._seed}:{step}")
        rows = [self._segment(choose, ROW_LEN + 1) for _ in range(n_repeats)]
        rows += [self._stories(choose, ROW_LEN + 1) for _ in range(n_stories)]
        return np.array(rows, np.int16).reshape(n_repeats + n_stories, ROW_LEN + 1)

    def _segment(self, choose: Chooser, length: int) -> list[int]:
        """Random tokens, 8–40 of them, said until the row is full."""
        n = choose.random.randint(SHORTEST, LONGEST)
        segment = [choose.random.randrange(VOCAB_SIZE) for _ in range(n)]
        return (segment * (length // n + 1))[:length]

    def _stories(self, choose: Chooser, length: int) -> list[int]:
        row: list[int] = []
        while len(row) < length:
            row += self.ids(story(choose))
        return row[:length]

    def ids(self, text: str) -> list[int]:
        """The token of every word; each is known."""
        return [self._ids[word] for word in words_of(text)]


def story(choose: Chooser) -> str:
    """One story, its gaps filled."""
    said: dict[tuple[str, str], str] = {}

    def fill(gap: re.Match) -> str:
        if gap.groups() not in said:
            others = {word for (pool, _), word in said.items() if pool == gap[1]}
            options = [word for word in _text()[1][gap[1]] if word not in others]
            said[gap[1], gap[2]] = choose.one(options)
        return said[gap[1], gap[2]]

    return _GAP.sub(fill, choose.one(_text()[0]))


def words_of(text: str) -> list[str]:
    """A text's words and marks, in order: each is a token."""
    return re.findall(_WORD, text)


@cache
def make_tokenizer() -> Tokenizer:
    """Every word of the stories and of :data:`SENTENCES` is a token, and so are common words, which
    stand in repeated segments alone, until there are 1,024; the same on every run."""
    templates, pools = _text()
    told = words_of(_GAP.sub(" ", " ".join((*templates, *SENTENCES))))
    words = [*told, *(word for pool in pools.values() for word in pool)]
    words += [word for word in common("english") if word.isalpha()]
    kept = list(dict.fromkeys(words))[:VOCAB_SIZE]
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(kept)}))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_WORD), "removed", invert=True)
    return tokenizer


@cache
def _text() -> tuple[Sequence[str], Mapping[str, Sequence[str]]]:
    """The templates, and the words of each pool."""
    table = tomllib.loads((files(__package__) / "stories.toml").read_text(encoding="utf-8"))
    pools = {name: tuple(words.split()) for name, words in table["pools"].items()}
    return tuple(table["templates"]), pools | {"name": pools["woman"] + pools["man"]}
