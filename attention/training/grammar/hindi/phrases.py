"""Parts of a sentence: noun phrases, verbs that agree, what stands between them."""

from typing import NamedTuple

from attention.training.grammar.hindi.pools import (
    ANIMATE,
    NEARBY,
    PLURAL_KINDS,
    UNCOUNTED,
    Chosen,
    Pool,
    agreeing,
    attractor,
)
from attention.training.lexicon import hindi as words
from attention.training.lexicon.hindi import Verb
from attention.training.sentences import Chooser, Forms, Link, Sentence

HINDI = "hi"
PRESENT, PAST = ("है", "हैं"), ("था", "थे", "थी", "थीं")
NARRATED = (None, None, PAST)  # after a time that is past one does not say है
BEEN = ("रहा", "रहे", "रही")
OF = ("का", "के", "की")
MY = (("मेरा", "मेरे", "मेरी"), ("हमारा", "हमारे", "हमारी"), ("तुम्हारा", "तुम्हारे", "तुम्हारी"),
      ("आपका", "आपके", "आपकी"), ("उसका", "उसके", "उसकी"), ("उनका", "उनके", "उनकी"))  # fmt: skip
OWN = ("अपना", "अपने", "अपनी")
MANY = ("दो", "तीन", "चार", "पाँच", "कई", "कुछ", "सभी", "बहुत से")
MANY_FEMININE = (*MANY[:-1], "बहुत सी")
THESE = ("ये", "वे")
THESE_OBLIQUE = ("इन", "उन", "दो", "तीन", "कई", "कुछ", "सभी")
THIS, THIS_OBLIQUE = ("यह", "वह", "एक", "हर"), ("इस", "उस", "एक", "हर", "किसी")
_SAID = words.PHRASES
OFTEN, NOW, ONCE, SOON = (_SAID[key] for key in ("often", "now", "once", "soon"))
MANNERS, WITH = _SAID["manners"], _SAID["with_somebody"]
WITH_ANIMALS = WITH[:4]
BESIDE = _SAID["beside"]
BESIDE_OF = {"place": _SAID["beside_place"], "spot": _SAID["beside_spot"]}


class Said(NamedTuple):
    """A noun where it was said."""

    chosen: Chosen
    at: int


def noun_phrase(
    choose: Chooser,
    sentence: Sentence,
    chosen: Chosen,
    *,
    oblique: bool = False,
    bare: bool = False,
    described: bool = True,
) -> Said:
    """A noun with what may stand before it: nothing if ``bare``, no adjective if not ``described``.

    Masculines such as किसान do not show their number: their direct plural has a word that does.
    """
    noun, plural = chosen
    feminine = noun.feminine
    unseen = (
        plural and not oblique and noun.forms[0] == noun.forms[1] and noun.kind not in PLURAL_KINDS
    )
    determiner = adjective = None
    if noun.kind != "name" and (unseen or not bare):
        if unseen or choose.chance(0.3):
            determiner = _determiner(choose, sentence, chosen, oblique)
        if described and choose.chance(0.25) and noun.kind in words.ATTRIBUTES:
            forms = choose.one(words.ATTRIBUTES[noun.kind])
            adjective = sentence.say(forms[2] if feminine else forms[plural or oblique])
    index = sentence.say(noun.forms[2 * oblique + plural])
    if determiner is not None:
        sentence.links.append(Link("determiner", HINDI, determiner, index))
    if adjective is not None:
        sentence.links.append(Link("adjective", HINDI, adjective, index))
    return Said(chosen, index)


def _determiner(choose: Chooser, sentence: Sentence, chosen: Chosen, oblique: bool) -> int:
    noun, plural = chosen
    unseen = plural and not oblique and noun.forms[0] == noun.forms[1]
    if noun.kind in ("kin", "elder") or (choose.chance(0.25) and not unseen):
        forms = choose.one(MY)
        return sentence.say(forms[2] if noun.feminine else forms[plural or oblique])
    if not plural:
        if noun.kind in UNCOUNTED:
            return sentence.say(("यह", "इस")[oblique])
        return sentence.say(choose.one(THIS_OBLIQUE if oblique else THIS))
    if oblique:
        return sentence.say(choose.one(THESE_OBLIQUE))
    if noun.forms[0] != noun.forms[1] and choose.chance(0.4):
        return sentence.say(choose.one(THESE))
    return sentence.say(choose.one(MANY_FEMININE if noun.feminine else MANY))


def agree(sentence: Sentence, subject: Said, forms: Forms, others: tuple[Said, ...] = ()) -> int:
    """Say the form of a verb (or adjective) that agrees, and link it; returns its index."""
    own = agreeing(forms, subject.chosen.form)
    index = sentence.say(own)
    if " " in own:  # "थका हुआ": the second word agrees as well, and follows from the first
        first = index - own.count(" ")
        forms, own, index = tuple(form.split()[0] for form in forms), own.split()[0], first
    if forms[0] != forms[-1] or forms[0] != forms[1]:
        misleading = tuple(
            other.at for other in others if agreeing(forms, other.chosen.form) != own
        )
        options = tuple(dict.fromkeys(forms))
        sentence.links.append(Link("agreement", HINDI, subject.at, index, options, misleading))
    return index


def possessive(sentence: Sentence, owner: Said, thing: Chosen, oblique: bool = False) -> None:
    """ "लड़के की" before "किताब": the postposition agrees with what is possessed."""
    form = 2 if thing.noun.feminine else thing.plural or oblique
    sentence.say(OF[form])


def with_somebody(
    choose: Chooser, sentence: Sentence, subject: Said, differs: bool, who: Pool = ANIMATE
) -> Said:
    """ "लड़कों के साथ": a noun that the verb does not agree with."""
    other = attractor(choose, subject.chosen, who, differs)
    said = noun_phrase(choose, sentence, other, oblique=True)
    sentence.say(choose.one(WITH_ANIMALS if other.noun.kind == "animal" else WITH))
    return said


def beside_something(
    choose: Chooser, sentence: Sentence, subject: Said, differs: bool, what: Pool = NEARBY
) -> Said:
    """ "मेज़ के पास"."""
    other = attractor(choose, subject.chosen, what, differs)
    said = noun_phrase(choose, sentence, other, oblique=True)
    sentence.say(choose.one(BESIDE_OF.get(other.noun.kind, BESIDE)))
    return said


def verb_before(sentence: Sentence, verb: Verb, negative: bool) -> None:
    """ "साफ़ नहीं" before "किया"."""
    sentence.say(verb.before, "नहीं" if negative else "")


def perfect(
    choose: Chooser,
    sentence: Sentence,
    subject: Said,
    verb: Verb,
    others: tuple[Said, ...] = (),
    *,
    dated: bool = False,
) -> int:
    """ "गया", "गया है" or "गया था", whatever it agrees with; returns the participle's index."""
    tense = choose.one(NARRATED if dated else (*NARRATED, PRESENT))
    forms = verb.perfective if tense is None else verb.perfective[:3]
    index = agree(sentence, subject, forms, others)
    if tense:
        agree(sentence, subject, tense, others)
    return index
