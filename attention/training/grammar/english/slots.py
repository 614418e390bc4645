"""What fills a place in an everyday pattern, and the links that it makes."""

from attention.training.grammar.english.parts import (
    BE, BE_PAST, DO, DO_NOT, HAVE, link, noun_phrase, number,
)  # fmt: skip
from attention.training.grammar.english.predicate import complete
from attention.training.lexicon.english import adverbs, places
from attention.training.lexicon.english.adjectives import DEGREES
from attention.training.lexicon.english.nouns import KINDS, Noun, Pool, pool
from attention.training.lexicon.english.people import MEN, NAMES, WOMEN
from attention.training.lexicon.english.verbs import MODALS, NOT_MODALS, Action, Verb
from attention.training.sentences import Chooser, Sentence

_PERSON = KINDS["person"]
_INTRANSITIVE = tuple(action for action in _PERSON.does if not action.objects)
_WHO = ("I",) * 6 + ("you", "you", "we", "we", "we", "they", "they", "he", "he", "she", "she")
_POSSESSIVE = {"I": "my", "you": "your", "we": "our", "they": "their", "he": "his", "she": "her"}
_SELF = {
    "I": "myself", "you": "yourself", "we": "ourselves", "they": "themselves", "he": "himself",
    "she": "herself",
}  # fmt: skip
_OPTIONS = ("he", "she", "it", "they")
_POSSESSIVE_OPTIONS = ("his", "her", "its", "their")
_BE_FORMS = ("am", "is", "are")
_SPORTS = "football tennis cricket baseball basketball chess hockey soccer golf rugby"
_DAYS = "day week month year hour minute second morning evening night moment decade century"


class Telling:
    """A sentence as it grows: who it is about, its last verb and its last noun."""

    __slots__ = ("choose", "is_plural", "noun", "noun_index", "pronoun", "sentence", "subject", "verb")

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


# --- Subjects and pronouns -----------------------------------------------------------------------


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
    if telling.pronoun in _OPTIONS and telling.subject >= 0:
        link(telling.sentence, "pronoun", telling.subject, index, _OPTIONS)
    telling.subject = index


def reflexive(telling: Telling) -> None:
    index = telling.sentence.say(_SELF.get(telling.pronoun, "itself"))
    options = ("himself", "herself", "itself", "themselves")
    said = telling.sentence.words[index]
    link(telling.sentence, "pronoun", telling.subject, index, options if said in options else ())


# --- Verbs -----------------------------------------------------------------------------------------


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
    return choose.one(_INTRANSITIVE if choose.chance(0.35) else _PERSON.does)


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


# --- Nouns -----------------------------------------------------------------------------------------


def nouns(names: str) -> Pool:
    return pool(names.replace("sport", _SPORTS).replace("days", _DAYS))


def _noun(telling: Telling, noun: Noun, plural: int, determiner: str, is_object: bool) -> None:
    adjective = 0.2 if determiner else 0.0
    index = noun_phrase(telling.choose, telling.sentence, noun, plural, determiner, adjective)
    if is_object and telling.verb >= 0:
        link(telling.sentence, "object", telling.verb, index)
    telling.noun, telling.noun_index, telling.is_plural = noun, index, plural


def a(telling: Telling, nouns: Pool, is_object: bool) -> None:
    _noun(telling, telling.choose.one(nouns.count), 0, "a", is_object)


def the(telling: Telling, nouns: Pool, is_object: bool) -> None:
    noun = telling.choose.one(nouns.nouns)
    plural = number(telling.choose, noun) if telling.choose.chance(0.5) else 0
    _noun(telling, noun, plural, "the", is_object)


def this(telling: Telling, nouns: Pool, is_object: bool) -> None:
    _noun(telling, telling.choose.one(nouns.count), 0, "this", is_object)


def bare(telling: Telling, nouns: Pool, is_object: bool) -> None:
    _noun(telling, telling.choose.one(nouns.nouns), 0, "", is_object)


def plural(telling: Telling, nouns: Pool, is_object: bool) -> None:
    _noun(telling, telling.choose.one(nouns.count), 1, "", is_object)


def some(telling: Telling, nouns: Pool, is_object: bool) -> None:
    noun = telling.choose.one(nouns.nouns)
    _noun(telling, noun, int(not noun.mass), "some", is_object)


def food(telling: Telling, nouns: Pool, is_object: bool) -> None:
    """ "rice", "apples"."""
    noun = telling.choose.one(nouns.nouns)
    _noun(telling, noun, int(not noun.mass), "", is_object)


def my(telling: Telling, nouns: Pool, is_object: bool) -> None:
    """A noun that is the subject's: "her dog" after "Anna"."""
    _own(telling, nouns, is_object, 0.25)


def my_several(telling: Telling, nouns: Pool, is_object: bool) -> None:
    _own(telling, nouns, is_object, 1.0)


