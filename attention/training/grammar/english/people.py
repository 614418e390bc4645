"""Names and people whom a pronoun takes up by gender or number, and who are named again."""

from attention.training.grammar.english.parts import (
    BE_PAST,
    Subject,
    agree,
    finish,
    link,
    noun_phrase,
    subject_of,
)
from attention.training.lexicon.english.nouns import KINDS, Noun, pool
from attention.training.lexicon.english.people import MEN, WOMEN
from attention.training.lexicon.english.verbs import LISTS
from attention.training.sentences import Chooser, Sentence

PRONOUNS = ("he", "she", "it", "they")
OBJECTS = ("him", "her", "it", "them")
POSSESSIVES = ("his", "her", "its", "their")
SHE, HE = (1, "she", "her", "her"), (0, "he", "him", "his")
_THINGS = pool("thing vehicle food")
_PEOPLE = pool("person")
_LIVING = pool("living")
_PLACES = pool("building room outdoor street")
_TO_PEOPLE = tuple(
    action for action in KINDS["person"].does
    if action.objects is _PEOPLE or action.objects is _LIVING
)  # fmt: skip
_STATES = tuple(
    "tired hungry happy sad angry ill late kind busy rich poor sorry proud lonely".split()
)


def _names(choose: Chooser) -> tuple[str, str, tuple, tuple]:
    """A woman and a man in either order, with their pronouns."""
    if choose.chance(0.5):
        return choose.one(WOMEN), choose.one(MEN), SHE, HE
    return choose.one(MEN), choose.one(WOMEN), HE, SHE


def named_again(choose: Chooser) -> Sentence:
    """ "Anna gave Tom the book because she was kind. So Anna …": by gender."""
    sentence = Sentence()
    first, second, *pronouns = _names(choose)
    places = [sentence.say(first), 0]
    thing = choose.one(_THINGS.count)
    if choose.chance(0.5):
        verb = sentence.say(choose.one(LISTS["giving"]).past)
        places[1] = sentence.say(second)
        link(sentence, "object", verb, noun_phrase(choose, sentence, thing, 0))
    else:
        action = choose.one(_TO_PEOPLE)
        verb = sentence.say(action.verb.past)
        if action.preposition:
            sentence.say(action.preposition)
        places[1] = sentence.say(second)
        link(sentence, "object", verb, places[1])
    sentence.say(
        choose.one(("because", "because", "when", "while", ", and", ", but", ".", "since"))
    )
    meant = int(choose.chance(0.5))
    pronoun = sentence.say(pronouns[meant][1])
    link(sentence, "pronoun", places[meant], pronoun, PRONOUNS, (places[1 - meant],))
    sentence.say("was", choose.one(_STATES), ".")
    sentence.say(choose.one(("So", "So", "So", "Then", "Later", "That is why", "After that")))
    names = (first, second)
    again = sentence.say(names[meant])
    options = (names[meant], names[1 - meant])
    link(sentence, "resumed", places[meant], again, options, (places[1 - meant],))
    sentence.say(choose.one(_THEN))
    return finish(choose, sentence)


_THEN = (
    "went home", "smiled", "was happy again", "said thank you", "left", "slept", "ate something",
    "sat down", "laughed", "said sorry", "felt better", "went to bed", "waited", "got up early",
)  # fmt: skip


