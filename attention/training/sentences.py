"""What a sentence is: its words, and which word depends on which."""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

T = TypeVar("T")
Forms = tuple[str, ...]  # of one word, as the lexicon orders them
PUNCTUATION = frozenset(".,:;?!।")
QUOTE = '"'


KINDS = (
    "agreement", "pronoun", "sense", "resumed", "object", "adjective", "determiner", "possessor",
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    """One dependency between two words of a sentence; a causal model looks back along it.

    Args:
        kind: of ``KINDS``. ``agreement``: from the verb to its subject; ``pronoun``: to its
            referent; ``sense``: from the word that shows who was meant ("tired") to that noun;
            ``resumed``: from a noun said again to where it was said; ``object``: to its verb;
            ``adjective``, ``determiner``, ``possessor``: from the noun to what says more of it.
        earlier, later: indices of the two words.
        options: the forms that the later word could have had, the right one among them; empty
            where there is no choice.
        attractors: indices of words before the later one that call for another form.
    """

    kind: str
    language: str
    earlier: int
    later: int
    options: Forms = ()
    attractors: tuple[int, ...] = ()


@dataclass
class Sentence:
    """Words in order (punctuation is a word; "Anna's" is one) and the links among them."""

    words: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def say(self, *phrases: str) -> int:
        """Append words (a phrase may hold several); returns the index of the last one."""
        for phrase in phrases:
            self.words.extend(phrase.split())
        return len(self.words) - 1

    @property
    def text(self) -> str:
        """The sentence as written: no space before punctuation."""
        return join(self.words)


def join(words: Sequence[str]) -> str:
    """The words as a person writes them: marks close up, quote marks hold what they quote."""
    return "".join(written(words)).removeprefix(" ")


def written(words: Sequence[str]) -> list[str]:
    """Each word with the space that stands before it, if one does; the first word has one too."""
    pieces: list[str] = []
    quoted = False
    space = " "
    for word in words:
        closing = word in PUNCTUATION or (word == QUOTE and quoted)
        pieces.append(word if closing else space + word)
        if word == QUOTE:
            quoted = not quoted
        space = "" if word == QUOTE and quoted else " "
    return pieces


@cache
def held_out(subject: str, attractor: str) -> bool:
    """Whether this pair of nouns (singular forms) is kept from training: one in eight is.

    A checksum, not a random draw, so that training and evaluation agree without a list.
    """
    return zlib.crc32(f"{subject}|{attractor}".encode()) % 8 == 0


class NoPairError(Exception):
    """Two pools of nouns have no pair that this kind of text may join: choose again."""


class Chooser:
    """Seeded choices that respect which combinations training may see.

    Args:
        seed: same seed, same text.
        evaluation: None for training text; ``"combinations"`` for pairs of nouns that training
            never joins; ``"nouns"`` for nouns that training never uses as subject or referent;
            ``"templates"`` for templates that training never uses, whose nouns and pairs are
            those of training.
    """

    def __init__(self, seed: int | str, evaluation: str | None = None) -> None:
        self.random = random.Random(seed)
        self.evaluation = evaluation
        self._refused = 0  # pairs in a row

    def one(self, options: Sequence[T]) -> T:
        # Three times as fast as random.choice; the bias of rounding is below 1e-12.
        return options[int(self.random.random() * len(options))]

    def common(self, options: Sequence[T]) -> T:
        """One of ``options``, common ones first: of 200, the first 9 times as often as the last."""
        return options[int(self.random.random() ** 1.5 * len(options))]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def joins(self, subject: str, other: str) -> bool:
        """Whether text of this kind may join the two nouns (singular forms).

        Raises:
            NoPairError: hundreds of pairs in a row were refused: there is none, and whoever asks
                until one is allowed would ask for ever.
        """
        if subject != other and (
            self.evaluation == "nouns"
            or held_out(subject, other) == (self.evaluation == "combinations")
        ):
            self._refused = 0
            return True
        self._refused += 1
        if self._refused > 300:
            self._refused = 0
            raise NoPairError(f"no noun may be joined with {subject!r}")
        return False

    def subject_and_attractor(
        self, subjects: Sequence[Forms], attractors: Sequence[Forms], never_subject: frozenset[str]
    ) -> tuple[Forms, Forms]:
        """A pair of nouns of the kind that this chooser is for."""
        while True:
            subject, attractor = self.one(subjects), self.one(attractors)
            new_word = subject[0] in never_subject
            if new_word == (self.evaluation == "nouns") and self.joins(subject[0], attractor[0]):
                return subject, attractor
