"""Agreement across relative clauses, which have a noun and often a verb of their own."""

from attention.training.grammar.english.across import (
    SUBJECTS,
    attractor,
    others,
    partner,
    phrases,
)
from attention.training.grammar.english.parts import (
    BE,
    BE_PAST,
    Subject,
    agree,
    finish,
    link,
    noun_phrase,
    number,
    subject_of,
)
from attention.training.grammar.english.predicate import predicate
from attention.training.lexicon.english.nouns import KINDS, Noun, pool
from attention.training.lexicon.english.people import NAMES
from attention.training.lexicon.english.verbs import Action
from attention.training.sentences import Chooser, Sentence

# What each kind does to something, so that a clause has a second noun.
_DOES_TO = {
    name: tuple(action for action in kind.does if action.objects and action.objects.count)
    for name, kind in KINDS.items()
}
_SUFFERS = {
    name: tuple((action, doers) for action, doers in kind.suffers if doers.count)
    for name, kind in KINDS.items()
}
DOERS = tuple(choices for choices in SUBJECTS if _DOES_TO[choices.nouns[0].kind.name])
SUFFERERS = tuple(choices for choices in SUBJECTS if _SUFFERS[choices.nouns[0].kind.name])


def _who(choose: Chooser, noun: Noun) -> str:
    if noun.kind.living and noun.kind.name != "animal":
        return choose.one(("who", "who", "that"))
    return choose.one(("that", "that", "which"))


def _begin(choose: Chooser, sentence: Sentence, noun: Noun) -> Subject:
    plural = number(choose, noun)
    determiner = "the" if choose.chance(0.7) else None
    index = noun_phrase(choose, sentence, noun, plural, determiner, adjective=0.12)
    return Subject(noun, plural, index)


def doing(
    choose: Chooser, sentence: Sentence, subject: Subject
) -> tuple[tuple[Noun, int, int], ...]:
    """ "who like the dogs": the clause's verb agrees with the noun before it."""
    action = choose.one(_DOES_TO[subject.noun.kind.name])
    sentence.say(_who(choose, subject.noun))
    if choose.chance(0.45):
        verb = agree(sentence, subject, action.verb.present)
    else:
        verb = sentence.say(action.verb.past)
    return (_object(choose, sentence, subject, action, verb),)


def _object(
    choose: Chooser, sentence: Sentence, subject: Subject, action: Action, verb: int
) -> tuple[Noun, int, int]:
    if action.preposition:
        sentence.say(action.preposition)
    assert action.objects
    said = attractor(choose, sentence, subject.noun, subject.plural, action.objects)
    link(sentence, "object", verb, said[2])
    return said


def undergoing(
    choose: Chooser, sentence: Sentence, subject: Subject, *, word: bool = True
) -> tuple[tuple[Noun, int, int], ...]:
    """ "that the boys like": the clause's verb agrees with the clause's own subject."""
    action, doers = choose.one(_SUFFERS[subject.noun.kind.name])
    if word:
        sentence.say(
            choose.one(("that", "that", "which")) if not subject.noun.kind.living else "that"
        )
    between = attractor(choose, sentence, subject.noun, subject.plural, doers)
    inner = Subject(between[0], between[1], between[2], others(between[1], _as_other(subject)))
    if choose.chance(0.45) and not between[0].held_out:
        agree(sentence, inner, action.verb.present)
    else:
        sentence.say(action.verb.past)
    if action.preposition:
        sentence.say(action.preposition)
    return (between,)


def _as_other(subject: Subject) -> tuple[Noun, int, int]:
    return subject.noun, subject.plural, subject.index


def across_doing(choose: Chooser) -> Sentence:
    """ "The boys who saw the teacher are …"."""
    sentence = Sentence()
    subject = _begin(choose, sentence, subject_of(choose, DOERS))
    subject.attractors = others(subject.plural, *doing(choose, sentence, subject))
    predicate(choose, sentence, subject)
    return finish(choose, sentence)


def across_undergoing(choose: Chooser) -> Sentence:
    """ "The book that the boys read is …"."""
    sentence = Sentence()
    subject = _begin(choose, sentence, subject_of(choose, SUFFERERS))
    subject.attractors = others(subject.plural, *undergoing(choose, sentence, subject))
    predicate(choose, sentence, subject)
    return finish(choose, sentence)


