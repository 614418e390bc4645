"""Actions that a noun and a verb make together: "मदद करना", "जवाब देना"."""

from attention.training.grammar.hindi.actions import OF_TENSE
from attention.training.grammar.hindi.phrases import (
    BEEN,
    HINDI,
    ONCE,
    PAST,
    PRESENT,
    Said,
    agree,
    noun_phrase,
    perfect,
    with_somebody,
)
from attention.training.grammar.hindi.pools import FOLK, GROUPS, Chosen, differs, joins, subject
from attention.training.lexicon import hindi as words
from attention.training.lexicon.hindi import Verb
from attention.training.sentences import Chooser, Link, Sentence


def _agent(choose: Chooser, sentence: Sentence, *, oblique: bool = False) -> Said:
    """Somebody, or many who are one ("भारत की सरकार")."""
    if choose.evaluation is not None or choose.chance(0.65):
        return noun_phrase(choose, sentence, subject(choose, FOLK), oblique=oblique)
    group = subject(choose, GROUPS, 0.2)
    land = None
    if choose.chance(0.3) and not group.plural:
        land = sentence.say(choose.one(words.LANDS))
        sentence.say("की" if group.noun.feminine else "के" if oblique else "का")
    said = noun_phrase(choose, sentence, group, oblique=oblique, bare=land is not None)
    if land is not None:
        sentence.links.append(Link("possessor", HINDI, land, said.at))
    return said


def _action(
    choose: Chooser, sentence: Sentence, who: Said, others: tuple[Said, ...]
) -> tuple[Said, Verb]:
    """The noun and its verb; it makes no pair that is kept from training."""
    pairs = words.PUBLIC if who.chosen.noun.kind == "group" else words.CONJUNCTS
    noun, verb = choose.one(pairs)
    while choose.evaluation is None and not all(
        joins(choose, noun, other.chosen.noun) for other in (who, *others)
    ):
        noun, verb = choose.one(pairs)
    return Said(Chosen(noun, False), sentence.say(noun.key)), verb


def acts(choose: Chooser) -> Sentence:
    """ "लड़का औरतों के साथ बात करता है"."""
    sentence = Sentence()
    tense = choose.one(("habitual", "progressive", "future"))
    if choose.chance(0.3):
        sentence.say(choose.one(OF_TENSE[tense]))
    who = _agent(choose, sentence)
    others: tuple[Said, ...] = ()
    if who.chosen.noun.kind != "group":
        others = (with_somebody(choose, sentence, who, differs(choose)),)
    what, verb = _action(choose, sentence, who, others)
    others += (what,)
    sentence.say("नहीं" if choose.chance(0.12) else "")
    if tense == "habitual":
        at = agree(sentence, who, verb.habitual, others)
    elif tense == "future":
        at = agree(sentence, who, verb.future[:4], others)
    else:
        at = sentence.say(verb.stem)
        agree(sentence, who, BEEN, others)
    if tense != "future":
        agree(sentence, who, PAST if choose.chance(0.3) else PRESENT, others)
    sentence.links.append(Link("object", HINDI, what.at, at))
    sentence.say("।")
    return sentence


def acted(choose: Chooser) -> Sentence:
    """ "सरकार ने घोषणा की": the verb agrees with the noun of the action."""
    sentence = Sentence()
    dated = choose.chance(0.3)
    if dated:
        sentence.say(choose.one(ONCE))
    who = _agent(choose, sentence, oblique=True)
    sentence.say("ने")
    others = [who]
    if who.chosen.noun.kind != "group" and choose.chance(0.6):
        others.append(with_somebody(choose, sentence, who, differs(choose)))
    what, verb = _action(choose, sentence, who, tuple(others))
    sentence.say("नहीं" if choose.chance(0.12) else "")
    at = perfect(choose, sentence, what, verb, tuple(others), dated=dated)
    sentence.links.append(Link("object", HINDI, what.at, at))
    sentence.say("।")
    return sentence
