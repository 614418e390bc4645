"""Everyday sentences: patterns with places to fill, read from the table beside this file.

``{who}`` is a subject; ``{v:go}``, ``{d:go}`` a verb that agrees with it, or its past;
``{my:animal}`` a noun of a kind with its subject's possessive; ``{>a:thing}`` what the last verb
is done to.
"""

import re
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from attention.training.grammar.english import slots
from attention.training.grammar.english.choices import CHOICES
from attention.training.grammar.english.noun_slots import NOUN_PHRASES, nouns_of
from attention.training.grammar.english.parts import finish
from attention.training.grammar.english.slots import Telling
from attention.training.lexicon.english.nouns import Pool
from attention.training.lexicon.english.verbs import LISTS, verb
from attention.training.sentences import Chooser, Sentence

Step = Callable[[Telling], None]
_VERB_SLOTS = {"v": slots.present, "d": slots.past, "not": slots.negated}
_LIST_SLOTS = {"V": slots.any_present, "D": slots.any_past, "B": slots.any_base, "G": slots.any_ing}


def _step(token: str) -> Step:
    if not token.startswith("{"):
        return partial(slots.say, word=token)
    name, _, argument = token[1:-1].removeprefix(">").partition(":")
    is_object = token.startswith("{>")
    if name in _VERB_SLOTS:
        return partial(_VERB_SLOTS[name], verb=verb(argument))
    if name in ("v0", "v1"):
        return partial(slots.present_of_noun, verb=verb(argument), plural=1 - int(name[1]))
    if name in _LIST_SLOTS:
        return partial(_LIST_SLOTS[name], verbs=LISTS[argument])
    if name in NOUN_PHRASES:
        nouns = nouns_of(argument or "food foodstuff")
        if not is_object:  # it may be a subject, or taken up by a pronoun
            nouns = Pool(nouns.seen)
        return partial(NOUN_PHRASES[name], nouns=nouns, is_object=is_object)
    if name in CHOICES:
        return partial(slots.choice, words=CHOICES[name])
    return slots.PLAIN[name]


def _compile(pattern: str) -> tuple[Step, ...]:
    return tuple(_step(token) for token in re.findall(r"\{[^}]*\}|\S+", pattern))


_TABLE = tomllib.loads(Path(__file__).with_name("patterns.toml").read_text(encoding="utf-8"))
PATTERNS = tuple(_compile(line) for line in _TABLE["patterns"].strip().splitlines())


def tell(telling: Telling, pattern: tuple[Step, ...]) -> None:
    for step in pattern:
        step(telling)


def everyday(choose: Chooser) -> Sentence:
    """ "I love my dog.", "The weather is nice today.", "Where is the hotel?"."""
    sentence = Sentence()
    tell(Telling(choose, sentence), choose.one(PATTERNS))
    return finish(choose, sentence, "")


def conversation(choose: Chooser) -> Sentence:
    """Two to four everyday sentences, one behind the other."""
    sentence = Sentence()
    for _ in range(choose.one((2, 2, 3, 4))):
        tell(Telling(choose, sentence), choose.one(PATTERNS))
    return finish(choose, sentence, "")
