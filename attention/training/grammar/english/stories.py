"""Longer text in which people and things return: possession, lists, short stories."""

from collections.abc import Sequence
from typing import TypeVar

from attention.training.grammar.english.parts import (
    BE_PAST,
    Subject,
    agree,
    article,
    finish,
    link,
    noun_phrase,
)
from attention.training.grammar.english.people import OBJECTS, PRONOUNS
from attention.training.grammar.english.predicate import complete
from attention.training.lexicon.english.nouns import KINDS, Noun, pool
from attention.training.lexicon.english.people import MEN, NAMES, WOMEN
from attention.training.lexicon.english.verbs import Action
from attention.training.sentences import Chooser, Sentence

T = TypeVar("T")
_THINGS = pool("small tool container clothing device vehicle document")
_LISTED = tuple(
    pool(names) for names in (
        "food foodstuff", "food foodstuff drink", "food", "clothing", "small tool", "tool device",
        "document media", "animal", "small container", "furniture", "vehicle", "plant",
        "material stuff", "thing",
    )
)  # fmt: skip
_PLACES = pool("building room outdoor street furniture")
_ANIMALS = pool("animal")
_DO = tuple(action for action in KINDS["person"].does if not action.preposition)
_HANDLE = tuple(
    action.verb for action in KINDS["person"].does
    if action.objects and KINDS["tool"] in {noun.kind for noun in action.objects.nouns}
    and not action.preposition
)  # fmt: skip
_GET = tuple("bought sold took found saw wanted carried counted liked packed lost needed".split())


def _different(choose: Chooser, options: Sequence[T], n: int) -> list[T]:
    chosen: list[T] = []
    while len(chosen) < n:
        option = choose.one(options)
        if option not in chosen:
            chosen.append(option)
    return chosen


def _adjective(choose: Chooser, noun: Noun, other: str = "") -> str:
    while True:
        word = choose.one(noun.kind.before)
        if word != other:
            return word


def _thing(sentence: Sentence, determiner: str, adjective: str, noun: str) -> int:
    sentence.say(determiner)
    described = sentence.say(adjective)
    index = sentence.say(noun)
    link(sentence, "adjective", described, index)
    return index


def possession(choose: Chooser) -> Sentence:
    """ "Tom has a red lamp and Asha has a blue cup. Tom took the red lamp.": all return."""
    sentence = Sentence()
    names = _different(choose, NAMES, 2)
    things = _different(choose, _THINGS.seen, 2)
    first = _adjective(choose, things[0])
    adjectives = (first, _adjective(choose, things[1], first))
    forms = tuple(noun.forms[0] for noun in things)
    at = []
    for which in (0, 1):
        sentence.say(names[which], "has" if which == 0 else choose.one(("has", "has", "wants")))
        said = _thing(sentence, article(adjectives[which]), adjectives[which], forms[which])
        at.append(said)
        sentence.say(("and", ".")[which])
    for which in choose.one(((0,), (1,), (0, 1), (1, 0))):
        verb = sentence.say(names[which], choose.one(_HANDLE).past)
        again = _thing(sentence, "the", adjectives[which], forms[which])
        link(sentence, "object", verb, again)
        options = (forms[which], forms[1 - which])
        link(sentence, "resumed", at[which], again, options, (at[1 - which],))
        sentence.say(".")
    if choose.chance(0.4):
        which = choose.one((0, 1))
        sentence.say("the", adjectives[which], forms[which], choose.one(("is", "was")))
        sentence.say(f"{names[which]}'s", ".")
    return finish(choose, sentence, "")


def copied_list(choose: Chooser) -> Sentence:
    """ "Maya bought bread, milk and rice. Tom sold bread, milk and rice.": copied in order."""
    sentence = Sentence()
    nouns = _different(choose, choose.one(_LISTED).nouns, choose.one((3, 3, 4, 5, 6)))
    plural = int(choose.chance(0.7))
    items = [noun.forms[0 if noun.mass else plural] for noun in nouns]
    if not plural:
        items = [i if n.mass else f"the {i}" for i, n in zip(items, nouns, strict=True)]
    for name in _different(choose, NAMES, choose.one((2, 2, 3))):
        sentence.say(name, choose.one(_GET))
        for item in items[:-1]:
            sentence.say(item, ",")
        sentence.words.pop()
        sentence.say("and", items[-1], ".")
    return finish(choose, sentence, "")