def across_bare_clause(choose: Chooser) -> Sentence:
    """ "The book the boys read is …"."""
    sentence = Sentence()
    subject = _begin(choose, sentence, subject_of(choose, SUFFERERS))
    subject.attractors = others(subject.plural, *undergoing(choose, sentence, subject, word=False))
    predicate(choose, sentence, subject)
    return finish(choose, sentence)


def across_clause_and_phrase(choose: Chooser) -> Sentence:
    """ "The boys who saw the teacher near the car are …": two nouns between."""
    sentence = Sentence()
    subject = _begin(choose, sentence, subject_of(choose, DOERS))
    between = list(doing(choose, sentence, subject))
    after = between[0][0].kind.beside
    if after:
        preposition, nouns = choose.one(after)
        sentence.say(preposition)
        between.append(attractor(choose, sentence, subject.noun, subject.plural, nouns))
    subject.attractors = others(subject.plural, *between)
    predicate(choose, sentence, subject)
    return finish(choose, sentence)


def across_phrase_and_clause(choose: Chooser) -> Sentence:
    """ "The keys near the door that the boys like are …"."""
    sentence = Sentence()
    subject = phrases(choose, sentence, 1)
    if subject.noun.kind.name not in _SUFFERS or not _SUFFERS[subject.noun.kind.name]:
        predicate(choose, sentence, subject)
        return finish(choose, sentence)
    between = undergoing(choose, sentence, subject)
    subject.attractors += others(subject.plural, *between)
    predicate(choose, sentence, subject)
    return finish(choose, sentence)


def across_being(choose: Chooser) -> Sentence:
    """ "The dogs that are near the car are …": the first verb agrees too."""
    sentence = Sentence()
    noun = subject_of(choose, tuple(p for p in DOERS if p.nouns[0].kind.beside))
    subject = _begin(choose, sentence, noun)
    sentence.say(_who(choose, noun))
    agree(sentence, subject, choose.one((BE, BE, BE_PAST)))
    preposition, nouns = choose.one(noun.kind.beside)
    sentence.say(preposition)
    between = attractor(choose, sentence, noun, subject.plural, nouns)
    subject.attractors = others(subject.plural, between)
    predicate(choose, sentence, subject)
    return finish(choose, sentence)


def across_name(choose: Chooser) -> Sentence:
    """ "The books that Anna bought for the boys are …", ", which Anna bought, are"."""
    sentence = Sentence()
    noun = subject_of(choose, SUFFERERS)
    subject = _begin(choose, sentence, noun)
    bracket = ", whom" if noun.kind.name in ("man", "woman", "person") else ", which"
    sentence.say(choose.one(("that", bracket, "")), choose.one(NAMES))
    comma = "," in sentence.words
    buying = choose.one(("bought", "found", "saw", "wanted", "needed", "knew", "liked", "chose"))
    sentence.say(buying, choose.one(("for", "with", "near", "because of")))
    between = attractor(choose, sentence, subject.noun, subject.plural, _ANYBODY)
    if comma:
        sentence.say(",")
    subject.attractors = others(subject.plural, between)
    predicate(choose, sentence, subject)
    return finish(choose, sentence)


_ANYBODY = pool("person animal")


def across_whose(choose: Chooser) -> Sentence:
    """ "The boys whose sister likes the dog are …". Held out from training."""
    sentence = Sentence()
    subject = _begin(choose, sentence, subject_of(choose, (_PEOPLE,)))
    sentence.say("whose")
    between = _owned(choose, sentence, subject)
    inner = Subject(between[0], between[1], between[2], others(between[1], _as_other(subject)))
    action = choose.one(_DOES_TO[between[0].kind.name] or _DOES_TO["person"])
    verb = agree(sentence, inner, action.verb.present)
    last = _object(choose, sentence, subject, action, verb)
    subject.attractors = others(subject.plural, between, last)
    predicate(choose, sentence, subject)
    return finish(choose, sentence)


_PEOPLE = pool("person")
_KIN = pool("brother sister father mother friend son daughter neighbor teacher aunt dog cat")


def _owned(choose: Chooser, sentence: Sentence, subject: Subject) -> tuple[Noun, int, int]:
    noun = partner(choose, subject.noun, _KIN)
    plural = 1 - subject.plural if choose.evaluation or choose.chance(0.6) else subject.plural
    return noun, plural, noun_phrase(choose, sentence, noun, plural, "", adjective=0)
