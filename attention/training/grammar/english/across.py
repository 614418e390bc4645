"""Agreement across prepositional phrases: "The keys near the old cabinet are …"."""

from attention.training.grammar.english.parts import (
    BE,
    Subject,
    agree,
    finish,
    link,
    noun_phrase,
    number,
    subject_of,
)
from attention.training.grammar.english.predicate import predicate
from attention.training.lexicon.english.adverbs import SENTENCE
from attention.training.lexicon.english.nouns import Noun, Pool, pool
from attention.training.lexicon.english.phrases import ASPECTS
from attention.training.lexicon.english.verbs import verbs
from attention.training.sentences import Chooser, Sentence

# By how often each is a subject, a kind is named more than once.
SUBJECTS = tuple(
    pool(names)
    for names in """person person man woman animal animal animal group building room street outdoor
    region furniture fixture container clothing vehicle device tool tool small small document
    document media food part plant event idea idea drink foodstuff material stuff abstract
    study weather time
    """.split()
)
BESIDE = tuple(choices for choices in SUBJECTS if choices.nouns[0].kind.beside)
_THINKING = verbs("think know believe say hope feel remember see hear notice")
_PEOPLE = pool("person")
_ANY = pool("living object")


def attractor(
    choose: Chooser, sentence: Sentence, noun: Noun, plural: int, nouns: Pool
) -> tuple[Noun, int, int]:
    """Say a noun between a subject and its verb; returns it, its number and its index.

    Six times in ten it is of the other number than the subject; always so in an evaluation.
    """
    other = partner(choose, noun, nouns, counts=choose.evaluation is not None)
    opposite = choose.evaluation is not None or choose.chance(0.6)
    between = 0 if other.mass else (1 - plural if opposite else plural)
    return other, between, noun_phrase(choose, sentence, other, between, adjective=0.35)


def partner(choose: Chooser, noun: Noun, nouns: Pool, *, counts: bool = False) -> Noun:
    """A noun that this chooser may join with ``noun``.

    Where a few tries find none among ``nouns`` (of a small kind, all pairs may be held out, or
    none), it is any person, animal or thing.
    """
    options = nouns.count if counts and nouns.count else nouns.nouns
    for _ in range(30):
        other = choose.common(options)
        if choose.joins(noun.forms[0], other.forms[0]):
            return other
    return partner(choose, noun, _ANY)


def others(plural: int, *between: tuple[Noun, int, int]) -> tuple[int, ...]:
    """The places of those nouns that call for another form."""
    return tuple(index for _, number_, index in between if number_ != plural)


def _phrase(
    choose: Chooser, sentence: Sentence, noun: Noun, plural: int, after: Noun
) -> tuple[Noun, int, int]:
    """A preposition and a noun behind the noun ``after``."""
    preposition, nouns = choose.one(after.kind.beside)
    sentence.say(preposition)
    return attractor(choose, sentence, noun, plural, nouns)


def _begin(choose: Chooser, sentence: Sentence, pools: tuple[Pool, ...] = BESIDE) -> Subject:
    noun = subject_of(choose, pools)
    plural = number(choose, noun)
    determiner = "the" if choose.chance(0.6) else None
    return Subject(
        noun, plural, noun_phrase(choose, sentence, noun, plural, determiner, adjective=0.15)
    )


def phrases(choose: Chooser, sentence: Sentence, n: int) -> Subject:
    """A subject with ``n`` phrases behind it, each saying more of the noun before it."""
    subject = _begin(choose, sentence)
    between: list[tuple[Noun, int, int]] = []
    for _ in range(n):
        after = between[-1][0] if between and between[-1][0].kind.beside else subject.noun
        between.append(_phrase(choose, sentence, subject.noun, subject.plural, after))
    subject.attractors = others(subject.plural, *between)
    return subject


def across_phrase(choose: Chooser) -> Sentence:
    """ "The keys near the old cabinet are …": the nearest noun is not the subject."""
    sentence = Sentence()
    predicate(choose, sentence, phrases(choose, sentence, 1))
    return finish(choose, sentence)


def across_two_phrases(choose: Chooser) -> Sentence:
    """ "The keys in the box near the doors are …"."""
    sentence = Sentence()
    predicate(choose, sentence, phrases(choose, sentence, 2))
    return finish(choose, sentence)


