"""What somebody or something is like, relative clauses, coordination, questions."""

from attention.training.grammar.hindi.actions import GO, STAY, moving, something_done
from attention.training.grammar.hindi.phrases import (
    HINDI,
    OF,
    PAST,
    PRESENT,
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
    NEARBY,
    OF_KIND,
    PEOPLE,
    agreeing,
    attractor,
    differs,
    of_kind,
    subject,
)
from attention.training.lexicon import hindi as words
from attention.training.sentences import Chooser, Forms, Link, Sentence

DESCRIBED = tuple(kind for kind in words.STATES if kind != "happening")
OWNED = tuple(kind for kind in DESCRIBED if kind not in ("person", "people", "group", "spot"))
HAD = tuple(kind for kind in OWNED if kind not in ("kin", "elder", "place"))
LYING = tuple(kind for kind in ("thing", "garment", "readable", "food") if OF_KIND[kind].new)
POSTURES = (
    *((f"{stem}ा", f"{stem}े", f"{stem}ी") for stem in ("बैठ", "खड़", "लेट", "छिप")),
    ("सोया", "सोए", "सोई"),
)
LAID = (("रखा", "रखे", "रखी"), ("पड़ा", "पड़े", "पड़ी"), ("गिरा", "गिरे", "गिरी"))
PLEASING = (("अच्छा", "अच्छे", "अच्छी"), ("प्यारा", "प्यारे", "प्यारी"), ("बुरा", "बुरे", "बुरी"))
VERY = words.PHRASES["very"]
JOINED = ("और", "लेकिन", "तब", "तब", "फिर", "मगर")  # जब stands before तब
TENSES = (PRESENT, PRESENT, PAST)


def _tense(choose: Chooser) -> Forms:
    """An evaluation has the past, whose four forms tell gender and number in any sentence."""
    return PAST if choose.evaluation else choose.one(TENSES)


def _is(choose: Chooser, sentence: Sentence, what: Said, others: tuple[Said, ...]) -> Sentence:
    """ "बहुत पुरानी हैं।"."""
    if choose.chance(0.5):
        sentence.say(choose.one(VERY))
    agree(sentence, what, choose.one(words.STATES[what.chosen.noun.kind]), others)
    sentence.say("नहीं" if choose.chance(0.12) else "")
    agree(sentence, what, _tense(choose), others)
    sentence.say("।")
    return sentence


def state(choose: Chooser) -> Sentence:
    """ "लड़की के कुत्ते भूखे हैं": an owner of another gender misleads."""
    sentence = Sentence()
    what = of_kind(choose, OWNED)
    owner = attractor(choose, what, FOLK, differs(choose))
    said = noun_phrase(choose, sentence, owner, oblique=True)
    sentence.say(OF[2 if what.noun.feminine else what.plural])
    thing = noun_phrase(choose, sentence, what, bare=True)
    sentence.links.append(Link("possessor", HINDI, said.at, thing.at))
    return _is(choose, sentence, thing, (said,))


def plain_state(choose: Chooser) -> Sentence:
    """ "यह कहानी बहुत लंबी है"."""
    sentence = Sentence()
    said = noun_phrase(choose, sentence, of_kind(choose, DESCRIBED), described=False)
    return _is(choose, sentence, said, ())


def lying(choose: Chooser) -> Sentence:
    """ "मेज़ के पास रखी किताबें पुरानी हैं": the participle before the noun agrees as well."""
    sentence = Sentence()
    what = subject(choose, OF_KIND[choose.one(LYING)])
    place = attractor(choose, what, NEARBY, differs(choose))
    near = noun_phrase(choose, sentence, place, oblique=True)
    sentence.say(choose.one(("के पास", "के पीछे", "के सामने")))
    sentence.say(agreeing(choose.one(LAID), what.form))
    said = noun_phrase(choose, sentence, what, bare=True)
    return _is(choose, sentence, said, (near,))


def there_is(choose: Chooser) -> Sentence:
    """ "लड़के के पास दो नई किताबें हैं": what is had, not who has it, gives the form."""
    sentence = Sentence()
    what = of_kind(choose, HAD)
    owner = attractor(choose, what, FOLK, differs(choose))
    said = noun_phrase(choose, sentence, owner, oblique=True)
    sentence.say("के पास")
    thing = noun_phrase(choose, sentence, what)
    sentence.say("नहीं" if choose.chance(0.15) else "")
    agree(sentence, thing, _tense(choose), (said,))
    sentence.say("।")
    return sentence


