"""What a sentence is: its words, and which word agrees with which."""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
Forms = tuple[str, ...]  # of one word, as the lexicon orders them
PUNCTUATION = frozenset(".,:?।")


@dataclass(frozen=True)
class Link:
    """One agreement: the verb at ``verb`` takes its form from the subject at ``subject``.

    ``options`` are the forms that the verb could have had, the right one among them. A noun that
    stands between and calls for another form is the ``attractor``.
    """

    language: str
    subject: int
    verb: int
    options: Forms
    attractor: int | None = None


@dataclass
class Sentence:
    """Words in order (punctuation is a word) and the links among them."""

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


def join(words: list[str]) -> str:
    return "".join(w if w in PUNCTUATION else f" {w}" for w in words).removeprefix(" ")


def held_out(subject: str, attractor: str) -> bool:
    """Whether this pair of nouns (singular forms) is kept from training: one in eight is.

    A checksum, not a random draw, so that training and evaluation agree without a list.
    """
    return zlib.crc32(f"{subject}|{attractor}".encode()) % 8 == 0


class Chooser:
    """Seeded choices that respect which combinations training may see.

    Args:
        seed: same seed, same text.
        evaluation: None for training text; ``"combinations"`` for pairs of nouns that training
            never joins; ``"words"`` for subjects that training never uses as subjects.
    """

    def __init__(self, seed: int | str, evaluation: str | None = None) -> None:
        self.random = random.Random(seed)
        self.evaluation = evaluation

    def one(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def subject_and_attractor(
        self, subjects: Sequence[Forms], attractors: Sequence[Forms], never_subject: frozenset[str]
    ) -> tuple[Forms, Forms]:
        """A pair of nouns of the kind that this chooser is for."""
        while True:
            subject, attractor = self.one(subjects), self.one(attractors)
            if subject[0] == attractor[0]:
                continue
            new_word, new_pair = subject[0] in never_subject, held_out(subject[0], attractor[0])
            wanted = {
                None: not new_word and not new_pair,
                "combinations": not new_word and new_pair,
                "words": new_word,
            }[self.evaluation]
            if wanted:
                return subject, attractor
