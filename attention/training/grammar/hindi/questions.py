"""Questions, and what is answered."""

from attention.training.grammar.hindi.actions import MOTION, STAY, moving
from attention.training.grammar.hindi.phrases import (
    BEEN,
    HINDI,
    MY,
    OF,
    PRESENT,
    Said,
    agree,
    noun_phrase,
    with_somebody,
)
from attention.training.grammar.hindi.pools import (
    FOLK,
    NAMES,
    OF_KIND,
    controller,
    differs,
    subject,
)
from attention.training.sentences import Chooser, Link, Sentence


def question(choose: Chooser) -> Sentence:
    """ "क्या लड़की औरतों के साथ बाज़ार जाती है?" and "लड़के कहाँ जा रहे हैं?"."""
    sentence = Sentence()
    asked = choose.one(("क्या", "क्या", "कहाँ", "कब", "क्यों"))
    if asked == "क्या":
        sentence.say(asked)
    who = noun_phrase(choose, sentence, subject(choose, FOLK))
    others: tuple[Said, ...] = (with_somebody(choose, sentence, who, differs(choose)),)
    if asked == "क्या":
        verb = moving(choose, sentence)
    else:
        sentence.say(asked)
        verb = choose.one(MOTION[:3] if asked == "कहाँ" else (*MOTION, *STAY[:5]))
    if choose.chance(0.5):
        agree(sentence, who, verb.habitual, others)
    else:
        sentence.say(verb.stem)
        agree(sentence, who, BEEN, others)
    agree(sentence, who, PRESENT, others)
    sentence.say("?")
    return sentence


def whose(choose: Chooser) -> Sentence:
    """ "यह किसकी किताब है? यह मेरी किताब है।"."""
    sentence = Sentence()
    what = subject(choose, OF_KIND[choose.one(("thing", "garment", "readable", "vehicle"))], 0.3)
    form = 2 if what.noun.feminine else what.plural
    this = "ये" if what.plural else "यह"
    sentence.say(this, ("किसका", "किसके", "किसकी")[form])
    first = sentence.say(what.noun.forms[what.plural])
    sentence.say(PRESENT[what.plural], "?", this)
    if choose.chance(0.5):
        owner = sentence.say(choose.one(MY)[form])
    else:
        name = controller(choose, NAMES)
        owner = sentence.say(name.key)
        sentence.say(OF[form])
    again = sentence.say(what.noun.forms[what.plural])
    sentence.links.append(Link("possessor", HINDI, owner, again))
    sentence.links.append(Link("resumed", HINDI, first, again))
    sentence.say(PRESENT[what.plural], "।")
    return sentence
