"""What a learner writes: मैं, हम, तुम and आप, and the small sentences of every day."""

from attention.training.grammar.hindi.actions import MOTION, moving
from attention.training.grammar.hindi.done import DONE
from attention.training.grammar.hindi.phrases import (
    HINDI,
    NOW,
    OFTEN,
    OWN,
    PAST,
    PRESENT,
    SOON,
    Said,
    agree,
    noun_phrase,
    verb_before,
)
from attention.training.grammar.hindi.pools import (
    NAMES,
    OF_KIND,
    Chosen,
    agreeing,
    controller,
    number,
    subject,
)
from attention.training.lexicon import hindi as words
from attention.training.lexicon.hindi import Verb
from attention.training.sentences import Chooser, Link, Sentence

# Speaker, the verb "to be", and the form of a participle (a man's, a woman's).
SPEAKERS = (
    ("मैं", "हूँ", 0, 2), ("मैं", "हूँ", 0, 2), ("हम", "हैं", 1, 1), ("तुम", "हो", 1, 2),
    ("आप", "हैं", 1, 2), ("वह", "है", 0, 2), ("वे", "हैं", 1, 2),
)  # fmt: skip
FUTURE_SPEAKERS = (
    ("मैं", (4, 5)), ("हम", (1, 1)), ("तुम", (6, 7)), ("आप", (1, 3)), ("वह", (0, 2)), ("वे", (1, 3)),
)  # fmt: skip
TO_ME = ("मुझे", "मुझे", "हमें", "तुम्हें", "आपको", "उसे", "उन्हें", "मुझको")
I_DID = ("मैंने", "मैंने", "हमने", "तुमने", "आपने", "उसने", "उन्होंने")
BY_ME = ("मेरे", "मेरे", "हमारे", "तुम्हारे", "आपके", "उसके", "उनके")
KINDS = ("food", "dish", "drink", "readable", "garment", "thing", "song", "word", "vehicle")
LIKED = (*KINDS[:4], "song", "place", "garment", "vehicle", "animal", "idea")
GOALS = words.PHRASES["goals"]
BE = ("हूँ", "हो", "है", "हैं")
NUMBERS = words.PHRASES["numbers"]
FELT, WEATHER, TALK = (words.PHRASES[key] for key in ("felt", "weather", "talk"))


def _speaker(choose: Chooser, sentence: Sentence) -> tuple[int, str, int]:
    """Who speaks: its index, its "to be", and the participle that agrees."""
    word, be, man, woman = choose.one(SPEAKERS)
    return sentence.say(word), be, woman if choose.chance(0.5) else man


def _be(sentence: Sentence, speaker: int, be: str) -> None:
    """ "हूँ" after "मैं", "हो" after "तुम"."""
    index = sentence.say(be)
    sentence.links.append(Link("agreement", HINDI, speaker, index, BE))


def _object(choose: Chooser, sentence: Sentence) -> Verb:
    kind = choose.one(KINDS)
    noun = choose.one(OF_KIND[kind].every)
    plural = number(choose, noun, 0.25)
    if plural and noun.forms[0] == noun.forms[1]:
        sentence.say(choose.one(("दो", "कई", "तीन")))
    sentence.say(noun.forms[plural])
    return choose.one(words.TRANSITIVE[kind])


def _doing(choose: Chooser, sentence: Sentence) -> Verb:
    draw = choose.random.random()
    if draw < 0.5:
        return _object(choose, sentence)
    if draw < 0.8:
        if choose.chance(0.3):
            return moving(choose, sentence)
        sentence.say(choose.one(GOALS))
        return choose.one(MOTION)
    if choose.chance(0.5):
        sentence.say(choose.one(OF_KIND["place"].every).forms[2], "में")
    return choose.one(words.INTRANSITIVE["stay"])


def i_do(choose: Chooser) -> Sentence:
    """ "मैं रोज़ स्कूल जाता हूँ।" and "तुम चाय पी रहे हो।"."""
    sentence = Sentence()
    speaker, be, form = _speaker(choose, sentence)
    going_on = choose.chance(0.4)
    if choose.chance(0.45):
        sentence.say(choose.one(NOW if going_on else OFTEN))
    verb = _doing(choose, sentence)
    verb_before(sentence, verb, choose.chance(0.12))
    if going_on:
        sentence.say(verb.stem, ("रहा", "रहे", "रही")[form])
    else:
        sentence.say(verb.habitual[form])
    _be(sentence, speaker, be)
    sentence.say("।")
    return sentence


def i_shall(choose: Chooser) -> Sentence:
    """ "मैं कल बाज़ार जाऊँगी।" and "क्या आप चाय पिएँगे?"."""
    sentence = Sentence()
    asked = choose.chance(0.25)
    if asked:
        sentence.say("क्या")
    word, future = choose.one(FUTURE_SPEAKERS)
    sentence.say(word)
    if choose.chance(0.5):
        sentence.say(choose.one(SOON))
    verb = _doing(choose, sentence)
    verb_before(sentence, verb, choose.chance(0.12))
    sentence.say(verb.future[choose.one(future)], "?" if asked else "।")
    return sentence


