"""Who does something, and what: a subject, objects and places for a verb."""

from attention.training.grammar.hindi.phrases import (
    NOW,
    OFTEN,
    SOON,
    Said,
    beside_something,
    noun_phrase,
    with_somebody,
)
from attention.training.grammar.hindi.pools import (
    ANIMALS,
    FOLK,
    NAMES,
    PLACES,
    Chosen,
    beside,
    controller,
    subject,
)
from attention.training.lexicon import hindi as words
from attention.training.lexicon.hindi import Verb
from attention.training.sentences import Chooser, Sentence

TAKEN = tuple(words.TRANSITIVE)
TAKEN_BY_ANIMALS = tuple(words.ANIMAL_VERBS)
MOTION, STAY = words.INTRANSITIVE["motion"], words.INTRANSITIVE["stay"]
ANIMAL_STAY = words.INTRANSITIVE["animal"]
TOWARD = words.INTRANSITIVE["toward"]
OF_TENSE = {"habitual": OFTEN, "progressive": NOW, "future": SOON}
GOALS = frozenset(words.PHRASES["goals"])
GO = words.verb("जा")


def doer(choose: Chooser, sentence: Sentence, times: tuple[str, ...] = ()) -> Said:
    """Somebody at the beginning, after a time if there are any; an animal in one of five."""
    if times:
        sentence.say(choose.one(times))
    nouns = ANIMALS if choose.chance(0.22) else FOLK
    if nouns is FOLK and choose.evaluation is None and choose.chance(0.2):
        return noun_phrase(choose, sentence, Chosen(controller(choose, NAMES), False))
    return noun_phrase(choose, sentence, subject(choose, nouns))


def something_done(choose: Chooser, sentence: Sentence, who: Said) -> tuple[Verb, tuple[Said, ...]]:
    """An object and the verb for it; the object is direct, and may mislead."""
    animal = who.chosen.noun.kind == "animal"
    what = beside(choose, who.chosen, TAKEN_BY_ANIMALS if animal else TAKEN)
    verbs = words.ANIMAL_VERBS if animal else words.TRANSITIVE
    return choose.one(verbs[what.noun.kind]), (noun_phrase(choose, sentence, what),)


def with_or_beside(choose: Chooser, sentence: Sentence, who: Said, mislead: bool) -> Said:
    """People are with others, animals beside something."""
    phrase = beside_something if who.chosen.noun.kind == "animal" else with_somebody
    return phrase(choose, sentence, who, mislead)


def toward_somebody(choose: Chooser, sentence: Sentence, who: Said) -> Verb:
    """ "औरत को" and a verb for it."""
    other = beside(choose, who.chosen, ("person", "person", "animal"))
    noun_phrase(choose, sentence, other, oblique=True)
    sentence.say("को")
    return choose.one(words.TOWARD[other.noun.kind])


def somewhere(choose: Chooser, sentence: Sentence) -> None:
    noun = choose.one(PLACES.every)
    sentence.say(noun.forms[2], "में")


def moving(choose: Chooser, sentence: Sentence) -> Verb:
    """ "बाज़ार" or "नदी की ओर" and a verb for it."""
    noun = choose.one(PLACES.every)
    if choose.chance(0.2):
        sentence.say(noun.forms[2], "की ओर")
        return choose.one(TOWARD)
    sentence.say(noun.forms[2], "" if noun.key in GOALS else "में")
    return choose.one(MOTION[:2] if choose.chance(0.6) else MOTION)