def by_number(choose: Chooser) -> Sentence:
    """ "The boys saw the dog because they … So the boys …": by number."""
    sentence = Sentence()
    nouns = _two(choose)
    plural = int(choose.chance(0.5))
    plurals = (plural, 1 - plural)
    first = noun_phrase(choose, sentence, nouns[0], plurals[0], "the", adjective=0.1)
    action = choose.one(_TO_PEOPLE)
    verb = sentence.say(action.verb.past)
    if action.preposition:
        sentence.say(action.preposition)
    second = noun_phrase(choose, sentence, nouns[1], plurals[1], "the", adjective=0.1)
    link(sentence, "object", verb, second)
    places = (first, second)
    sentence.say(choose.one(("because", "because", "when", "and", ", but", ".")))
    meant = int(choose.chance(0.5))
    said = "they" if plurals[meant] else choose.one(nouns[meant].kind.pronouns)
    pronoun = sentence.say(said)
    link(sentence, "pronoun", places[meant], pronoun, PRONOUNS, (places[1 - meant],))
    agree(sentence, Subject(nouns[meant], plurals[meant], pronoun), BE_PAST)
    sentence.say(choose.one(_STATES), ".", choose.one(("So", "So", "Then", "Later")), "the")
    forms = tuple(noun.forms[p] for noun, p in zip(nouns, plurals, strict=True))
    again = sentence.say(forms[meant])
    options = (forms[meant], forms[1 - meant])
    link(sentence, "resumed", places[meant], again, options, (places[1 - meant],))
    sentence.say(choose.one(tuple(then for then in _THEN if not then.startswith("was"))))
    return finish(choose, sentence)


def _two(choose: Chooser) -> tuple[Noun, Noun]:
    while True:
        first, second = subject_of(choose, (_PEOPLE, _LIVING)), subject_of(choose, (_LIVING,))
        if choose.joins(first.forms[0], second.forms[0]):
            return first, second


def name_and_pronoun(choose: Chooser) -> Sentence:
    """ "Asha lost her key. She looked for it near the door.": name, thing and both pronouns."""
    sentence = Sentence()
    first, _, (_, she, _, hers), _ = _names(choose)
    name = sentence.say(first)
    verb = sentence.say(choose.one(_LOST))
    own = sentence.say(hers)
    link(sentence, "pronoun", name, own, POSSESSIVES)
    noun = choose.one(_THINGS.seen)
    plural = int(choose.chance(0.4))
    thing = sentence.say(noun.forms[plural])
    link(sentence, "object", verb, thing)
    if choose.chance(0.3):
        sentence.say(choose.one(("in", "near", "at")), "the", choose.one(_PLACES.nouns).forms[0])
    sentence.say(choose.one((".", ".", "and", ", and", ", but", "because")))
    again = sentence.say(she)
    link(sentence, "pronoun", name, again, PRONOUNS)
    if choose.chance(0.6):
        verb = sentence.say(choose.one(_TOOK))
        it = sentence.say("them" if plural else "it")
        link(sentence, "pronoun", thing, it, OBJECTS, (name,))
        sentence.say(choose.one(("again", "there", "home", "at once", "in the morning", "alone")))
    else:
        sentence.say("was", choose.one(_STATES))
    return finish(choose, sentence)


_LOST = tuple("lost found bought sold took broke painted carried liked opened closed hid".split())
_TOOK = tuple("took found carried brought needed used saw wanted sold kept gave bought".split())


def family(choose: Chooser) -> Sentence:
    """ "My mother has a dog. She loves it.": people by what they are."""
    sentence = Sentence()
    noun = subject_of(choose, (pool("man"), pool("woman")) if choose.chance(0.7) else (_PEOPLE,))
    plural = int(choose.chance(0.3))
    person = noun_phrase(choose, sentence, noun, plural)
    subject = Subject(noun, plural, person)
    verb = agree(sentence, subject, choose.one(_HAS))
    thing = choose.one((_THINGS if choose.chance(0.5) else pool("animal")).seen)
    several = int(choose.chance(0.3))
    index = noun_phrase(choose, sentence, thing, several, "two" if several else "a")
    link(sentence, "object", verb, index)
    sentence.say(".")
    pronoun = sentence.say("they" if plural else choose.one(noun.kind.pronouns))
    link(sentence, "pronoun", person, pronoun, PRONOUNS, (index,))
    verb = agree(sentence, Subject(noun, plural, pronoun), choose.one(_LOVES))
    it = sentence.say("them" if several else "it")
    link(sentence, "pronoun", index, it, OBJECTS, (person,))
    sentence.say(choose.one(("", "very much", "a lot", "every day", "now")))
    return finish(choose, sentence)


_HAS = (("has", "have"), ("has", "have"), ("sees", "see"), ("wants", "want"), ("needs", "need"))
_LOVES = (("loves", "love"), ("likes", "like"), ("wants", "want"), ("knows", "know"))
