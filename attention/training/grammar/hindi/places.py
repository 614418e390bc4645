"""Where things are: phrases between a subject and its verb, and what may stand before both."""

from attention.training.grammar.hindi.phrases import (
    HINDI,
    MY,
    OF,
    OWN,
    THESE,
    Said,
    noun_phrase,
)
from attention.training.grammar.hindi.pools import (
    ANIMATE,
    FOLK,
    FURNITURE,
    KIN,
    PLACES,
    PLURAL_KINDS,
    SMALL,
    UNCOUNTED,
    Chosen,
    Pool,
    attractor,
    joins,
    kinds,
    number,
    pool,
    same_form,
)
from attention.training.lexicon import hindi as words
from attention.training.sentences import Chooser, Link, Sentence

Where = tuple[Pool, tuple[str, ...]]

_AMONG = {name: pool(nouns) for name, nouns in words.AMONG.items()}
_AT = words.AT
IN_CONTAINER, BY_WATER, ON_GROUND, IN_WEATHER = (
    (_AMONG[name], _AT[name]) for name in ("container", "water", "ground", "weather")
)
ON_FURNITURE, IN_VEHICLE = (FURNITURE, _AT["furniture"]), (kinds("vehicle"), _AT["vehicle"])
IN_PLACE, BESIDE_PLACE = (PLACES, _AT["place"]), (PLACES, _AT["beside_place"])
AMONG_PEOPLE = (ANIMATE, _AT["people"])
FOR_REASON = (kinds("word", "idea", "people", "animal"), _AT["reason"])
WIDER = kinds("place", "spot", "furniture", "vehicle", "thing")
FROM: tuple[Where, ...] = ((kinds("furniture", "spot", "place", "person"), ("से",)),)
LIVING = frozenset(("person", "kin", "elder", "people", "animal"))
# Two of each, since a place is likelier than company.
_ABOUT = (IN_PLACE, IN_PLACE, ON_GROUND, ON_GROUND, BY_WATER, AMONG_PEOPLE)
_SMALL = (IN_CONTAINER, IN_CONTAINER, ON_FURNITURE, ON_FURNITURE, IN_PLACE, IN_VEHICLE)
WHERE: dict[str, tuple[Where, ...]] = {
    **dict.fromkeys(LIVING, _ABOUT),
    **dict.fromkeys(("thing", "garment", "readable", "food"), _SMALL),
    **dict.fromkeys(("dish", "drink"), (IN_CONTAINER, IN_CONTAINER, ON_FURNITURE, IN_PLACE)),
    "furniture": (IN_PLACE, BESIDE_PLACE),
    "vehicle": (IN_PLACE, BESIDE_PLACE, ON_GROUND, BY_WATER),
    "place": (BESIDE_PLACE, BESIDE_PLACE, ON_GROUND),
    "plant": (IN_PLACE, BESIDE_PLACE, ON_GROUND),
    "group": (IN_PLACE, AMONG_PEOPLE),
    "idea": (AMONG_PEOPLE, FOR_REASON),
    "happening": (IN_PLACE, ON_GROUND),
}
SOME = (("सब",) * 3, ("सारा", "सारे", "सारी"), ("दोनों",) * 3, ("दो",) * 3, ("तीन",) * 3, ("कुछ",) * 3)
WHOLE = (("सारा", "सारे", "सारी"), ("पूरा", "पूरे", "पूरी"))
AND, BETWEEN = "और", "के बीच"
CLAIMS, SAID_THAT, PAST_TIMES, PRESENT_TIMES = (
    words.SAID[key] for key in ("claims", "said_that", "past", "present")
)
DURING, AFTER, TAKING, TAKING_ALONG = (
    words.SAID[key] for key in ("during", "after", "taking", "taking_along")
)


def opening(
    choose: Chooser, sentence: Sentence, of: Chosen, times: tuple[str, ...]
) -> tuple[str, bool]:
    """ "सुना है कि", "माँ ने कहा कि", "कल शाम को" or nothing.

    Returns the mark at the end, and whether a time was said.
    """
    mark = "।"
    if choose.chance(0.12):
        said = choose.one(CLAIMS)
        sentence.say(said)
        mark = "?" if said.startswith("क्या") else mark
    elif choose.chance(0.08):
        noun_phrase(choose, sentence, attractor(choose, of, FOLK, False), oblique=True)
        sentence.say(choose.one(SAID_THAT))
    timed = choose.chance(0.22)
    sentence.say(choose.one(times) if timed else "")
    return mark, timed


