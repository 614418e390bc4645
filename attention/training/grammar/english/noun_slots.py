"""Noun phrases that fill a place in an everyday pattern."""

from attention.training.grammar.english.parts import link, noun_phrase, number
from attention.training.grammar.english.people import POSSESSIVES, PRONOUNS
from attention.training.grammar.english.slots import Telling
from attention.training.lexicon.english.nouns import Noun, Pool, pool

_POSSESSIVE = {"I": "my", "you": "your", "we": "our", "they": "their", "he": "his", "she": "her"}
_SPORTS = "football tennis cricket baseball basketball chess hockey soccer golf rugby"
_DAYS = "day week month year hour minute second morning evening night moment decade century"


def nouns_of(names: str) -> Pool:
    """The nouns that a pattern names: kinds, single nouns, or "sport" and "days"."""
    return pool(names.replace("sport", _SPORTS).replace("days", _DAYS))


def _noun(telling: Telling, noun: Noun, plural: int, determiner: str, is_object: bool) -> None:
    adjective = 0.2 if determiner else 0.0
    index = noun_phrase(telling.choose, telling.sentence, noun, plural, determiner, adjective)
    if is_object and telling.verb >= 0:
        link(telling.sentence, "object", telling.verb, index)
    telling.noun, telling.noun_index, telling.is_plural = noun, index, plural


def a(telling: Telling, nouns: Pool, is_object: bool) -> None:
    _noun(telling, telling.choose.common(nouns.count), 0, "a", is_object)


def the(telling: Telling, nouns: Pool, is_object: bool) -> None:
    noun = telling.choose.common(nouns.nouns)
    plural = number(telling.choose, noun) if telling.choose.chance(0.5) else 0
    _noun(telling, noun, plural, "the", is_object)


def this(telling: Telling, nouns: Pool, is_object: bool) -> None:
    _noun(telling, telling.choose.common(nouns.count), 0, "this", is_object)


def bare(telling: Telling, nouns: Pool, is_object: bool) -> None:
    _noun(telling, telling.choose.common(nouns.nouns), 0, "", is_object)


def plural(telling: Telling, nouns: Pool, is_object: bool) -> None:
    _noun(telling, telling.choose.common(nouns.count), 1, "", is_object)


def some(telling: Telling, nouns: Pool, is_object: bool) -> None:
    noun = telling.choose.common(nouns.nouns)
    _noun(telling, noun, int(not noun.mass), "some", is_object)


def food(telling: Telling, nouns: Pool, is_object: bool) -> None:
    """ "rice", "apples"."""
    noun = telling.choose.common(nouns.nouns)
    _noun(telling, noun, int(not noun.mass), "", is_object)


def my(telling: Telling, nouns: Pool, is_object: bool) -> None:
    """A noun that is the subject's: "her dog" after "Anna"."""
    _own(telling, nouns, is_object, 0.25)


def my_several(telling: Telling, nouns: Pool, is_object: bool) -> None:
    _own(telling, nouns, is_object, 1.0)


def _own(telling: Telling, nouns: Pool, is_object: bool, several: float) -> None:
    noun = telling.choose.common(nouns.nouns)
    plural = 0 if noun.mass else int(telling.choose.chance(several))
    possessive = _POSSESSIVE.get(telling.pronoun, "its")
    before = len(telling.sentence.words)
    _noun(telling, noun, plural, possessive, is_object)
    if telling.pronoun in PRONOUNS and telling.subject >= 0:
        link(telling.sentence, "pronoun", telling.subject, before, POSSESSIVES)


def anybodys(telling: Telling, nouns: Pool, is_object: bool) -> None:
    """ "my friend", "your bag": whoever the sentence is about."""
    owner = telling.choose.one(("my", "my", "my", "your", "your", "our", "his", "her", "their"))
    _noun(telling, telling.choose.common(nouns.nouns), 0, owner, is_object)


def what_subject_is(telling: Telling, nouns: Pool, is_object: bool) -> None:
    """ "a teacher", or "teachers" of more than one."""
    several = telling.pronoun in ("we", "they")
    _noun(
        telling, telling.choose.common(nouns.count), int(several), "" if several else "a", is_object
    )


def whose_subject_is(telling: Telling, nouns: Pool, is_object: bool) -> None:
    """ "my friend", "my friends": never "I am my friend"."""
    owner = telling.choose.one(("his", "her", "your") if telling.pronoun == "I" else ("our", "his"))
    _noun(
        telling,
        telling.choose.common(nouns.count),
        int(telling.pronoun in ("we", "they")),
        owner,
        is_object,
    )


NOUN_PHRASES = {
    "a": a, "the": the, "this": this, "n": bare, "s": plural, "some": some, "food": food, "my": my,
    "my2p": my_several, "my2": anybodys, "pred": what_subject_is, "role": whose_subject_is,
}  # fmt: skip
