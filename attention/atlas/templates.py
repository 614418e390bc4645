"""Sentences that training never had, for relations that its grammar shows at one distance only.

An adjective or an owner that always stands next to its noun is found by a rule of one distance, and
no head could be better than that. Here up to two adjectives stand before a noun.
"""

from attention.training.grammar.english.parts import (
    BE,
    BE_PAST,
    DETERMINERS,
    Subject,
    agree,
    finish,
    link,
    number,
    subject_of,
)
from attention.training.grammar.english.people import HE, PRONOUNS, SHE
from attention.training.grammar.hindi import phrases as hindi
from attention.training.grammar.hindi.clauses import OWNED, VERY
from attention.training.grammar.hindi.phrases import HINDI, OF, PRESENT, Said
from attention.training.grammar.hindi.pools import FOLK, attractor, differs, of_kind
from attention.training.languages import Template
from attention.training.lexicon import hindi as hindi_words
from attention.training.lexicon.english.nouns import KINDS, Noun, pool
from attention.training.lexicon.english.people import MEN, WOMEN
from attention.training.sentences import Chooser, Link, Sentence

_DOING = tuple(
    action for action in KINDS["person"].does if action.objects and not action.preposition
)
_THINGS = pool("thing vehicle clothing tool furniture")
_PLACES = pool("building room outdoor street").count
_TIRED = ("tired", "hungry", "happy", "sad", "angry", "late", "busy", "proud")


def _adjectives(choose: Chooser, noun: Noun) -> list[str]:
    return choose.random.sample(noun.kind.before, min(choose.random.randrange(3), 2))


def _phrase(
    choose: Chooser, sentence: Sentence, noun: Noun, plural: int, owners: tuple[str, ...]
) -> int:
    """ "the old red lamp", "Anna's small lamp"; returns the noun's index."""
    if choose.chance(0.6):
        kind, first = "possessor", sentence.say(choose.one(owners) + "'s")
    else:
        said = [word for word in DETERMINERS[plural] if word and word != "a" and " " not in word]
        kind, first = "determiner", sentence.say(choose.one(said))
    described = [sentence.say(word) for word in _adjectives(choose, noun)]
    index = sentence.say(noun.forms[plural])
    link(sentence, kind, first, index)
    for adjective in described:
        link(sentence, "adjective", adjective, index)
    return index


def _beside(choose: Chooser, sentence: Sentence) -> None:
    sentence.say(choose.one(("in", "near", "behind")), "the", choose.one(_PLACES).forms[0])


def described(choose: Chooser) -> Sentence:
    """ "In the garden, Anna's small old lamp near the bridge was wet."."""
    sentence, noun = Sentence(), subject_of(choose, (_THINGS,))
    _beside(choose, sentence)
    sentence.say(",")
    plural = number(choose, noun)
    subject = Subject(noun, plural, _phrase(choose, sentence, noun, plural, WOMEN + MEN))
    if choose.chance(0.7):
        _beside(choose, sentence)
    agree(sentence, subject, choose.one((BE, BE_PAST)))
    sentence.say(choose.one(noun.kind.after or noun.kind.before))
    return finish(choose, sentence)


def because(choose: Chooser) -> Sentence:
    """ "Tom saw Anna's old red lamp because he was late.": or "it was", whichever is meant."""
    sentence = Sentence()
    names, owners, who = choose.one(((WOMEN, MEN, SHE), (MEN, WOMEN, HE)))
    name = sentence.say(choose.one(names))
    action, noun = choose.one(_DOING), choose.one(_THINGS.count)
    verb = sentence.say(action.verb.past)
    thing = _phrase(choose, sentence, noun, 0, owners)
    link(sentence, "object", verb, thing)
    sentence.say(choose.one(("because", "when", "but", ", and")))
    meant = choose.one((name, thing))
    pronoun = sentence.say(who[1] if meant == name else "it")
    link(sentence, "pronoun", meant, pronoun, PRONOUNS)
    sentence.say(BE_PAST[0])
    sentence.say(choose.one(_TIRED if meant == name else noun.kind.after or noun.kind.before))
    return finish(choose, sentence)


def owned(choose: Chooser) -> Sentence:
    """ "लड़के की पुरानी लाल किताब भारी है।"."""
    sentence, what = Sentence(), of_kind(choose, OWNED)
    owner = attractor(choose, what, FOLK, differs(choose))
    said = hindi.noun_phrase(choose, sentence, owner, oblique=True)
    sentence.say(OF[2 if what.noun.feminine else what.plural])
    known = hindi_words.ATTRIBUTES.get(what.noun.kind, ())
    chosen = choose.random.sample(known, min(choose.random.randrange(3), len(known)))
    places = [sentence.say(forms[2 if what.noun.feminine else what.plural]) for forms in chosen]
    thing = Said(what, sentence.say(what.noun.forms[what.plural]))
    sentence.links.append(Link("possessor", HINDI, said.at, thing.at))
    sentence.links += [Link("adjective", HINDI, at, thing.at) for at in places]
    sentence.say(choose.one(VERY))
    hindi.agree(sentence, thing, choose.one(hindi_words.STATES[what.noun.kind]), (said,))
    hindi.agree(sentence, thing, PRESENT, (said,))
    sentence.say("।")
    return sentence


#: By language; they stand beside the templates that the grammar keeps from training.
OWN: dict[str, tuple[Template, ...]] = {"en": (described, because), "hi": (owned,)}