def pleased(choose: Chooser) -> Sentence:
    """ "लड़कों को चाय अच्छी लगती है": the verb agrees with what pleases."""
    sentence = Sentence()
    what = of_kind(choose, DESCRIBED)
    owner = attractor(choose, what, FOLK, differs(choose))
    said = noun_phrase(choose, sentence, owner, oblique=True)
    sentence.say("को")
    thing = noun_phrase(choose, sentence, what, bare=True)
    if choose.chance(0.4):
        sentence.say("पसंद", "नहीं" if choose.chance(0.2) else "")
        agree(sentence, thing, _tense(choose), (said,))
    else:
        agree(sentence, thing, choose.one(PLEASING), (said,))
        agree(sentence, thing, ("लगता", "लगते", "लगती"), (said,))
        agree(sentence, thing, _tense(choose), (said,))
    sentence.say("।")
    return sentence


def _relative(choose: Chooser, count: int) -> Sentence:
    sentence = Sentence()
    sentence.say("जो")
    who = noun_phrase(choose, sentence, subject(choose, PEOPLE), bare=True)
    mislead = differs(choose)
    others: tuple[Said, ...] = (with_somebody(choose, sentence, who, mislead),)
    if count > 1:
        others += (beside_something(choose, sentence, who, mislead),)
    agree(sentence, who, choose.one(POSTURES), others)
    agree(sentence, who, _tense(choose), others)
    pronoun = sentence.say(",", "वे" if who.chosen.plural else "वह")
    sentence.links.append(Link("pronoun", HINDI, who.at, pronoun, ("वह", "वे")))
    if choose.chance(0.4):
        return _is(choose, sentence, who, others)
    if choose.chance(0.5):
        verb, objects = something_done(choose, sentence, who)
        others += objects
    else:
        verb = moving(choose, sentence)
    verb_before(sentence, verb, False)
    agree(sentence, who, verb.habitual, others)
    agree(sentence, who, _tense(choose), others)
    sentence.say("।")
    return sentence


def relative(choose: Chooser) -> Sentence:
    """ "जो लड़का औरतों के साथ बैठा है, वह रोज़ स्कूल जाता है"."""
    return _relative(choose, 1)


def relative_two(choose: Chooser) -> Sentence:
    return _relative(choose, 2)


def two_went(choose: Chooser) -> Sentence:
    """ "लड़का घर आया और लड़कियाँ स्कूल गईं": each verb has its own subject."""
    sentence = Sentence()
    joined = choose.one(JOINED)
    sentence.say("जब" if joined == "तब" else "")
    first = noun_phrase(choose, sentence, subject(choose, FOLK))
    agree(sentence, first, moving(choose, sentence).perfective)
    sentence.say(joined)
    second = attractor(choose, first.chosen, FOLK, differs(choose), said_of=True)
    said = noun_phrase(choose, sentence, second)
    verb = moving(choose, sentence) if choose.chance(0.6) else choose.one(STAY[:5])
    verb_before(sentence, verb, choose.chance(0.15))
    agree(sentence, said, verb.perfective, (first,))
    sentence.say("।")
    return sentence


def went_and(choose: Chooser) -> Sentence:
    """ "लड़की बाज़ार गई और औरत के साथ घर लौटी": one subject, two verbs."""
    sentence = Sentence()
    who = noun_phrase(choose, sentence, subject(choose, FOLK))
    agree(sentence, who, moving(choose, sentence).perfective)
    sentence.say(choose.one(("और", "लेकिन", "और फिर")))
    other = with_somebody(choose, sentence, who, differs(choose))
    verb = moving(choose, sentence) if choose.chance(0.5) else choose.one(STAY[:5])
    agree(sentence, who, verb.perfective, (other,))
    sentence.say("।")
    return sentence


def could_not(choose: Chooser) -> Sentence:
    """ "लड़कियाँ औरत के साथ नहीं जा सकती हैं"."""
    sentence = Sentence()
    who = noun_phrase(choose, sentence, subject(choose, FOLK))
    other = with_somebody(choose, sentence, who, differs(choose))
    verb = moving(choose, sentence)
    sentence.say("नहीं" if choose.chance(0.5) else "", verb.stem)
    if choose.chance(0.4):
        agree(sentence, who, ("सका", "सके", "सकी", "सकीं"), (other,))
    else:
        agree(sentence, who, ("सकता", "सकते", "सकती"), (other,))
        agree(sentence, who, _tense(choose), (other,))
    sentence.say("।")
    return sentence


def left(choose: Chooser) -> Sentence:
    """ "लड़की दादा को देखकर चली गई"."""
    sentence = Sentence()
    who = noun_phrase(choose, sentence, subject(choose, FOLK))
    other = attractor(choose, who.chosen, FOLK, differs(choose))
    said = noun_phrase(choose, sentence, other, oblique=True)
    sentence.say("को", choose.one(("देखकर", "छोड़कर", "बुलाकर", "जगाकर", "पहचानकर")))
    agree(sentence, who, ("चला", "चले", "चली"), (said,))
    perfect(choose, sentence, who, GO, (said,))
    sentence.say("।")
    return sentence
