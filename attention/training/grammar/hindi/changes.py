"""What became of something: a stem or an adjective with गया ("टूट गई", "ठंडी हो गई")."""

from attention.training.grammar.hindi.actions import GO, GOALS
from attention.training.grammar.hindi.phrases import Said, agree, perfect
from attention.training.grammar.hindi.places import (
    DURING,
    IN_WEATHER,
    PAST_TIMES,
    first_of_all,
    located,
    opening,
    other,
    somewhat,
)
from attention.training.grammar.hindi.pools import (
    ANIMATE,
    OF_KIND,
    PLACES,
    Chosen,
    differs,
    of_kind,
    pool,
)
from attention.training.lexicon import hindi as words
from attention.training.sentences import Chooser, Sentence

CHANGING = tuple(kind for kind in words.CHANGES if kind in OF_KIND)
TURNING = tuple(kind for kind in words.TURNED if kind in OF_KIND)
GOING = ("person", "person", "kin", "elder", "people", "animal")
WEATHER = pool(words.AMONG["weather"])
PURPOSES, FETCHING = words.SAID["purposes"], words.SAID["fetching"]
GONE = ("चला", "चले", "चली")
BACK = ("वापस", "दूर", "अंदर", "बाहर", "वापस")


def _start(choose: Chooser, chosen: Chosen) -> tuple[Sentence, Said, list[Said], str]:
    sentence = Sentence()
    mark, timed = opening(choose, sentence, chosen, PAST_TIMES)
    what, owners = somewhat(choose, sentence, chosen)
    sentence.say(choose.one(DURING) if not timed and choose.chance(0.15) else "")
    return sentence, what, list(owners), mark


def _phrases(choose: Chooser, sentence: Sentence, what: Said, count: int) -> list[Said]:
    """Places, weather or what was done before, up to the verb."""
    mislead = differs(choose)
    others: list[Said] = []
    for place in range(count):
        draw = choose.random.random()
        if place + 1 < count and draw < 0.4:
            others += first_of_all(choose, sentence, what, mislead)
        elif draw > 0.9 and choose.evaluation is None:
            others += located(choose, sentence, what, mislead, (IN_WEATHER,))
        else:
            others += located(choose, sentence, what, mislead)
    return others


def _became(choose: Chooser, count: int) -> Sentence:
    if choose.evaluation is None and choose.chance(0.06):
        chosen, stems = Chosen(choose.one(WEATHER.known), False), words.CHANGES["weather"]
    else:
        chosen = of_kind(choose, CHANGING)
        stems = words.CHANGES[chosen.noun.kind]
    sentence, what, others, mark = _start(choose, chosen)
    others += _phrases(choose, sentence, what, count)
    sentence.say(choose.one(stems))
    perfect(choose, sentence, what, GO, tuple(others), dated=choose.chance(0.5))
    sentence.say(mark)
    return sentence


def became(choose: Chooser) -> Sentence:
    """ "गिलास मेज़ के नीचे टूट गया"."""
    return _became(choose, 1)


def became_two(choose: Chooser) -> Sentence:
    """ "गेंद छत से छूटकर कुएँ में डूब गई"."""
    return _became(choose, 2)


def turned(choose: Chooser) -> Sentence:
    """ "दाल कटोरी में ठंडी हो गई"."""
    if choose.evaluation is None and choose.chance(0.12):
        chosen, states = Chosen(choose.one(WEATHER.known), False), words.TURNED["weather"]
    else:
        chosen = of_kind(choose, TURNING)
        states = words.TURNED[chosen.noun.kind]
    sentence, what, others, mark = _start(choose, chosen)
    others += _phrases(choose, sentence, what, 1)
    sentence.say("बहुत" if choose.chance(0.15) else "")
    agree(sentence, what, choose.one(states), tuple(others))
    sentence.say("हो")
    perfect(choose, sentence, what, GO, tuple(others), dated=choose.chance(0.5))
    sentence.say(mark)
    return sentence


def went_off(choose: Chooser) -> Sentence:
    """ "माली औरतों को लेकर नदी के पार चला गया", "बहन भाई से मिलने स्टेशन गई"."""
    sentence, what, others, mark = _start(choose, of_kind(choose, GOING))
    mislead = differs(choose)
    draw = choose.random.random()
    if draw < 0.3 and what.chosen.noun.kind != "animal":
        others += other(choose, sentence, what, ANIMATE, mislead)
        sentence.say(choose.one(FETCHING))
        _goal(choose, sentence)
    elif draw < 0.55:
        others += first_of_all(choose, sentence, what, mislead)
        others += located(choose, sentence, what, mislead) if choose.chance(0.4) else ()
    else:
        others += located(choose, sentence, what, mislead)
        sentence.say(choose.one(PURPOSES) if choose.chance(0.4) else "")
    sentence.say(choose.one(BACK) if choose.chance(0.35) else "")
    if choose.chance(0.4):
        agree(sentence, what, GONE, tuple(others))
    perfect(choose, sentence, what, GO, tuple(others), dated=choose.chance(0.5))
    sentence.say(mark)
    return sentence


def _goal(choose: Chooser, sentence: Sentence) -> None:
    noun = choose.one(PLACES.every)
    sentence.say(noun.forms[2], "" if noun.key in GOALS else "में")
