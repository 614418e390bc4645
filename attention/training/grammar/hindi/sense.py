"""Who was meant: "जानवर ने सड़क पार नहीं की क्योंकि वह थका हुआ था। इसलिए जानवर रुक गया।"

One word tells which of two nouns the pronoun stands for; afterwards that noun is said again.
"""

from attention.training.grammar.hindi.phrases import (
    HINDI,
    PAST,
    Said,
    agree,
    noun_phrase,
    verb_before,
)
from attention.training.grammar.hindi.pools import Chosen, Pool, agreeing, joins, number, pool
from attention.training.lexicon import hindi as words
from attention.training.lexicon.hindi import Scene, Verb
from attention.training.sentences import Chooser, Forms, Link, Sentence

SCENES = tuple((scene, pool(scene.who), pool(scene.things)) for scene in words.SCENES)
GO = words.verb("जा")
HE, THEY = "वह", "वे"
VERY = ("बहुत", "", "काफ़ी", "बहुत ही")


def _pair(choose: Chooser, who: Pool, things: Pool, meant_first: bool) -> tuple[Chosen, Chosen]:
    """Two nouns that this kind of text may join; half of the pairs have one gender and number."""
    same = choose.chance(0.6)
    new = choose.evaluation == "nouns"
    first = who.new if new and meant_first else who.known
    second = things.new if new and not meant_first else things.known
    while True:
        one, other = choose.one(first), choose.one(second)
        if not joins(choose, one, other):
            continue
        a, b = Chosen(one, number(choose, one, 0.2)), Chosen(other, number(choose, other, 0.12))
        if not same or a.form == b.form or choose.chance(0.05):
            return a, b


def _state(
    choose: Chooser, sentence: Sentence, meant: Said, other: Said, states: tuple[Forms, ...]
) -> None:
    """ "वह बहुत थका हुआ था": pronoun, what shows who is meant, and the verb."""
    pronoun = sentence.say(THEY if meant.chosen.plural else HE)
    sentence.links.append(Link("pronoun", HINDI, meant.at, pronoun))
    sentence.say(choose.one(VERY))
    forms = choose.one(states)
    said = agreeing(forms, meant.chosen.form)
    shows = sentence.say(said) - said.count(" ")
    sentence.links.append(Link("sense", HINDI, meant.at, shows, (), (other.at,)))
    agree(sentence, meant, PAST, (other,))


def _again(
    sentence: Sentence, meant: Said, other: Said, sequel: tuple[str, Verb | None], choose: Chooser
) -> None:
    """The noun meant, said again, and what came of it."""
    words_, verb = sequel
    oblique = verb is None
    forms = tuple(
        said.chosen.noun.forms[2 * oblique + said.chosen.plural] for said in (meant, other)
    )
    index = sentence.say(forms[0])
    link = Link("resumed", HINDI, meant.at, index, forms, (other.at,))
    sentence.links.append(link)
    sentence.say(words_)
    if verb is None:
        return
    subject = Said(meant.chosen, index)
    if verb.stem in ("रुक", "सो", "लौट", "बैठ", "रह", "सूख", "चल", "पछता") and choose.chance(0.5):
        sentence.say(verb.stem)
        verb = GO
    agree(sentence, subject, verb.perfective)


def _event(
    choose: Chooser, sentence: Sentence, scene: Scene, a: Chosen, b: Chosen
) -> tuple[Said, Said]:
    """What did not happen, or happened, between the two."""
    one = noun_phrase(choose, sentence, a, oblique=scene.goes is None, bare=not choose.chance(0.3))
    if scene.verb is not None:
        sentence.say("ने")
        other = noun_phrase(choose, sentence, b, bare=True)
        verb_before(sentence, scene.verb, True)
        at = agree(sentence, other, scene.verb.perfective, (one,))
        sentence.links.append(Link("object", HINDI, other.at, at))
    elif scene.goes is not None:
        other = noun_phrase(choose, sentence, b, oblique=True, bare=not choose.chance(0.2))
        sentence.say(scene.goes[0], "नहीं")
        agree(sentence, one, scene.goes[1].perfective, (other,))
    else:
        sentence.say("ने")
        other = noun_phrase(choose, sentence, b, oblique=True, bare=not choose.chance(0.2))
        sentence.say(scene.did)
    return one, other


def _scene(choose: Chooser) -> tuple[Sentence, Said, Said, Scene, bool]:
    meant_first = choose.chance(0.5)
    while True:
        scene, who, things = choose.one(SCENES)
        if choose.evaluation != "nouns" or (who if meant_first else things).new:
            break
    sentence = Sentence()
    one, other = _event(choose, sentence, scene, *_pair(choose, who, things, meant_first))
    meant, rival = (one, other) if meant_first else (other, one)
    return sentence, meant, rival, scene, meant_first


def because(choose: Chooser) -> Sentence:
    """ "… क्योंकि वह बहुत थका हुआ था। इसलिए जानवर रुक गया।"."""
    sentence, meant, rival, scene, first = _scene(choose)
    sentence.say("क्योंकि")
    _state(choose, sentence, meant, rival, scene.who_is if first else scene.thing_is)
    sentence.say("।", "इसलिए")
    _again(
        sentence, meant, rival, choose.one(scene.who_then if first else scene.thing_then), choose
    )
    sentence.say("।")
    return sentence


def for_that(choose: Chooser) -> Sentence:
    """ "… नहीं की। वह बहुत थका हुआ था, इसलिए जानवर रुक गया।"."""
    sentence, meant, rival, scene, first = _scene(choose)
    sentence.say("।")
    _state(choose, sentence, meant, rival, scene.who_is if first else scene.thing_is)
    sentence.say(",", choose.one(("इसलिए", "इसलिए", "और अंत में")))
    _again(
        sentence, meant, rival, choose.one(scene.who_then if first else scene.thing_then), choose
    )
    sentence.say("।")
    return sentence


def why(choose: Chooser) -> Sentence:
    """ "… क्योंकि वह बहुत थका हुआ था। कौन थका हुआ था? जानवर।"."""
    sentence, meant, rival, scene, first = _scene(choose)
    sentence.say("क्योंकि")
    states = scene.who_is if first else scene.thing_is
    start = len(sentence.words)
    _state(choose, sentence, meant, rival, states)
    state = sentence.words[start + 1 :]
    sentence.say("।", "कौन" if meant.chosen.noun.kind in ("person", "kin", "animal") else "क्या")
    sentence.say(*state, "?")
    forms = tuple(said.chosen.noun.forms[said.chosen.plural] for said in (meant, rival))
    index = sentence.say(forms[0])
    sentence.links.append(Link("resumed", HINDI, meant.at, index, forms, (rival.at,)))
    sentence.say("।")
    return sentence


def only_because(choose: Chooser) -> Sentence:
    """Without what followed."""
    sentence, meant, rival, scene, first = _scene(choose)
    sentence.say("क्योंकि")
    _state(choose, sentence, meant, rival, scene.who_is if first else scene.thing_is)
    sentence.say("।")
    return sentence
