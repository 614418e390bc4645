"""Short stories: people and things return, by pronoun or by name."""

from attention.training.grammar.hindi.actions import moving
from attention.training.grammar.hindi.done import DONE
from attention.training.grammar.hindi.phrases import (
    HINDI,
    OWN,
    PAST,
    PRESENT,
    Said,
    agree,
    noun_phrase,
    verb_before,
)
from attention.training.grammar.hindi.pools import (
    FOLK,
    NAMES,
    OF_KIND,
    PEOPLE,
    Chosen,
    attractor,
    beside,
    controller,
    differs,
    joins,
    subject,
)
from attention.training.lexicon import hindi as words
from attention.training.sentences import QUOTE, Chooser, Link, Sentence

HELD_KINDS = ("thing", "garment", "readable", "food")
NE = ("उसने", "उन्होंने")
HE = ("वह", "वे")
HIS = (("उसका", "उसके", "उसकी"), ("उनका", "उनके", "उनकी"))


def somebody(choose: Chooser, sentence: Sentence, *, oblique: bool = False) -> Said:
    """A name, or a person."""
    if choose.evaluation != "nouns" and choose.chance(0.5):
        chosen = Chosen(controller(choose, NAMES), False)
    else:
        chosen = subject(choose, FOLK, 0.25)
    return noun_phrase(choose, sentence, chosen, oblique=oblique)


def _pronoun(sentence: Sentence, who: Said, forms: tuple[str, ...]) -> int:
    index = sentence.say(forms[who.chosen.plural])
    sentence.links.append(Link("pronoun", HINDI, who.at, index, forms))
    return index


def errand(choose: Chooser) -> Sentence:
    """ "सीता बाज़ार गई। उसने एक किताब ख़रीदी। फिर वह घर लौटी।"."""
    sentence = Sentence()
    who = somebody(choose, sentence)
    agree(sentence, who, moving(choose, sentence).perfective)
    sentence.say("।", choose.one(("", "", "वहाँ", "फिर")))
    _pronoun(sentence, who, NE)
    what = beside(choose, who.chosen, HELD_KINDS, said_of=True)
    said = noun_phrase(choose, sentence, what)
    verb = choose.one(DONE[what.noun.kind])
    verb_before(sentence, verb, False)
    at = agree(sentence, said, verb.perfective, (who,))
    sentence.links.append(Link("object", HINDI, said.at, at))
    sentence.say("।", choose.one(("फिर", "बाद में", "शाम को", "अंत में", "अब")))
    if choose.chance(0.5):
        _pronoun(sentence, who, HE)
        again = who
    else:
        again = _again(sentence, who, said)
    agree(sentence, again, moving(choose, sentence).perfective, (said,))
    sentence.say("।")
    return sentence


def _again(sentence: Sentence, who: Said, other: Said | None = None) -> Said:
    """The noun said again, in the direct case."""
    noun, plural = who.chosen
    options: tuple[str, ...] = (noun.forms[plural],)
    if other is not None:
        options += (other.chosen.noun.forms[other.chosen.plural],)
    index = sentence.say(noun.forms[plural])
    misleading = (other.at,) if other is not None else ()
    kept = options if len(set(options)) > 1 else ()
    sentence.links.append(Link("resumed", HINDI, who.at, index, kept, misleading))
    return Said(who.chosen, index)


def possession(choose: Chooser) -> Sentence:
    """ "राम के पास एक नई किताब है। वह किताब बहुत सुंदर है। राम उसे रोज़ पढ़ता है।"."""
    sentence = Sentence()
    who = somebody(choose, sentence, oblique=True)
    sentence.say("के पास")
    what = beside(choose, who.chosen, HELD_KINDS, said_of=True)
    thing = noun_phrase(choose, sentence, what, described=False)
    agree(sentence, thing, PRESENT, (who,))
    sentence.say("।")
    if choose.chance(0.5):
        owner = _pronoun(sentence, who, tuple(f[_of(what)] for f in HIS))
    else:
        owner = sentence.say(who.chosen.noun.forms[2 + who.chosen.plural])
        sentence.links.append(Link("resumed", HINDI, who.at, owner))
        sentence.say(("का", "के", "की")[_of(what)])
    again = _again(sentence, thing, who)
    sentence.links.append(Link("possessor", HINDI, owner, again.at))
    sentence.say(choose.one(("बहुत", "", "काफ़ी")))
    agree(sentence, again, choose.one(words.STATES[what.noun.kind]), (who,))
    agree(sentence, again, PRESENT, (who,))
    sentence.say("।")
    return sentence


def _of(chosen: Chosen) -> int:
    return 2 if chosen.noun.feminine else chosen.plural


