"""Ordinary text, written by people for this repository: prose, and sentences with known links."""

import re
import tomllib
from functools import cache
from typing import Any

from attention.assets import asset
from attention.atlas.texts import Text, of_sentences
from attention.models.base import Model
from attention.training.probes import everyday, words_of
from attention.training.sentences import Link, Sentence

HELD_OUT = asset("held_out.toml")
MOST_TOKENS = 256  # of each text
#: Which link each relation's name stands for.
KINDS = {"subject": "agreement", "referent": "pronoun"}
PROSE = {"en": "prose", "hi": "prose_hi"}


@cache
def held_out() -> dict[str, Any]:
    """``assets/held_out.toml``."""
    return tomllib.loads(HELD_OUT.read_text(encoding="utf-8"))


def function_words(language: str) -> frozenset[str]:
    """Words that say little by themselves."""
    return frozenset(held_out()["function_words"][language].split())


def paragraphs() -> list[tuple[str, str]]:
    """Each with its language before it."""
    return [(language, text) for language, key in PROSE.items() for text in held_out()[key]]


def prose(model: Model) -> list[Text]:
    """Each a pass of its own."""
    most = min(MOST_TOKENS, model.max_tokens, model.kept_tokens)
    return [
        Text(ids=tuple(model.encode(text)[:most]), language=language)
        for language, text in paragraphs()
    ]


def labelled(model: Model) -> list[Text]:
    """Sentences whose links a person wrote down, a few to a text."""
    texts = []
    for language in PROSE:
        rows = [row for row in held_out()["sentences"] if row["language"] == language]
        some = [sentence_of(row) for row in rows] + _everyday(language)
        step = 3 if language == "hi" else 6  # Hindi's words are many tokens in English vocabularies
        texts += [
            of_sentences(model, some[at : at + step], language) for at in range(0, len(some), step)
        ]
    return [text for text in texts if len(text.ids) <= min(model.max_tokens, model.kept_tokens)]


def _everyday(language: str) -> list[Sentence]:
    """Sentences as people type them, of which the subject is known."""
    return [
        Sentence(
            row["words"], [Link("agreement", language, *sorted((row["subject"], row["verb"])))]
        )
        for row in everyday("roles")
        if row["language"] == language
    ]


def sentence_of(row: dict[str, str]) -> Sentence:
    """A row of ``[[sentences]]``.

    Raises:
        ValueError: a link names a word that the sentence has not, or has more than once.
    """
    words = words_of(row["text"])

    def at(word: str) -> int:
        name, _, nth = word.partition("#")
        places = [place for place, said in enumerate(words) if said == name]
        if len(places) < int(nth or 1) or (not nth and len(places) > 1):
            raise ValueError(f"{word!r} is no single word of {row['text']!r}")
        return places[int(nth or 1) - 1]

    links = []
    for part in filter(None, re.split(r",\s*", row["links"].strip())):
        relation, one, other = part.split()
        earlier, later = sorted((at(one), at(other)))
        links.append(Link(KINDS.get(relation, relation), row["language"], earlier, later))
    return Sentence(words, links)
