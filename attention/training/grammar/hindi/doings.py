"""What somebody does: verbs that agree with their subject, across up to two other nouns."""

from attention.training.grammar.hindi.phrases import (
    BEEN,
    HINDI,
    MANNERS,
    NOW,
    OF,
    OFTEN,
    ONCE,
    PAST,
    PRESENT,
    SOON,
    Said,
    agree,
    beside_something,
    noun_phrase,
    perfect,
    verb_before,
    with_somebody,
)
from attention.training.grammar.hindi.pools import (
    ANIMALS,
    FOLK,
    KIN,
    NAMES,
    OF_KIND,
    PLACES,
    Chosen,
    Pool,
    beside,
    controller,
    differs,
    subject,
)
from attention.training.lexicon import hindi as words
from attention.training.lexicon.hindi import Verb
from attention.training.sentences import Chooser, Link, Sentence

TAKEN = tuple(words.TRANSITIVE)
TAKEN_BY_ANIMALS = tuple(words.ANIMAL_VERBS)
MOTION, STAY = words.INTRANSITIVE["motion"], words.INTRANSITIVE["stay"]
ANIMAL_STAY = words.INTRANSITIVE["animal"]
TOWARD = words.INTRANSITIVE["toward"]
THINGS_BEFALLEN = tuple(words.BEFALL)
OF_TENSE = {"habitual": OFTEN, "progressive": NOW, "perfect": ONCE, "future": SOON}
# To these one goes without a postposition.
GOALS = frozenset(
    [
        "घर",
        "बाज़ार",
        "स्कूल",
        "गाँव",
        "शहर",
        "मंदिर",
        "अस्पताल",
        "पार्क",
        "दफ़्तर",
        "कॉलेज",
        "स्टेशन",
        "होटल",
        "बैंक",
    ]
)
GO = words.verb("जा")


def doer(choose: Chooser, sentence: Sentence, tense: str) -> Said:
    """Somebody at the beginning, after a time or not; an animal in one of five."""
    if choose.chance(0.3):
        sentence.say(choose.one(OF_TENSE[tense]))
    nouns = ANIMALS if choose.chance(0.22) else FOLK
    if nouns is FOLK and choose.evaluation is None and choose.chance(0.2):
        return noun_phrase(choose, sentence, Chosen(controller(choose, NAMES), False))
    return noun_phrase(choose, sentence, subject(choose, nouns))


def something_done(choose: Chooser, sentence: Sentence, who: Said) -> tuple[Verb, tuple[Said, ...]]:
    """An object and the verb for it; the object is direct, and may mislead."""
    animal = who.chosen.noun.kind == "animal"
    kind = choose.one(TAKEN_BY_ANIMALS if animal else TAKEN)
    verb = choose.one((words.ANIMAL_VERBS if animal else words.TRANSITIVE)[kind])
    said = noun_phrase(choose, sentence, beside(choose, who.chosen, OF_KIND[kind]))
    return verb, (said,)


def toward_somebody(choose: Chooser, sentence: Sentence, who: Said) -> Verb:
    """ "औरत को" and a verb for it."""
    kind = choose.one(("person", "person", "animal"))
    other = beside(choose, who.chosen, OF_KIND[kind])
    noun_phrase(choose, sentence, other, oblique=True)
    sentence.say("को")
    return choose.one(words.TOWARD[kind])


def somewhere(choose: Chooser, sentence: Sentence) -> None:
    noun = choose.one(PLACES.every)
    sentence.say(noun.forms[2], "में")


def moving(choose: Chooser, sentence: Sentence) -> Verb:
    """ "बाज़ार" or "नदी की ओर" and a verb for it."""
    noun = choose.one(PLACES.every)
    if choose.chance(0.2):
        sentence.say(noun.forms[2], "की ओर")
        return choose.one(TOWARD)
    sentence.say(noun.forms[2], "" if noun.key in GOALS else "में")
    return choose.one(MOTION[:2] if choose.chance(0.6) else MOTION)


def _action(
    choose: Chooser, sentence: Sentence, who: Said
) -> tuple[Verb, tuple[Said, ...], int | None]:
    """What is done: the verb (not said yet), nouns on the way to it, the object's index."""
    draw = choose.random.random()
    if draw < 0.45:
        verb, objects = something_done(choose, sentence, who)
        return verb, objects, objects[0].index
    if draw < 0.55 and who.chosen.noun.kind != "animal":
        return toward_somebody(choose, sentence, who), (), None
    if draw < 0.8:
        if choose.chance(0.6):
            somewhere(choose, sentence)
        elif choose.chance(0.7):
            sentence.say(choose.one(MANNERS))
        return choose.one(ANIMAL_STAY if who.chosen.noun.kind == "animal" else STAY), (), None
    return moving(choose, sentence), (), None


def _between(choose: Chooser, sentence: Sentence, who: Said, count: int) -> tuple[Said, ...]:
    """One or two phrases whose nouns the verb does not agree with."""
    mislead = differs(choose)
    if count == 0:
        return ()
    if who.chosen.noun.kind == "animal":
        first = beside_something(choose, sentence, who, mislead)
    else:
        first = with_somebody(choose, sentence, who, mislead)
    if count == 1:
        return (first,)
    return first, beside_something(choose, sentence, who, mislead)


def _finish(
    choose: Chooser, sentence: Sentence, who: Said, others: tuple[Said, ...], manner: str
) -> Sentence:
    """The action in the tense that is called for."""
    negative = choose.chance(0.12)
    verb, objects, target = _action(choose, sentence, who)
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
    who = doer(choose, sentence, manner)
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
    who = doer(choose, sentence, "perfect")
    others = _between(choose, sentence, who, count)
    if choose.chance(0.6):
        verb = moving(choose, sentence)
    else:
        verb = choose.one(ANIMAL_STAY if who.chosen.noun.kind == "animal" else STAY[:6])
        if choose.chance(0.5):
            somewhere(choose, sentence)
    if choose.chance(0.12):
        sentence.say("नहीं")
    perfect(choose, sentence, who, verb, others)
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
    kind = choose.one(THINGS_BEFALLEN)
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
    sentence.links.append(Link("possessor", HINDI, owner.index, other.index))
    return _finish(
        choose, sentence, other, (owner,), choose.one(("habitual", "progressive", "future"))
    )


def _owner(choose: Chooser, sentence: Sentence, kin: Chosen, whose: Pool) -> tuple[Said, Said]:
    mislead = differs(choose)
    while True:
        owner = subject(choose, whose)
        misleads = (owner.noun.feminine, owner.plural) != (kin.noun.feminine, kin.plural)
        if choose.joins(kin.noun.key, owner.noun.key) and (misleads or not mislead):
            break
    said = noun_phrase(choose, sentence, owner, oblique=True)
    sentence.say(OF[2 if kin.noun.feminine else kin.plural])
    return said, noun_phrase(choose, sentence, kin, bare=True)