def across_three_phrases(choose: Chooser) -> Sentence:
    """ "The key in the box near the doors of the shops is …"."""
    sentence = Sentence()
    predicate(choose, sentence, phrases(choose, sentence, 3))
    return finish(choose, sentence)


def across_owner(choose: Chooser) -> Sentence:
    """ "The boy's keys are …": the owner stands before the subject."""
    sentence = Sentence()
    noun = subject_of(choose, SUBJECTS)
    plural = number(choose, noun)
    sentence.say("the")
    owner = partner(choose, noun, _PEOPLE)
    said = sentence.say(owner.forms[0] + "'s")
    index = sentence.say(noun.forms[plural])
    link(sentence, "possessor", said, index)
    predicate(choose, sentence, Subject(noun, plural, index, (said,) if plural else ()))
    return finish(choose, sentence)


def aspect(choose: Chooser) -> Sentence:
    """ "The color of the walls is …", "The owners of the dog are …"."""
    sentence = Sentence()
    while True:
        aspects, wholes = choose.one(ASPECTS)
        nouns = aspects.unseen if choose.evaluation == "nouns" else aspects.seen
        if nouns:
            break
        if choose.evaluation == "nouns":
            return across_phrase(choose)
    noun = choose.common(nouns)
    plural = number(choose, noun)
    index = noun_phrase(choose, sentence, noun, plural, "the", adjective=0.1)
    sentence.say("of")
    between = attractor(choose, sentence, noun, plural, wholes)
    predicate(choose, sentence, Subject(noun, plural, index, others(plural, between)))
    return finish(choose, sentence)


def and_again(choose: Chooser) -> Sentence:
    """ "The keys near the box are old and have …": a second verb agrees from further away."""
    sentence = Sentence()
    subject = phrases(choose, sentence, 1)
    agree(sentence, subject, BE)
    sentence.say(choose.one(subject.noun.kind.after), choose.one(("and", "and", "but", "so")))
    if sentence.words[-1] == "so":
        sentence.say("they" if subject.plural else "it")
    predicate(choose, sentence, subject)
    return finish(choose, sentence)


def reported(choose: Chooser) -> Sentence:
    """ "The teachers know that the boy near the car is …": two subjects, two verbs."""
    sentence = Sentence()
    speaker = _begin(choose, sentence, (_PEOPLE,))
    agree(sentence, speaker, choose.one(_THINKING).present)
    sentence.say("that")
    first = (speaker.noun, speaker.plural, speaker.index)
    while True:
        noun = subject_of(choose, BESIDE)
        if choose.joins(speaker.noun.forms[0], noun.forms[0]):
            break
    plural = number(choose, noun)
    index = noun_phrase(choose, sentence, noun, plural, "the", adjective=0.1)
    between = [first]
    if choose.chance(0.6):
        between.append(_phrase(choose, sentence, noun, plural, noun))
    predicate(choose, sentence, Subject(noun, plural, index, others(plural, *between)))
    return finish(choose, sentence)


def with_comment(choose: Chooser) -> Sentence:
    """ "The keys near the box, however, are …" """
    sentence = Sentence()
    subject = phrases(choose, sentence, 1)
    sentence.say(",", choose.one(SENTENCE), ",")
    predicate(choose, sentence, subject)
    return finish(choose, sentence)


def before_subject(choose: Chooser) -> Sentence:
    """ "Near the doors the key is …": the other noun stands first. Held out from training."""
    sentence = Sentence()
    noun = subject_of(choose, BESIDE)
    plural = number(choose, noun)
    preposition, nouns = choose.one(noun.kind.beside)
    sentence.say(preposition)
    between = attractor(choose, sentence, noun, plural, nouns)
    sentence.say(",")
    index = noun_phrase(choose, sentence, noun, plural, "the", adjective=0.2)
    predicate(choose, sentence, Subject(noun, plural, index, others(plural, between)))
    return finish(choose, sentence)


def in_brackets(choose: Chooser) -> Sentence:
    """ "The keys, like the box near the doors, are …". Held out from training."""
    sentence = Sentence()
    subject = _begin(choose, sentence)
    sentence.say(",", choose.one(("like", "unlike", "just like")))
    between = attractor(
        choose, sentence, subject.noun, subject.plural, pool(subject.noun.kind.name)
    )
    sentence.say(",")
    subject.attractors = others(subject.plural, between)
    predicate(choose, sentence, subject)
    return finish(choose, sentence)