def i_did(choose: Chooser) -> Sentence:
    """ "मैंने दो किताबें पढ़ीं।": the verb agrees with the object."""
    sentence = Sentence()
    sentence.say(choose.one(I_DID))
    if choose.chance(0.3):
        sentence.say(choose.one(("कल", "आज", "कल रात", "सुबह", "पिछले हफ़्ते")))
    kind = choose.one(("food", "drink", "readable", "garment", "thing", "vehicle", "song", "dish"))
    what = subject(choose, OF_KIND[kind], 0.35)
    owned = sentence.say(agreeing(OWN, what.form)) if choose.chance(0.25) else None
    said = noun_phrase(choose, sentence, what, bare=True)
    if owned is not None:
        sentence.links.append(Link("determiner", HINDI, owned, said.at))
    verb = choose.one(DONE[kind])
    verb_before(sentence, verb, choose.chance(0.12))
    if choose.chance(0.4):
        at = agree(sentence, said, verb.perfective[:3])
        agree(sentence, said, choose.one((PRESENT, PAST)))
    else:
        at = agree(sentence, said, verb.perfective)
    sentence.links.append(Link("object", HINDI, said.at, at))
    sentence.say("।")
    return sentence


def i_like(choose: Chooser) -> Sentence:
    """ "मुझे चाय पसंद है।" and "मेरे पास दो किताबें हैं।"."""
    sentence = Sentence()
    draw = choose.random.random()
    sentence.say(*((choose.one(TO_ME),) if draw < 0.65 else (choose.one(BY_ME), "पास")))
    kind = choose.one(LIKED if draw < 0.65 else KINDS)
    said = noun_phrase(choose, sentence, subject(choose, OF_KIND[kind], 0.35), bare=draw < 0.5)
    if draw < 0.4:
        sentence.say(choose.one(("पसंद", "बहुत पसंद", "पसंद नहीं")))
    elif draw < 0.65:
        agree(sentence, said, ("अच्छा", "अच्छे", "अच्छी"))
        agree(sentence, said, ("लगता", "लगते", "लगती"))
    elif choose.chance(0.2):
        sentence.say("नहीं")
    agree(sentence, said, PRESENT)
    sentence.say("।")
    return sentence


def i_am(choose: Chooser) -> Sentence:
    """ "मैं बहुत थका हुआ हूँ।" and "तुम उदास क्यों हो?"."""
    sentence = Sentence()
    speaker, be, form = _speaker(choose, sentence)
    states = choose.one(words.STATES["person"])
    if choose.chance(0.2):
        sentence.say(states[form], "क्यों")
        _be(sentence, speaker, be)
        sentence.say("?")
        return sentence
    if choose.chance(0.6):
        sentence.say(choose.one(("बहुत", "आज", "अब", "थोड़ा", "आज बहुत", "अभी")))
    sentence.say(states[form], "नहीं" if choose.chance(0.12) else "")
    if choose.chance(0.3):
        sentence.say((("था", "थे", "थी") if be != "हैं" else ("था", "थे", "थीं"))[form])
    else:
        _be(sentence, speaker, be)
    sentence.say("।")
    return sentence


def my_name(choose: Chooser) -> Sentence:
    """ "मेरा नाम सीता है। मैं दस साल की हूँ। मैं दिल्ली में रहती हूँ।"."""
    sentence = Sentence()
    name = controller(choose, NAMES)
    sentence.say("मेरा नाम")
    index = sentence.say(name.key)
    sentence.say("है", "।")
    who = Said(Chosen(name, False), index)
    if choose.chance(0.6):
        sentence.say("मैं", choose.one(NUMBERS), "साल", "की" if name.feminine else "का", "हूँ", "।")
    if choose.chance(0.7):
        sentence.say("मैं", choose.one((*words.TOWNS, *words.LANDS)), "में")
        agree(sentence, who, ("रहता", "रहते", "रहती"))
        sentence.say("हूँ", "।")
    return sentence


def my_kin(choose: Chooser) -> Sentence:
    """ "मेरी बहन स्कूल में पढ़ती है।" and "मेरे पिता दफ़्तर जाते हैं।"."""
    sentence = Sentence()
    who = noun_phrase(choose, sentence, subject(choose, OF_KIND[choose.one(("kin", "elder"))], 0.2))
    if choose.chance(0.4):
        sentence.say(choose.one((*words.TOWNS, "गाँव", "शहर", "पास")), "में")
        verb = choose.one((words.verb("रह"), words.verb("काम_कर"), words.verb("पढ़")))
    else:
        sentence.say(choose.one(OFTEN))
        verb = _doing(choose, sentence)
    verb_before(sentence, verb, False)
    agree(sentence, who, verb.habitual)
    agree(sentence, who, PRESENT)
    sentence.say("।")
    return sentence


def please(choose: Chooser) -> Sentence:
    """ "दरवाज़ा खोलो।", "मुझे एक सेब दीजिए।" and "वहाँ मत जाओ।"."""
    sentence = Sentence()
    polite = choose.chance(0.5)
    if choose.chance(0.3):
        sentence.say(*("कृपया",) if polite else (choose.one(NAMES.known).key, ","))
    verb = _doing(choose, sentence)
    if choose.chance(0.25):
        sentence.say("मत")
    sentence.say(verb.before, verb.request[polite], "।")
    return sentence


def i_feel(choose: Chooser) -> Sentence:
    """ "मुझे भूख लगी है।"."""
    sentence = Sentence()
    sentence.say(
        choose.one(TO_ME), choose.one(("", "", "अब", "आज", "अभी")), choose.one(FELT), "है", "।"
    )
    return sentence


def talk(choose: Chooser) -> Sentence:
    """Set phrases, said whole."""
    sentence = Sentence()
    sentence.say(choose.one(WEATHER if choose.chance(0.4) else TALK))
    return sentence
