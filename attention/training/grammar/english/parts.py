"""Noun phrases, agreement and the start of a sentence: what every English template is made of."""

from attention.training.lexicon.english.nouns import Noun, Pool
from attention.training.lexicon.english.people import MEN, WOMEN
from attention.training.sentences import QUOTE, Chooser, Link, Sentence

BE, BE_PAST, HAVE, DO = ("is", "are"), ("was", "were"), ("has", "have"), ("does", "do")
BE_NOT, BE_PAST_NOT = ("isn't", "aren't"), ("wasn't", "weren't")
HAVE_NOT, DO_NOT = ("hasn't", "haven't"), ("doesn't", "don't")

# By number; "" where nothing stands. What fixes the number of its noun is in ``NUMBERED``.
DETERMINERS = (
    ("the",) * 9 + ("a",) * 4 + tuple("this that my your his her our their every each".split()),
    ("the",) * 9 + tuple("these those my your his her our their some two three many".split())
    + ("several", "four", "five", "all the", "most", "few", ""),
)  # fmt: skip
OF_MASS = ("the",) * 5 + ("my", "your", "his", "her", "our", "their", "this", "some", "no", "", "")
NUMBERED = frozenset(
    "a an one this that every each these those two three four five many several few".split()
)
_SAID_WITH_A_VOWEL = ("hour", "honest", "honor", "heir")
_SAID_WITHOUT = ("uni", "use", "usu", "eu", "one", "once", "util")


class Subject:
    """Who or what a verb agrees with: its noun, its place and what stands between them."""

    __slots__ = ("attractors", "index", "noun", "plural")

    def __init__(
        self, noun: Noun, plural: int, index: int, attractors: tuple[int, ...] = ()
    ) -> None:
        self.noun, self.plural, self.index, self.attractors = noun, plural, index, attractors


def article(word: str) -> str:
    """ "a" or "an", by how the next word sounds."""
    if word.startswith(_SAID_WITH_A_VOWEL):
        return "an"
    return "an" if word[0].lower() in "aeiou" and not word.startswith(_SAID_WITHOUT) else "a"


def link(
    sentence: Sentence,
    kind: str,
    earlier: int,
    later: int,
    options: tuple[str, ...] = (),
    attractors: tuple[int, ...] = (),
) -> None:
    sentence.links.append(Link(kind, "en", earlier, later, options, attractors))


def number(choose: Chooser, noun: Noun) -> int:
    """0 for the singular, 1 for the plural."""
    return 0 if noun.mass else int(choose.chance(0.5))


def noun_phrase(
    choose: Chooser,
    sentence: Sentence,
    noun: Noun,
    plural: int,
    determiner: str | None = None,
    adjective: float = 0.25,
) -> int:
    """Say a noun with its determiner and perhaps an adjective; returns the noun's index."""
    if determiner is None:
        if choose.chance(0.06):
            return owned(choose, sentence, noun, plural)
        determiner = choose.one(OF_MASS if noun.mass else DETERMINERS[plural])
    form, before = noun.forms[plural], noun.kind.before
    said = choose.one(before) if before and choose.chance(adjective) else ""
    if determiner == "a":
        determiner = article(said or form)
    first = sentence.say(determiner) if determiner else -1
    describing = sentence.say(said) if said else -1
    index = sentence.say(form)
    if first >= 0:
        fixed = determiner in NUMBERED and not noun.mass and noun.forms[0] != noun.forms[1]
        link(sentence, "determiner", first, index, noun.forms if fixed else ())
    if describing >= 0:
        link(sentence, "adjective", describing, index)
    return index


def owned(choose: Chooser, sentence: Sentence, noun: Noun, plural: int) -> int:
    """ "Anna's keys": the owner, then what is owned; returns the index of that."""
    owner = sentence.say(choose.one(WOMEN if choose.chance(0.5) else MEN) + "'s")
    index = sentence.say(noun.forms[plural])
    link(sentence, "possessor", owner, index)
    return index


def object_phrase(choose: Chooser, sentence: Sentence, verb: int, objects: Pool) -> int:
    """Say what a verb is done to; returns the index of its noun."""
    noun = choose.common(objects.nouns)
    index = noun_phrase(choose, sentence, noun, number(choose, noun))
    link(sentence, "object", verb, index)
    return index


def agree(sentence: Sentence, subject: Subject, forms: tuple[str, ...]) -> int:
    """Say the form of the verb that the subject asks for; returns its index."""
    verb = sentence.say(forms[subject.plural])
    link(sentence, "agreement", subject.index, verb, forms, subject.attractors)
    return verb


def subject_of(choose: Chooser, pools: tuple[Pool, ...]) -> Noun:
    """A noun that this chooser may make a subject."""
    while True:
        choices = choose.one(pools)
        nouns = choices.unseen if choose.evaluation == "nouns" else choices.seen
        if nouns:
            return choose.common(nouns)


def finish(choose: Chooser, sentence: Sentence, end: str = ".") -> Sentence:
    """End the sentence; capitals as they are written, or none, as people type."""
    words = sentence.words
    if end:
        words += end.split()
    if choose.chance(0.2):
        return sentence
    begins = True
    for index, word in enumerate(words):
        if begins and word != QUOTE:
            words[index] = word[0].upper() + word[1:]
            begins = False
        elif word in (".", "?", "!"):
            begins = True
    return sentence