def story(choose: Chooser) -> Sentence:
    """A person, an animal or thing and a place, told of in three to six sentences."""
    sentence = Sentence()
    woman = choose.chance(0.5)
    name, she = choose.one(WOMEN if woman else MEN), "she" if woman else "he"
    companion = choose.one((_ANIMALS if choose.chance(0.5) else _THINGS).seen)
    place = choose.one(_PLACES.seen)
    sentence.say(choose.one(_ONCE), name)
    who = len(sentence.words) - 1
    verb = sentence.say(choose.one(("had", "found", "saw", "bought", "wanted")))
    what = noun_phrase(choose, sentence, companion, 0, "a", adjective=0.6)
    link(sentence, "object", verb, what)
    sentence.say(choose.one(("in", "near", "at", "behind")))
    where = noun_phrase(choose, sentence, place, 0, "the", adjective=0.3)
    sentence.say(".")
    told = _Told(name, she, companion, place, who, what, where)
    for _ in range(choose.one((2, 3, 3, 4, 5))):
        choose.one(_EVENTS)(choose, sentence, told)
        sentence.say(".")
    return finish(choose, sentence, "")


_ONCE = (
    "One day",
    "Once",
    "Yesterday",
    "Last week",
    "In the morning",
    "",
    "",
    "On Sunday",
    "Long ago",
)


class _Told:
    """Who and what a story is about, and where each was said."""

    __slots__ = ("companion", "name", "place", "she", "what", "where", "who")

    def __init__(
        self, name: str, she: str, companion: Noun, place: Noun, who: int, what: int, where: int
    ) -> None:
        self.name, self.she, self.companion, self.place = name, she, companion, place
        self.who, self.what, self.where = who, what, where


def _person_acts(choose: Chooser, sentence: Sentence, told: _Told) -> None:
    """ "She opened the box", "Anna slept"."""
    if choose.chance(0.6):
        pronoun = sentence.say(told.she)
        link(sentence, "pronoun", told.who, pronoun, PRONOUNS, (told.what,))
    else:
        sentence.say(told.name)
    action: Action = choose.one(_DO)
    complete(choose, sentence, action, sentence.say(action.verb.past))


def _acts_on_it(choose: Chooser, sentence: Sentence, told: _Told) -> None:
    """ "She took it", "Anna took the dog"."""
    pronoun = sentence.say(told.she)
    link(sentence, "pronoun", told.who, pronoun, PRONOUNS, (told.what,))
    verb = sentence.say(choose.one(_SAW))
    if choose.chance(0.5):
        it = sentence.say("it")
        link(sentence, "pronoun", told.what, it, OBJECTS, (told.who,))
    else:
        it = sentence.say("the", told.companion.forms[0])
        options = (told.companion.forms[0], told.place.forms[0])
        link(sentence, "resumed", told.what, it, options, (told.where,))
    link(sentence, "object", verb, it)
    if choose.chance(0.3):
        sentence.say(choose.one(("again", "at once", "in the evening", "with care", "at home")))


_SAW = tuple("saw liked loved took found wanted needed followed watched kept lost touched".split())


def _it_is(choose: Chooser, sentence: Sentence, told: _Told) -> None:
    """ "The dog was hungry", "The garden was quiet", "It was small"."""
    if choose.chance(0.3):
        noun, earlier, other = told.place, told.where, told.what
    else:
        noun, earlier, other = told.companion, told.what, told.where
    again = sentence.say("the", noun.forms[0])
    options = (told.companion.forms[0], told.place.forms[0])
    link(sentence, "resumed", earlier, again, options, (other,))
    agree(sentence, Subject(noun, 0, again), BE_PAST)
    sentence.say(choose.one(("very", "", "", "not", "so")), choose.one(noun.kind.after))


def _speaks(choose: Chooser, sentence: Sentence, told: _Told) -> None:
    """'"I like this dog," said Anna'"""
    sentence.say('"', choose.one(("I like", "I want", "where is", "look at", "this is")))
    sentence.say(choose.one(("the", "this", "my", "your")), told.companion.forms[0], ",", '"')
    sentence.say(choose.one((f"said {told.name}", f"{told.she} said", f"{told.name} said")))


def _goes(choose: Chooser, sentence: Sentence, told: _Told) -> None:
    """ "Then Anna went to the garden again"."""
    sentence.say(choose.one(("then", "later", "after that", "in the end", "so")), told.name)
    sentence.say(choose.one(("went to", "left", "came to", "ran to", "thought of", "looked at")))
    index = sentence.say("the", told.place.forms[0])
    options = (told.place.forms[0], told.companion.forms[0])
    link(sentence, "resumed", told.where, index, options, (told.what,))


_EVENTS = (_person_acts, _acts_on_it, _acts_on_it, _it_is, _it_is, _speaks, _goes)
