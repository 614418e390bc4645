"""Where something is, how it lies there and what it is like there: "किताबें मेज़ पर रखी हैं"."""

from attention.training.grammar.hindi.phrases import PAST, PRESENT, Said, agree
from attention.training.grammar.hindi.places import (
    DURING,
    FOR_REASON,
    PAST_TIMES,
    PRESENT_TIMES,
    WHERE,
    located,
    opening,
    other,
    somewhat,
)
from attention.training.grammar.hindi.pools import ANIMATE, differs, of_kind
from attention.training.lexicon import hindi as words
from attention.training.sentences import Chooser, Forms, Sentence

PLACED = tuple(kind for kind in WHERE if kind != "idea")
FOUND_KINDS = tuple(words.FOUND)
DESCRIBED = tuple(kind for kind in words.STATES if kind in WHERE)
DOERS = ("person", "kin", "animal")
DEGREES = ("बहुत", "काफ़ी", "", "", "अब")
FEW = "कम"


def _start(
    choose: Chooser, kinds: tuple[str, ...]
) -> tuple[Sentence, Said, list[Said], str, Forms]:
    """The subject, nouns beside it that mislead, the mark at the end, and the tense.

    An evaluation has the past, whose four forms tell gender and number in any sentence.
    """
    sentence = Sentence()
    tense = PAST if choose.evaluation or choose.chance(0.55) else PRESENT
    chosen = of_kind(choose, kinds)
    times = PAST_TIMES if tense is PAST else PRESENT_TIMES
    mark, timed = opening(choose, sentence, chosen, times)
    what, owners = somewhat(choose, sentence, chosen)
    sentence.say(choose.one(DURING) if not timed and choose.chance(0.2) else "")
    return sentence, what, list(owners), mark, tense


def _is_there(choose: Chooser, count: int) -> Sentence:
    sentence, what, others, mark, tense = _start(choose, PLACED)
    mislead = differs(choose)
    for _ in range(count):
        others += located(choose, sentence, what, mislead)
    if choose.chance(0.06):
        sentence.say(FEW)
    sentence.say("नहीं" if choose.chance(0.15) else "")
    agree(sentence, what, tense, tuple(others))
    sentence.say(mark)
    return sentence


def is_there(choose: Chooser) -> Sentence:
    """ "मेरे जूते अलमारी में हैं"."""
    return _is_there(choose, 1)


def is_there_two(choose: Chooser) -> Sentence:
    """ "मेरे जूते माँ के कमरे में अलमारी के पीछे थे"."""
    return _is_there(choose, 2)


def is_so_there(choose: Chooser) -> Sentence:
    """ "फल इस दुकान में बहुत सस्ते हैं", "कहानी शब्दों की वजह से कठिन थी"."""
    sentence, what, others, mark, tense = _start(choose, DESCRIBED)
    places = (FOR_REASON,) if choose.chance(0.2) else ()
    others += located(choose, sentence, what, differs(choose), places)
    sentence.say(choose.one(DEGREES))
    agree(sentence, what, choose.one(words.STATES[what.chosen.noun.kind]), tuple(others))
    sentence.say("नहीं" if choose.chance(0.08) else "")
    agree(sentence, what, tense, tuple(others))
    sentence.say(mark)
    return sentence


def _found(choose: Chooser, count: int) -> Sentence:
    sentence, what, others, mark, tense = _start(choose, FOUND_KINDS)
    mislead = differs(choose)
    for _ in range(count):
        others += located(choose, sentence, what, mislead)
    agree(sentence, what, choose.one(words.FOUND[what.chosen.noun.kind]), tuple(others))
    sentence.say("नहीं" if choose.chance(0.05) else "")
    agree(sentence, what, tense, tuple(others))
    sentence.say(mark)
    return sentence


def found(choose: Chooser) -> Sentence:
    """ "चिट्ठियाँ दराज में रखी थीं": participle and auxiliary agree."""
    return _found(choose, 1)


def found_two(choose: Chooser) -> Sentence:
    return _found(choose, 2)


def found_first(choose: Chooser) -> Sentence:
    """ "दराज में चिट्ठियाँ रखी हैं": the place stands first."""
    sentence = Sentence()
    what = Said(of_kind(choose, FOUND_KINDS), -1)
    others = located(choose, sentence, what, differs(choose))
    what, _ = somewhat(choose, sentence, what.chosen)
    agree(sentence, what, choose.one(words.FOUND[what.chosen.noun.kind]), others)
    agree(sentence, what, PAST if choose.chance(0.5) else PRESENT, others)
    sentence.say("।")
    return sentence


def habit(choose: Chooser) -> Sentence:
    """ "बकरी शेरों से बहुत डरती है"."""
    sentence, what, others, mark, tense = _start(choose, DOERS)
    mislead = differs(choose)
    others += other(choose, sentence, what, ANIMATE, mislead)
    animal = what.chosen.noun.kind == "animal"
    before, forms = choose.one(words.HABITS["animal" if animal else "person"])
    sentence.say(before, "नहीं" if choose.chance(0.1) else "")
    agree(sentence, what, forms, tuple(others))
    agree(sentence, what, tense, tuple(others))
    sentence.say(mark)
    return sentence
