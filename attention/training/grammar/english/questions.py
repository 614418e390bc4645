"""Questions and their answers."""

from attention.training.grammar.english.across import SUBJECTS, phrases
from attention.training.grammar.english.parts import (
    BE,
    BE_NOT,
    BE_PAST,
    DO,
    Subject,
    agree,
    finish,
    link,
    noun_phrase,
    number,
    subject_of,
)
from attention.training.grammar.english.people import PRONOUNS
from attention.training.grammar.english.predicate import complete
from attention.training.sentences import Chooser, Sentence


def question(choose: Chooser) -> Sentence:
    """ "Are the keys near the door old? No, they are new."."""
    sentence = Sentence()
    noun = subject_of(choose, SUBJECTS)
    plural = number(choose, noun)
    asks_state = noun.kind.after and (choose.chance(0.6) or not noun.kind.does)
    forms = choose.one((BE, BE, BE_PAST)) if asks_state else DO
    sentence.say(forms[plural])
    index = noun_phrase(choose, sentence, noun, plural, "the", adjective=0.1)
    if noun.kind.beside and choose.chance(0.5):
        preposition, nouns = choose.one(noun.kind.beside)
        sentence.say(preposition)
        other = choose.common(nouns.nouns)
        noun_phrase(choose, sentence, other, number(choose, other), "the")
    if asks_state:
        sentence.say(choose.one(noun.kind.after or noun.kind.before))
    else:
        action = choose.common(noun.kind.does)
        complete(choose, sentence, action, sentence.say(action.verb.base))
    sentence.say("?")
    if choose.chance(0.7):
        _answer(choose, sentence, Subject(noun, plural, index), forms)
        return finish(choose, sentence)
    return finish(choose, sentence, "")


def _answer(choose: Chooser, sentence: Sentence, subject: Subject, forms: tuple[str, str]) -> None:
    yes = choose.chance(0.5)
    sentence.say("yes" if yes else "no", ",")
    said = "they" if subject.plural else choose.one(subject.noun.kind.pronouns)
    pronoun = sentence.say(said)
    link(sentence, "pronoun", subject.index, pronoun, PRONOUNS)
    verb = sentence.say(forms[subject.plural])
    link(sentence, "agreement", pronoun, verb, forms)
    if not yes:
        sentence.say("not")


def where(choose: Chooser) -> Sentence:
    """ "Where are the keys? The keys are in the box."."""
    sentence = Sentence()
    noun = subject_of(choose, SUBJECTS)
    while not noun.kind.where:
        noun = subject_of(choose, SUBJECTS)
    plural = number(choose, noun)
    forms = choose.one((BE, BE, BE_PAST))
    sentence.say("where", forms[plural])
    first = noun_phrase(choose, sentence, noun, plural, choose.one(("the", "my", "your", "the")))
    sentence.say("?")
    if choose.chance(0.5):
        index = sentence.say("they" if plural else choose.one(noun.kind.pronouns))
        link(sentence, "pronoun", first, index, PRONOUNS)
    else:
        index = sentence.say("the", noun.forms[plural])
    agree(sentence, Subject(noun, plural, index), forms)
    preposition, nouns = choose.one(noun.kind.where)
    sentence.say(preposition)
    other = choose.common(nouns.nouns)
    noun_phrase(choose, sentence, other, number(choose, other), "the")
    return finish(choose, sentence)


def tag_question(choose: Chooser) -> Sentence:
    """ "The keys near the box are old, aren't they?"."""
    sentence = Sentence()
    subject = phrases(choose, sentence, 1)
    agree(sentence, subject, BE)
    sentence.say(choose.one(subject.noun.kind.after or subject.noun.kind.before), ",")
    agree(sentence, subject, BE_NOT)
    pronoun = sentence.say("they" if subject.plural else choose.one(subject.noun.kind.pronouns))
    link(sentence, "pronoun", subject.index, pronoun, PRONOUNS)
    return finish(choose, sentence, "?")
