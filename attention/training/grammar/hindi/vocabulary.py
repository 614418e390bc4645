"""Every word form that the grammar can say."""

from collections.abc import Iterable, Iterator
from itertools import chain

from attention.training.grammar.hindi import (
    actions,
    changes,
    clauses,
    done,
    everyday,
    lists,
    location,
    phrases,
    places,
)
from attention.training.grammar.hindi import stories as told
from attention.training.lexicon import hindi as words
from attention.training.sentences import PUNCTUATION

# Said by a template itself.
SAID = """
ने को का के की में पर से साथ पास पीछे सामने नीचे बाहर ओर नहीं और लेकिन मगर फिर तब तो इसलिए
क्योंकि अंत जो वह वे यह ये बहुत ही काफ़ी अब अभी भी सचमुच थोड़ा सी कौन क्या क्यों कैसे कब
कहाँ किसका किसके किसकी है हैं हूँ हो था थे थी थीं रहा रहे रही चला चले चली सका सके सकी सकीं
सकता सकते सकती लगता लगते लगती देखकर छोड़कर बुलाकर जगाकर पहचानकर पसंद चाहिए एक किसी दूर
रहता रहते रहती दिन कहा मैं हम तुम आप मेरा नाम साल मत कृपया जब सूची सामान कहानी सपने वहाँ
बाद शाम आज कल रात सुबह पिछले हफ़्ते दो तीन कई हर रखा पड़ा गिरा बुख़ार बैठा खड़ा
"""


def _spread(value: object) -> Iterator[str]:
    """The words of a constant, however deep in tuples."""
    if isinstance(value, str):
        yield from value.split()
    elif isinstance(value, tuple | frozenset):
        yield from chain.from_iterable(map(_spread, value))
    elif isinstance(value, dict):
        yield from _spread(tuple(value.values()))


def _constants() -> Iterator[str]:
    """What the modules keep in tuples of text: pronouns, times, postpositions, set phrases."""
    for module in (
        phrases,
        actions,
        done,
        clauses,
        told,
        everyday,
        lists,
        places,
        location,
        changes,
    ):
        for name, value in vars(module).items():
            if name.isupper():
                yield from _spread(value)
    for table in (words.PHRASES, words.AT, words.CHANGES, words.TURNED, words.FOUND):
        yield from _spread(table)
    yield from _spread((words.HABITS, words.SAID))


def _nouns() -> Iterator[str]:
    actions_ = (noun for noun, _ in words.CONJUNCTS)
    for noun in chain(chain.from_iterable(words.NOUNS.values()), actions_, words.NAMES):
        yield from noun.forms


def _verbs() -> Iterator[str]:
    tables = (words.TRANSITIVE, words.ANIMAL_VERBS, words.TOWARD, words.INTRANSITIVE, words.BEFALL)
    verbs = list(chain.from_iterable(chain.from_iterable(table.values()) for table in tables))
    verbs += [verb for _, verb in words.CONJUNCTS]
    verbs += [words.verb(stem) for stem in ("जा", "रह", "काम_कर")]
    for scene in words.SCENES:
        verbs += [verb for _, verb in scene.who_then + scene.thing_then if verb is not None]
        verbs += [verb for verb in (scene.verb, scene.goes and scene.goes[1]) if verb]
    for verb in verbs:
        yield from verb.before.split()
        yield verb.stem
        yield from chain(verb.habitual, verb.perfective, verb.future, verb.request)
        yield from (verb.stem + ending for ending in ("ना", "ने", "नी"))


def _adjectives() -> Iterator[str]:
    for table in (words.ATTRIBUTES, words.STATES):
        yield from _spread(tuple(table.values()))


def _scenes() -> Iterator[str]:
    for scene in words.SCENES:
        yield from _spread((scene.did, scene.who_is, scene.thing_is, scene.goes and scene.goes[0]))
        yield from _spread(tuple(before for before, _ in scene.who_then + scene.thing_then))


def _unique(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in dict.fromkeys(found) if not set(word) <= PUNCTUATION)


NAMES = tuple(name.key for name in words.NAMES)
WORDS = _unique(
    chain(
        SAID.split(), _constants(), _nouns(), _verbs(), _adjectives(), _scenes(), words.TOWNS,
        words.LANDS,
    )
)  # fmt: skip
SEGMENT_WORDS = _unique(chain(WORDS, words.OTHERS))