def _own(telling: Telling, nouns: Pool, is_object: bool, several: float) -> None:
    noun = telling.choose.one(nouns.nouns)
    plural = 0 if noun.mass else int(telling.choose.chance(several))
    possessive = _POSSESSIVE.get(telling.pronoun, "its")
    before = len(telling.sentence.words)
    _noun(telling, noun, plural, possessive, is_object)
    if telling.pronoun in _OPTIONS and telling.subject >= 0:
        link(telling.sentence, "pronoun", telling.subject, before, _POSSESSIVE_OPTIONS)


def anybodys(telling: Telling, nouns: Pool, is_object: bool) -> None:
    """ "my friend", "your bag": whoever the sentence is about."""
    owner = telling.choose.one(("my", "my", "my", "your", "your", "our", "his", "her", "their"))
    _noun(telling, telling.choose.one(nouns.nouns), 0, owner, is_object)


def what_subject_is(telling: Telling, nouns: Pool, is_object: bool) -> None:
    """ "a teacher", or "teachers" of more than one."""
    several = telling.pronoun in ("we", "they")
    _noun(telling, telling.choose.one(nouns.count), int(several), "" if several else "a", is_object)


def whose_subject_is(telling: Telling, nouns: Pool, is_object: bool) -> None:
    """ "my friend", "my friends": never "I am my friend"."""
    owner = telling.choose.one(("his", "her", "your") if telling.pronoun == "I" else ("our", "his"))
    _noun(telling, telling.choose.one(nouns.count), int(telling.pronoun in ("we", "they")), owner, is_object)


def fitting(telling: Telling) -> None:
    """An adjective that may be said of the noun said last."""
    kind = telling.noun.kind if telling.noun else _PERSON
    telling.sentence.say(telling.choose.one(kind.after or kind.before))


def number_and(telling: Telling) -> None:
    telling.sentence.say(telling.choose.one(places.NUMBERS))


NOUN_PHRASES = {
    "a": a, "the": the, "this": this, "n": bare, "s": plural, "some": some, "food": food, "my": my,
    "my2p": my_several, "my2": anybodys, "pred": what_subject_is, "role": whose_subject_is,
}  # fmt: skip
PLAIN = {
    "who": who, "they": they, "self": reflexive, "has": has, "is": is_of_noun, "do": do,
    "ing": doing, "done": done, "fits": fitting, "num": number_and,
}  # fmt: skip
_BASES = tuple(action.verb for action in _INTRANSITIVE)
CHOICES = {
    "name": NAMES, "man": MEN, "woman": WOMEN, "day": places.DAYS, "month": places.MONTHS,
    "city": places.CITIES, "country": places.COUNTRIES, "language": places.LANGUAGES,
    "weather": places.WEATHER, "manner": adverbs.MANNER, "often": adverbs.OFTEN,
    "sentence": adverbs.SENTENCE, "state": _PERSON.after, "ing1": tuple(v.ing for v in _BASES),
    "beast": tuple(a.verb.base for a in KINDS["animal"].does if not a.objects),
    "place": ("school", "work", "church", "bed", "town", "the market", "the park", "the beach",
              "the cinema", "the hospital", "the store", "the doctor", "the library", "the zoo"),
    "when": ("today", "now", "tomorrow", "tonight", "soon", "later", "next week", "every day",
             "in the evening", "again", "next year", "this weekend", "on Sunday", "together"),
    "past": ("yesterday", "last night", "last week", "this morning", "last year", "a week ago",
             "two days ago", "on Monday", "in the afternoon", "long ago", "once", "twice"),
    "when2": ("today", "before", "again", "twice", "once", "many times", "since Monday"),
    "m": MODALS, "can't": NOT_MODALS,
    "will": ("will", "won't", "will not", "may", "might"), "dn": ("did not", "didn't"),
    "begin": ("begin", "start", "end"), "taste": ("good", "bad", "delicious", "wonderful", "sweet"),
    "fair": ("fair", "true", "good", "possible", "easy", "fine", "important", "new", "ready"),
    "ideal": ("easy", "hard", "important", "nice", "good", "fun", "difficult", "possible", "better"),
    "he": ("he", "she", "your father", "your mother", "your friend", *NAMES[:40]),
    "you": ("you", "him", "her", "them"), "whose": ("mine", "his", "hers", "ours", "theirs"),
    "they2": ("I am", "I do", "we are", "it is", "he is", "she does", "they are", "you can"),
    "short_has": ("I've", "you've", "we've", "they've"), "there": ("there", "here", "inside", "outside"),
    "short_will": ("I'll", "you'll", "he'll", "she'll", "it'll", "we'll", "they'll"),
    "short_would": ("I'd", "you'd", "he'd", "she'd", "it'd", "we'd", "they'd"),
    "ordinal": places.ORDINALS, "big": places.LARGE, "times": ("once", "twice", "three times"),
    "most": ("best", "worst", "biggest", "oldest", "cheapest", "smallest", "most expensive"),
    "had": ("had",), "comp": tuple(d[1] for d in DEGREES), "degree": tuple(d[2] for d in DEGREES),
    "I'm": ("I'm", "we're", "he's", "she's", "they're"),
}  # fmt: skip
