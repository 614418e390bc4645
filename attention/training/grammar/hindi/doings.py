"""What somebody does: verbs that agree with their subject, across up to two other nouns."""

from attention.training.grammar.hindi.actions import (
    ANIMAL_STAY,
    GO,
    OF_TENSE,
    STAY,
    doer,
    moving,
    something_done,
    somewhere,
    toward_somebody,
    with_or_beside,
)
from attention.training.grammar.hindi.phrases import (
    BEEN,
    HINDI,
    MANNERS,
    OF,
    ONCE,
    PAST,
    PRESENT,
    Said,
    agree,
    beside_something,
    noun_phrase,
    perfect,
    verb_before,
)
from attention.training.grammar.hindi.pools import (
    KIN,
    OF_KIND,
    Chosen,
    Pool,
    differs,
    joins,
    subject,
)
from attention.training.lexicon import hindi as words
from attention.training.lexicon.hindi import Verb
from attention.training.sentences import Chooser, Link, Sentence

BEFALLEN = tuple(words.BEFALL)


def _action(
    choose: Chooser, sentence: Sentence, who: Said, placed: bool
) -> tuple[Verb, tuple[Said, ...], int | None]:
    """What is done: the verb (not said yet), nouns on the way to it, the object's index."""
    draw = choose.random.random()
    if draw < 0.45:
        verb, objects = something_done(choose, sentence, who)
        return verb, objects, objects[0].at
    if draw < 0.55 and who.chosen.noun.kind != "animal":
        return toward_somebody(choose, sentence, who), (), None
    if draw < 0.8:
        if not placed and choose.chance(0.6):
            somewhere(choose, sentence)
        elif choose.chance(0.6):
            sentence.say(choose.one(MANNERS))
        return choose.one(ANIMAL_STAY if who.chosen.noun.kind == "animal" else STAY), (), None
    return moving(choose, sentence), (), None


def _between(choose: Chooser, sentence: Sentence, who: Said, count: int) -> tuple[Said, ...]:
    """One or two phrases whose nouns the verb does not agree with."""
    if count == 0:
        return ()
    mislead = differs(choose)
    first = with_or_beside(choose, sentence, who, mislead)
    if count == 1:
        return (first,)
    return first, beside_something(choose, sentence, who, mislead)


def _finish(
    choose: Chooser, sentence: Sentence, who: Said, others: tuple[Said, ...], manner: str
) -> Sentence:
    """The action in the tense that is called for."""
    negative = choose.chance(0.12)
    verb, objects, target = _action(choose, sentence, who, len(others) > 1)
    others += objects
    verb_before(sentence, verb, negative)
    if manner == "habitual":
        at = agree(sentence, who, verb.habitual, others)
        agree(sentence, who, PAST if choose.chance(0.3) else PRESENT, others)
    elif manner == "progressive":
        at = sentence.say(verb.stem)
        agree(sentence, who, BEEN, others)
        agree(sentence, who, PAST if choose.chance(0.35) else PRESENT, others)
    else:
        at = agree(sentence, who, verb.future[:4], others)
    if target is not None:
        sentence.links.append(Link("object", HINDI, target, at))
    sentence.say("।")
    return sentence


def _doing(choose: Chooser, manner: str, count: int) -> Sentence:
    sentence = Sentence()
    who = doer(choose, sentence, OF_TENSE[manner] if choose.chance(0.3) else ())
    return _finish(choose, sentence, who, _between(choose, sentence, who, count), manner)


def habitual(choose: Chooser) -> Sentence:
    """ "लड़का रोज़ औरतों के साथ सेब खाता है"."""
    return _doing(choose, "habitual", 1)


def habitual_two(choose: Chooser) -> Sentence:
    """ "लड़का औरतों के साथ मेज़ के पास सेब खाता है"."""
    return _doing(choose, "habitual", 2)


def plain(choose: Chooser) -> Sentence:
    """ "लड़का सेब खाता है"."""
    return _doing(choose, choose.one(tuple(OF_TENSE)[:2]), 0)


def progressive(choose: Chooser) -> Sentence:
    """ "लड़की दादा के साथ खाना बना रही है"."""
    return _doing(choose, "progressive", 1)


def progressive_two(choose: Chooser) -> Sentence:
    return _doing(choose, "progressive", 2)


def future(choose: Chooser) -> Sentence:
    """ "बच्चे औरत के साथ फल खाएँगे"."""
    return _doing(choose, "future", 1)


def future_two(choose: Chooser) -> Sentence:
    return _doing(choose, "future", 2)


def _went(choose: Chooser, count: int) -> Sentence:
    sentence = Sentence()
    dated = choose.chance(0.3)
    who = doer(choose, sentence, ONCE if dated else ())
    others = _between(choose, sentence, who, count)
    if choose.chance(0.6):
        verb = moving(choose, sentence)
    else:
        verb = choose.one(ANIMAL_STAY if who.chosen.noun.kind == "animal" else STAY[:5])
        if count < 2 and choose.chance(0.5):
            somewhere(choose, sentence)
    if choose.chance(0.12):
        sentence.say("नहीं")
    perfect(choose, sentence, who, verb, others, dated=dated)
    sentence.say("।")
    return sentence


def went(choose: Chooser) -> Sentence:
    """ "लड़की बच्चों के पीछे घर गई"."""
    return _went(choose, 1)


def went_two(choose: Chooser) -> Sentence:
    return _went(choose, 2)


def befell(choose: Chooser) -> Sentence:
    """ "किताबें मेज़ के नीचे गिर गईं"."""
    sentence = Sentence()
    kind = choose.one(BEFALLEN)
    what = noun_phrase(choose, sentence, subject(choose, OF_KIND[kind]))
    others = (beside_something(choose, sentence, what, differs(choose)),)
    verb = choose.one(words.BEFALL[kind])
    if choose.chance(0.7):
        sentence.say(verb.stem)
        perfect(choose, sentence, what, GO, others)
    else:
        sentence.say("नहीं" if choose.chance(0.3) else "")
        perfect(choose, sentence, what, verb, others)
    sentence.say("।")
    return sentence


def owners_kin(choose: Chooser) -> Sentence:
    """ "लड़कों की माँ रोज़ मंदिर जाती है": the owner stands before the subject, and misleads."""
    sentence = Sentence()
    kin = subject(choose, KIN)
    while kin.plural and kin.noun.key == "भाई":
        kin = subject(choose, KIN)
    whose: Pool = OF_KIND["person"]
    owner, other = _owner(choose, sentence, kin, whose)
    sentence.links.append(Link("possessor", HINDI, owner.at, other.at))
    return _finish(
        choose, sentence, other, (owner,), choose.one(("habitual", "progressive", "future"))
    )


def _owner(choose: Chooser, sentence: Sentence, kin: Chosen, whose: Pool) -> tuple[Said, Said]:
    mislead = differs(choose)
    while True:
        owner = subject(choose, whose)
        misleads = (owner.noun.feminine, owner.plural) != (kin.noun.feminine, kin.plural)
        if joins(choose, kin.noun, owner.noun) and (misleads or not mislead):
            break
    said = noun_phrase(choose, sentence, owner, oblique=True)
    sentence.say(OF[2 if kin.noun.feminine else kin.plural])
    return said, noun_phrase(choose, sentence, kin, bare=True)
