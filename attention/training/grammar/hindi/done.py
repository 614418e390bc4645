"""The perfect with ने: the verb agrees with the object, never with who did it."""

from attention.training.grammar.hindi.phrases import (
    HINDI,
    ONCE,
    Said,
    agree,
    beside_something,
    noun_phrase,
    perfect,
    verb_before,
    with_somebody,
)
from attention.training.grammar.hindi.pools import (
    FOLK,
    NAMES,
    OF_KIND,
    PLACES,
    Chosen,
    attractor,
    differs,
    subject,
)
from attention.training.lexicon import hindi as words
from attention.training.sentences import Chooser, Link, Sentence

KINDS = tuple(kind for kind in words.TRANSITIVE if kind != "place")
DONE = {
    kind: tuple(verb for verb in verbs if verb.takes_ne) for kind, verbs in words.TRANSITIVE.items()
}


def _agent(choose: Chooser, sentence: Sentence, what: Chosen, mislead: bool) -> Said:
    """ "लड़कों ने": who did it, known after what is done, for they must not be a held-out pair."""
    if choose.chance(0.3):
        sentence.say(choose.one(ONCE))
    if choose.evaluation is None and choose.chance(0.2):
        who = attractor(choose, what, NAMES, False, said_of=True)
    else:
        who = attractor(choose, what, FOLK, mislead)
    said = noun_phrase(choose, sentence, who, oblique=True)
    sentence.say("ने")
    return said


def _done(choose: Chooser, count: int) -> Sentence:
    sentence = Sentence()
    kind = choose.one(KINDS)
    while choose.evaluation == "nouns" and not OF_KIND[kind].new:
        kind = choose.one(KINDS)
    what = subject(choose, OF_KIND[kind])
    mislead = differs(choose)
    others = [_agent(choose, sentence, what, mislead)]
    said = noun_phrase(choose, sentence, what)
    if count > 1:
        phrase = with_somebody if choose.chance(0.4) else beside_something
        others.append(phrase(choose, sentence, said, mislead))
    elif choose.chance(0.3):
        sentence.say(choose.one(PLACES.every).forms[2], "में")
    verb = choose.one(DONE[kind])
    verb_before(sentence, verb, choose.chance(0.15))
    at = perfect(choose, sentence, said, verb, tuple(others))
    sentence.links.append(Link("object", HINDI, said.at, at))
    sentence.say("।")
    return sentence


def done(choose: Chooser) -> Sentence:
    """ "लड़के ने दो रोटियाँ खाईं"."""
    return _done(choose, 1)


def done_two(choose: Chooser) -> Sentence:
    """ "लड़के ने किताबें मेज़ के नीचे रखीं"."""
    return _done(choose, 2)


def done_to_somebody(choose: Chooser) -> Sentence:
    """ "लड़की ने औरतों को देखा": with को the verb agrees with nothing."""
    sentence = Sentence()
    kind = choose.one(("person", "animal"))
    whom = subject(choose, OF_KIND[kind])
    _agent(choose, sentence, whom, False)
    said = noun_phrase(choose, sentence, whom, oblique=True)
    sentence.say("को")
    verb = choose.one(words.TOWARD[kind])
    verb_before(sentence, verb, choose.chance(0.15))
    at = sentence.say(verb.perfective[0])
    sentence.links.append(Link("object", HINDI, said.at, at))
    sentence.say("है" if choose.chance(0.25) else "", "।")
    return sentence


def had_to(choose: Chooser) -> Sentence:
    """ "लड़के को किताबें पढ़नी हैं": infinitive and verb agree with the object."""
    sentence = Sentence()
    kind = choose.one(KINDS)
    while choose.evaluation == "nouns" and not OF_KIND[kind].new:
        kind = choose.one(KINDS)
    what = subject(choose, OF_KIND[kind])
    who = attractor(choose, what, FOLK, differs(choose))
    whose = noun_phrase(choose, sentence, who, oblique=True)
    sentence.say("को")
    said = noun_phrase(choose, sentence, what)
    verb = choose.one(words.TRANSITIVE[kind])
    infinitive = tuple(verb.stem + ending for ending in ("ना", "ने", "नी"))
    verb_before(sentence, verb, False)
    at = agree(sentence, said, infinitive, (whose,))
    sentence.links.append(Link("object", HINDI, said.at, at))
    agree(sentence, said, choose.one((("है", "हैं"), ("था", "थे", "थी", "थीं"))), (whose,))
    sentence.say("।")
    return sentence
