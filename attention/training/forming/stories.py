"""The simple text in which heads are watched as they form: template stories of some 500 words.

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
from attention.training.sentences import Chooser

SHORTEST, LONGEST = 8, 40  # tokens of a repeated segment
SENTENCES = (
    "The keys near the old cabinet are lost.",
    "Maya bought bread, milk and rice. Tom bought bread, milk and rice.",
    "river blue Maya lamp soup dog river blue Maya lamp soup dog",
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
        token more than the model reads. What is said for the first time in a row of repeats is not
        in the loss, see :meth:`attention.training.corpus.Corpus.rows`.

        Args:
            forming: as :meth:`attention.training.corpus.Corpus.rows` has it; here rows of repeats
                hold one segment all the time.
        """
        choose = Chooser(f"{self._seed}:{step}")
        rows = [self._segment(choose, ROW_LEN + 1) for _ in range(n_repeats)]
        rows += [self._stories(choose, ROW_LEN + 1) for _ in range(n_stories)]
        return np.array(rows, np.int16).reshape(n_repeats + n_stories, ROW_LEN + 1)

    def _segment(self, choose: Chooser, length: int) -> list[int]:
        """Words in no order, 8–40 of them, said until the row is full."""
        segment = self.disorder(choose, choose.random.randint(SHORTEST, LONGEST))
        return ([~i for i in segment] + segment * (length // len(segment) + 1))[:length]

    def disorder(self, choose: Chooser, n: int) -> list[int]:
        """Words that fill gaps of stories, in no order."""
        return [self._ids[word] for word in choose.random.choices(fillers(), k=n)]

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
    """Every word of :func:`vocabulary` is a token; the same on every run."""
    ids = {word: index for index, word in enumerate(vocabulary())}
    tokenizer = Tokenizer(models.WordLevel(ids))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_WORD), "removed", invert=True)
    return tokenizer


@cache
def vocabulary() -> tuple[str, ...]:
    """Every word and mark of the stories and of :data:`SENTENCES`."""
    told = words_of(_GAP.sub(" ", " ".join((*_text()[0], *SENTENCES))))
    return tuple(dict.fromkeys((*told, *fillers())))


@cache
def fillers() -> tuple[str, ...]:
    """Every word that fills a gap."""
    return tuple(dict.fromkeys(word for pool in _text()[1].values() for word in pool))


@cache
def _text() -> tuple[Sequence[str], Mapping[str, Sequence[str]]]:
    """The templates, and the words of each pool."""
    table = tomllib.loads((files(__package__) / "stories.toml").read_text(encoding="utf-8"))
    pools = {name: tuple(words.split()) for name, words in table["pools"].items()}
    return tuple(table["templates"]), pools | {"name": pools["woman"] + pools["man"]}
