"""What is said of a subject in the present, so that a verb has to agree with it."""

from attention.training.grammar.english.parts import (
    BE,
    BE_NOT,
    BE_PAST,
    BE_PAST_NOT,
    DO,
    DO_NOT,
    HAVE,
    HAVE_NOT,
    Subject,
    agree,
    link,
    noun_phrase,
    number,
    object_phrase,
)
from attention.training.lexicon.english.adjectives import INTENSIFIERS
from attention.training.lexicon.english.adverbs import ANYTIME, NOW, OFTEN
from attention.training.lexicon.english.nouns import pool
from attention.training.lexicon.english.verbs import Action, Verb, verbs
from attention.training.sentences import Chooser, Sentence

_SEEMING = verbs("seem look remain stay become")
_POSSESSIONS = pool("thing animal person idea vehicle food")  # by those who can own
_SHARED = pool("idea")


def predicate(choose: Chooser, sentence: Sentence, subject: Subject) -> None:
    """Say a verb that agrees with the subject, and how the sentence goes on."""
    kind = subject.noun.kind
    draw = choose.random.random()
    if not kind.does:
        draw *= 0.55
    if draw < 0.34:
        _state(choose, sentence, subject)
    elif draw < 0.41:
        _beside(choose, sentence, subject)
    elif draw < 0.46:
        _seeming(choose, sentence, subject)
    elif draw < 0.55:
        _passive(choose, sentence, subject)
    elif draw < 0.64:
        _having(choose, sentence, subject)
    else:
        _doing(choose, sentence, subject, choose.common(kind.does))


def be(choose: Chooser, sentence: Sentence, subject: Subject) -> int:
    """ "is", "were", "aren't", "is not"."""
    draw = choose.random.random()
    if draw < 0.06:
        return agree(sentence, subject, BE_NOT)
    if draw < 0.08:
        return agree(sentence, subject, BE_PAST_NOT)
    verb = agree(sentence, subject, BE if draw < 0.8 else BE_PAST)
    if draw < 0.16:
        sentence.say("not")
    return verb


def _state(choose: Chooser, sentence: Sentence, subject: Subject) -> None:
    be(choose, sentence, subject)
    if choose.chance(0.3):
        sentence.say(choose.one(INTENSIFIERS))
    sentence.say(choose.one(subject.noun.kind.after or subject.noun.kind.before))
    if choose.chance(0.15):
        sentence.say(choose.one(NOW))


def _beside(choose: Chooser, sentence: Sentence, subject: Subject) -> None:
    if not subject.noun.kind.where:
        return _state(choose, sentence, subject)
    be(choose, sentence, subject)
    preposition, nouns = choose.one(subject.noun.kind.where)
    sentence.say(preposition)
    noun = choose.common(nouns.nouns)
    noun_phrase(choose, sentence, noun, number(choose, noun), "the")


def _seeming(choose: Chooser, sentence: Sentence, subject: Subject) -> None:
    agree(sentence, subject, choose.one(_SEEMING).present)
    if choose.chance(0.2):
        sentence.say(choose.one(INTENSIFIERS))
    sentence.say(choose.one(subject.noun.kind.after or subject.noun.kind.before))


def _passive(choose: Chooser, sentence: Sentence, subject: Subject) -> None:
    if not subject.noun.kind.passive:
        return _state(choose, sentence, subject)
    action, doers = choose.one(subject.noun.kind.passive)
    if choose.chance(0.25):
        agree(sentence, subject, HAVE)
        sentence.say("been")
    else:
        be(choose, sentence, subject)
    sentence.say(action.verb.participle)
    if choose.chance(0.4):
        sentence.say("by")
        noun = choose.common(doers.count)
        noun_phrase(choose, sentence, noun, number(choose, noun))


def _having(choose: Chooser, sentence: Sentence, subject: Subject) -> None:
    verb = agree(sentence, subject, HAVE)
    owns = subject.noun.kind.living or subject.noun.kind.name in ("group", "region")
    noun = choose.one((_POSSESSIONS if owns else _SHARED).count)
    plural = number(choose, noun)
    said = noun_phrase(choose, sentence, noun, plural, choose.one(_OWNED[plural]))
    link(sentence, "object", verb, said)


_OWNED = (("a", "a", "a", "the", "one", "no"), ("two", "three", "many", "some", "no", "few", ""))


def _doing(choose: Chooser, sentence: Sentence, subject: Subject, action: Action) -> None:
    draw = choose.random.random()
    verb = action.verb
    if draw < 0.55:
        if choose.chance(0.15):
            sentence.say(choose.one(OFTEN))
        said = agree(sentence, subject, verb.present)
    else:
        said = _with_auxiliary(choose, sentence, subject, verb, draw)
    complete(choose, sentence, action, said)


def _with_auxiliary(
    choose: Chooser, sentence: Sentence, subject: Subject, verb: Verb, draw: float
) -> int:
    if draw < 0.64:
        agree(sentence, subject, DO)
        return sentence.say("not", verb.base)
    if draw < 0.72:
        agree(sentence, subject, DO_NOT)
        return sentence.say(verb.base)
    if draw < 0.86:
        be(choose, sentence, subject)
        return sentence.say(verb.ing)
    agree(sentence, subject, HAVE if draw < 0.95 else HAVE_NOT)
    if choose.chance(0.2):
        sentence.say("already" if draw < 0.95 else "always")
    return sentence.say(verb.participle)


def complete(choose: Chooser, sentence: Sentence, action: Action, verb: int) -> None:
    """What an action is done to, or when it is done."""
    if action.preposition:
        sentence.say(action.preposition)
    if action.objects:
        object_phrase(choose, sentence, verb, action.objects)
    elif choose.chance(0.4):
        sentence.say(choose.one(ANYTIME))