def two_people(choose: Chooser) -> Sentence:
    """ "राम और सीता … । सीता घर गई लेकिन राम बाज़ार में रहा।"."""
    sentence = Sentence()
    first = Chosen(controller(choose, NAMES), False)
    second = Chosen(controller(choose, NAMES), False)
    while not joins(choose, first.noun, second.noun):
        second = Chosen(controller(choose, NAMES), False)
    a = Said(first, sentence.say(first.noun.key))
    sentence.say("और")
    b = Said(second, sentence.say(second.noun.key))
    verb = moving(choose, sentence)
    both_women = first.noun.feminine and second.noun.feminine
    sentence.say(verb.perfective[3 if both_women else 1], "।")
    order = (a, b) if choose.chance(0.5) else (b, a)
    for place, who in enumerate(order):
        if place:
            sentence.say(choose.one(("और", "लेकिन", "मगर")))
        again = _again(sentence, who, order[1 - place])
        agree(sentence, again, moving(choose, sentence).perfective, (order[1 - place],))
    sentence.say("।")
    return sentence


def dialogue(choose: Chooser) -> Sentence:
    """ "सीता ने कहा: "मैं घर जाती हूँ।"": who speaks gives the gender."""
    sentence = Sentence()
    who = Chosen(controller(choose, NAMES), False)
    if choose.evaluation == "nouns" or choose.chance(0.4):
        who = subject(choose, PEOPLE, 0.0)
    speaker = noun_phrase(choose, sentence, who, oblique=True, bare=True)
    sentence.say("ने")
    others: tuple[Said, ...] = ()
    if choose.chance(0.6):
        other = attractor(choose, who, PEOPLE, differs(choose))
        others = (noun_phrase(choose, sentence, other, oblique=True, bare=True),)
        sentence.say("से")
    sentence.say("कहा", ",", QUOTE)
    me = sentence.say("मैं")
    sentence.links.append(Link("pronoun", HINDI, speaker.at, me))
    tense = choose.random.random()
    sentence.say(choose.one(("", "कल", "आज", "भी") if tense < 0.7 else ("", "रोज़", "अक्सर", "भी")))
    verb = moving(choose, sentence)
    sentence.say("नहीं" if choose.chance(0.15) else "")
    if tense < 0.35:
        agree(sentence, speaker, _first(verb), others)
    elif tense < 0.7:
        sentence.say(verb.stem)
        agree(sentence, speaker, ("रहा", "रहे", "रही"), others)
        sentence.say("हूँ")
    else:
        agree(sentence, speaker, verb.habitual, others)
        sentence.say("हूँ")
    sentence.say("।", QUOTE)
    return sentence


def _first(verb: words.Verb) -> tuple[str, str, str]:
    """ "जाऊँगा", "जाएँगे", "जाऊँगी": as a participle agrees."""
    return verb.future[4], verb.future[1], verb.future[5]


def once(choose: Chooser) -> Sentence:
    """ "एक गाँव में एक किसान रहता था। वह बहुत मेहनती था। एक दिन किसान शहर गया।"."""
    sentence = Sentence()
    place = choose.one(words.NOUNS["place"])
    sentence.say(choose.one(("एक", "किसी", "दूर एक")), place.forms[2], "में एक")
    noun = controller(choose, choose.one((OF_KIND["person"], OF_KIND["animal"])))
    who = Said(Chosen(noun, False), sentence.say(noun.key))
    agree(sentence, who, ("रहता", "रहते", "रहती"))
    agree(sentence, who, PAST)
    sentence.say("।")
    _pronoun(sentence, who, HE)
    sentence.say(choose.one(("बहुत", "", "बहुत ही")))
    agree(sentence, who, choose.one(words.STATES[noun.kind]))
    agree(sentence, who, PAST)
    sentence.say("।", "एक दिन")
    other = attractor(choose, who.chosen, OF_KIND["person"], differs(choose))
    again = _again(sentence, who)
    third = noun_phrase(choose, sentence, other, oblique=True)
    sentence.say("के साथ")
    agree(sentence, again, moving(choose, sentence).perfective, (third,))
    sentence.say("।")
    return sentence


def own_thing(choose: Chooser) -> Sentence:
    """ "लड़की अपनी किताब पढ़ती है": अपना agrees with the thing."""
    sentence = Sentence()
    who = somebody(choose, sentence)
    what = beside(choose, who.chosen, HELD_KINDS)
    mine = sentence.say(OWN[_of(what)])
    index = sentence.say(what.noun.forms[what.plural])
    sentence.links.append(Link("determiner", HINDI, mine, index))
    verb = choose.one(words.TRANSITIVE[what.noun.kind])
    verb_before(sentence, verb, choose.chance(0.1))
    at = agree(sentence, who, verb.habitual, (Said(what, index),))
    sentence.links.append(Link("object", HINDI, index, at))
    agree(sentence, who, choose.one((PRESENT, PAST)), (Said(what, index),))
    sentence.say("।")
    return sentence