def _before(choose: Chooser, chosen: Chosen) -> str:
    """A quantifier, possessive or demonstrative that fits the noun; or nothing."""
    noun, plural = chosen
    form = 2 if noun.feminine else int(plural)
    draw = choose.random.random()
    if noun.kind == "happening":
        return ""
    if draw < 0.4 or noun.kind in ("elder", "kin"):
        return choose.one(MY)[form] if draw < 0.8 else ""
    if draw < 0.7 and plural:
        return choose.one(SOME[:2] if noun.kind in PLURAL_KINDS else SOME)[form]
    if draw < 0.5 and noun.kind in (*UNCOUNTED, "group", "place"):
        return choose.one(WHOLE[:1] if noun.kind in UNCOUNTED else WHOLE[1:])[form]
    if plural:
        return choose.one(THESE)
    return choose.one(("यह", "वह") if noun.kind in UNCOUNTED else ("यह", "वह", "वह", "एक"))


def somewhat(choose: Chooser, sentence: Sentence, chosen: Chosen) -> tuple[Said, tuple[Said, ...]]:
    """The subject with what may stand before it, and the owner if one is named."""
    noun = chosen.noun
    if choose.chance(0.1) and noun.kind not in ("happening", "people", "idea", "person"):
        owner = attractor(choose, chosen, FOLK, choose.chance(0.5))
        said = noun_phrase(choose, sentence, owner, oblique=True, bare=True)
        sentence.say(OF[2 if noun.feminine else chosen.plural])
        thing = Said(chosen, sentence.say(noun.forms[chosen.plural]))
        sentence.links.append(Link("possessor", HINDI, said.at, thing.at))
        return thing, (said,)
    word = _before(choose, chosen) if choose.chance(0.5) else ""
    if not word:
        return noun_phrase(choose, sentence, chosen), ()
    before = sentence.say(word)
    if choose.chance(0.2) and noun.kind in words.ATTRIBUTES:
        forms = choose.one(words.ATTRIBUTES[noun.kind])
        sentence.say(forms[2 if noun.feminine else chosen.plural])
    said = Said(chosen, sentence.say(noun.forms[chosen.plural]))
    sentence.links.append(Link("determiner", HINDI, before, said.at))
    return said, ()


def _near(choose: Chooser, of: Said, nouns: Pool, mislead: bool) -> Chosen:
    """A noun of the pool; of a wider one where few nouns are left that may join the subject."""
    chosen = of.chosen
    for _ in range(100):
        found = Chosen(noun := choose.one(nouns.every), number(choose, noun))
        if joins(choose, chosen.noun, noun) and not (mislead and same_form(chosen, found)):
            return found
    return attractor(choose, chosen, ANIMATE if nouns is KIN else WIDER, mislead)


def other(
    choose: Chooser, sentence: Sentence, of: Said, nouns: Pool, mislead: bool
) -> tuple[Said, ...]:
    """An oblique noun, perhaps owned or one of two; the verb agrees with none of them."""
    chosen = _near(choose, of, nouns, mislead)
    draw = choose.random.random()
    if draw < 0.1:  # "खिड़की और दीवार"
        first = noun_phrase(choose, sentence, chosen, oblique=True)
        sentence.say(AND)
        second = _near(choose, of, nouns, mislead)
        return first, noun_phrase(choose, sentence, second, oblique=True, bare=True)
    feminine = chosen.noun.feminine
    if draw < 0.2 and chosen.noun.kind not in LIVING:  # "दादी के कमरे"
        owner = _near(choose, of, KIN, False)
        said = noun_phrase(choose, sentence, owner, oblique=True, bare=choose.chance(0.5))
        sentence.say(OF[1 + feminine])
        return said, noun_phrase(choose, sentence, chosen, oblique=True, bare=True)
    if draw < 0.35 and of.chosen.noun.kind in LIVING - {"animal"}:
        sentence.say(OWN[1 + feminine])
        return (noun_phrase(choose, sentence, chosen, oblique=True, bare=True),)
    return (noun_phrase(choose, sentence, chosen, oblique=True),)


def located(
    choose: Chooser, sentence: Sentence, of: Said, mislead: bool, places: tuple[Where, ...] = ()
) -> tuple[Said, ...]:
    """ "मेज़ के नीचे", as suits the kind of noun."""
    nouns, after = choose.one(places or WHERE[of.chosen.noun.kind])
    others = other(choose, sentence, of, nouns, mislead)
    several = AND in sentence.words[others[0].at :] or others[-1].chosen.plural
    between = several and nouns in (PLACES, FURNITURE) and choose.chance(0.3)
    sentence.say(BETWEEN if between else choose.one(after))
    return others


def first_of_all(choose: Chooser, sentence: Sentence, of: Said, mislead: bool) -> tuple[Said, ...]:
    """ "रोटियाँ लेकर", "पेड़ से टूटकर": what was done or happened before the verb."""
    if of.chosen.noun.kind not in LIVING:
        others = located(choose, sentence, of, mislead, FROM)
        sentence.say(choose.one(AFTER))
        return others
    if choose.chance(0.5):
        others = other(choose, sentence, of, ANIMATE, mislead)
        sentence.say(choose.one(TAKING_ALONG))
        return others
    carried = attractor(choose, of.chosen, SMALL, mislead)
    said = noun_phrase(choose, sentence, carried)
    sentence.say(choose.one(TAKING))
    return (said,)
