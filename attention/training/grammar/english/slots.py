"""What fills a place in an everyday pattern, and the links that it makes."""

from attention.training.grammar.english.parts import (
    BE,
    BE_PAST,
    DO,
    DO_NOT,
    HAVE,
    link,
    noun_phrase,
    number,
)
from attention.training.grammar.english.people import PRONOUNS
from attention.training.grammar.english.predicate import complete
from attention.training.lexicon.english import places
from attention.training.lexicon.english.nouns import KINDS, Noun, pool
from attention.training.lexicon.english.people import MEN, WOMEN
from attention.training.lexicon.english.verbs import Action, Verb
from attention.training.sentences import Chooser, Sentence

_PERSON = KINDS["person"]
_INTRANSITIVE = tuple(action for action in _PERSON.does if not action.objects)
_WHO = ("I",) * 6 + ("you", "you", "we", "we", "we", "they", "they", "he", "he", "she", "she")
_SELF = {
    "I": "myself", "you": "yourself", "we": "ourselves", "they": "themselves", "he": "himself",
    "she": "herself",
}  # fmt: skip
_BE_FORMS = ("am", "is", "are")


class Telling:
    """A sentence as it grows: who it is about, its last verb and its last noun."""

    __slots__ = (
        "choose",
        "is_plural",
        "noun",
        "noun_index",
        "pronoun",
        "sentence",
        "subject",
        "verb",
    )

    def __init__(self, choose: Chooser, sentence: Sentence) -> None:
        self.choose, self.sentence = choose, sentence
        self.subject, self.verb, self.noun_index = -1, -1, -1
        self.pronoun = "I"  # what the subject is called
        self.noun: Noun | None = None
        self.is_plural = 0

    @property
    def plural(self) -> int:
        """Which of (goes, go) the subject asks for."""
        return 0 if self.pronoun in ("he", "she", "it") else 1


def say(telling: Telling, word: str) -> None:
    telling.sentence.say(word)


def choice(telling: Telling, words: tuple[str, ...]) -> None:
    telling.sentence.say(telling.choose.one(words))


# Subjects and pronouns


def who(telling: Telling) -> None:
    """I, you, she, a name, a person or an animal."""
    choose, sentence = telling.choose, telling.sentence
    pronoun = choose.one(_WHO)
    if not choose.chance(0.3):
        telling.pronoun = pronoun
        telling.subject = sentence.say(pronoun)
    elif choose.chance(0.5):
        telling.pronoun = choose.one(("he", "she"))
        telling.subject = sentence.say(choose.one(MEN if telling.pronoun == "he" else WOMEN))
    else:
        noun = choose.one(_PEOPLE.unseen if choose.evaluation == "nouns" else _PEOPLE.seen)
        plural = number(choose, noun)
        telling.pronoun = "they" if plural else choose.one(noun.kind.pronouns)
        telling.subject = noun_phrase(choose, sentence, noun, plural)


_PEOPLE = pool("person")


def they(telling: Telling) -> None:
    """The subject again, as a pronoun."""
    index = telling.sentence.say(telling.pronoun)
    if telling.pronoun in PRONOUNS and telling.subject >= 0:
        link(telling.sentence, "pronoun", telling.subject, index, PRONOUNS)
    telling.subject = index


def reflexive(telling: Telling) -> None:
    index = telling.sentence.say(_SELF.get(telling.pronoun, "itself"))
    options = ("himself", "herself", "itself", "themselves")
    said = telling.sentence.words[index]
    link(telling.sentence, "pronoun", telling.subject, index, options if said in options else ())


# Verbs


def _agree(telling: Telling, forms: tuple[str, str]) -> int:
    """Say "am", "goes", "go" by the subject."""
    options: tuple[str, ...] = forms
    form = forms[telling.plural]
    if forms is BE:
        options, form = _BE_FORMS, "am" if telling.pronoun == "I" else form
    if forms is BE_PAST and telling.pronoun == "I":
        form = "was"
    index = telling.sentence.say(form)
    link(telling.sentence, "agreement", telling.subject, index, options)
    telling.verb = index
    return index


def present(telling: Telling, verb: Verb) -> None:
    _agree(telling, {"be": BE, "have": HAVE, "do": DO}.get(verb.base, verb.present))


def past(telling: Telling, verb: Verb) -> None:
    if verb.base == "be":
        _agree(telling, BE_PAST)
    else:
        telling.verb = telling.sentence.say(verb.past)


def negated(telling: Telling, verb: Verb) -> None:
    if telling.choose.chance(0.4):
        _agree(telling, DO)
        telling.sentence.say("not")
    else:
        _agree(telling, DO_NOT)
    telling.verb = telling.sentence.say(verb.base)


def present_of_noun(telling: Telling, verb: Verb, plural: int) -> None:
    """A verb that agrees with the noun said last."""
    forms = {"be": BE, "have": HAVE, "do": DO}.get(verb.base, verb.present)
    earlier = telling.noun_index if telling.noun_index >= 0 else len(telling.sentence.words) - 1
    telling.verb = telling.sentence.say(forms[plural])
    link(telling.sentence, "agreement", earlier, telling.verb, forms)


def has(telling: Telling) -> None:
    _agree(telling, HAVE)


def is_of_noun(telling: Telling) -> None:
    telling.verb = telling.sentence.say(BE[telling.is_plural])
    link(telling.sentence, "agreement", telling.noun_index, telling.verb, BE)


def any_present(telling: Telling, verbs: tuple[Verb, ...]) -> None:
    _agree(telling, telling.choose.one(verbs).present)


def any_past(telling: Telling, verbs: tuple[Verb, ...]) -> None:
    telling.verb = telling.sentence.say(telling.choose.one(verbs).past)


def any_base(telling: Telling, verbs: tuple[Verb, ...]) -> None:
    telling.sentence.say(telling.choose.one(verbs).base)


def any_ing(telling: Telling, verbs: tuple[Verb, ...]) -> None:
    telling.sentence.say(telling.choose.one(verbs).ing)


def _action(choose: Chooser) -> Action:
    return choose.common(_INTRANSITIVE if choose.chance(0.35) else _PERSON.does)


def do(telling: Telling) -> None:
    action = _action(telling.choose)
    verb = telling.sentence.say(action.verb.base)
    complete(telling.choose, telling.sentence, action, verb)


def doing(telling: Telling) -> None:
    action = _action(telling.choose)
    verb = telling.sentence.say(action.verb.ing)
    complete(telling.choose, telling.sentence, action, verb)


def done(telling: Telling) -> None:
    action = _action(telling.choose)
    verb = telling.sentence.say(action.verb.participle)
    complete(telling.choose, telling.sentence, action, verb)


def fitting(telling: Telling) -> None:
    """An adjective that may be said of the noun said last."""
    kind = telling.noun.kind if telling.noun else _PERSON
    telling.sentence.say(telling.choose.one(kind.after or kind.before))


def number_and(telling: Telling) -> None:
    telling.sentence.say(telling.choose.one(places.NUMBERS))


PLAIN = {
    "who": who, "they": they, "self": reflexive, "has": has, "is": is_of_noun, "do": do,
    "ing": doing, "done": done, "fits": fitting, "num": number_and,
}  # fmt: skip
