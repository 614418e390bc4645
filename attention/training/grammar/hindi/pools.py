"""Which nouns may stand where: what training sees, and what is kept for the evaluation."""

from dataclasses import dataclass
from typing import NamedTuple

from attention.training.lexicon import hindi as words
from attention.training.lexicon.hindi import Noun
from attention.training.sentences import Chooser, Forms, held_out


@dataclass(frozen=True, slots=True)
class Pool:
    """Nouns of one use: all of them, those that training says things of, and the held-out ones."""

    every: tuple[Noun, ...]
    known: tuple[Noun, ...]
    new: tuple[Noun, ...]


class Chosen(NamedTuple):
    """A noun in a number; ``form`` is 0 masculine, 1 its plural, 2 feminine, 3 its plural."""

    noun: Noun
    plural: bool

    @property
    def form(self) -> int:
        return 2 * self.noun.feminine + self.plural


def pool(nouns: tuple[Noun, ...]) -> Pool:
    return Pool(
        nouns,
        tuple(noun for noun in nouns if noun.key not in words.HELD_OUT),
        tuple(noun for noun in nouns if noun.key in words.HELD_OUT),
    )


def kinds(*names: str) -> Pool:
    return pool(words.of_kinds(*names))


PEOPLE, KIN, ANIMALS = kinds("person"), kinds("kin", "kin", "elder"), kinds("animal")
FOLK = kinds("person", "person", "kin", "elder", *["people"] * 6)  # who does what people do
ANIMATE = kinds("person", "person", "kin", "elder", "animal", "people", "people")
GROUPS = kinds("group")
NAMES = pool(words.NAMES)
FURNITURE, PLACES, SPOTS = kinds("furniture"), kinds("place"), kinds("spot")
OBJECTS = kinds("thing", "garment", "readable", "furniture", "vehicle", "food", "plant")
SMALL = kinds("thing", "garment", "readable", "food")
NEARBY = kinds("furniture", "furniture", "vehicle", "spot", "place")  # what one is beside
ANYTHING = kinds(*words.NOUNS)
PLURAL_KINDS = frozenset(("elder", "people"))
UNCOUNTED = frozenset(("dish", "drink", "happening"))
OF_KIND = {kind: pool(nouns) for kind, nouns in words.NOUNS.items()}


def controller(choose: Chooser, nouns: Pool) -> Noun:
    """A noun of which something is said: a held-out one where those are evaluated."""
    return choose.one(nouns.new if choose.evaluation == "nouns" and nouns.new else nouns.known)


def number(choose: Chooser, noun: Noun, share: float = 0.4) -> bool:
    """Whether the noun stands in the plural."""
    if noun.kind in PLURAL_KINDS:
        return True
    return noun.kind not in UNCOUNTED and noun.kind != "name" and choose.chance(share)


def subject(choose: Chooser, nouns: Pool, share: float = 0.4) -> Chosen:
    noun = controller(choose, nouns)
    return Chosen(noun, number(choose, noun, share))


def of_kind(choose: Chooser, kinds: tuple[str, ...]) -> Chosen:
    """A noun of one of the kinds; a held-out one where those are evaluated."""
    while True:
        nouns = OF_KIND[choose.one(kinds)]
        if nouns.new or choose.evaluation != "nouns":
            return subject(choose, nouns)


def joins(choose: Chooser, controller: Noun, other: Noun) -> bool:
    """Whether text of this kind may join the two; training keeps a held-out pair in no order."""
    if choose.evaluation in ("nouns", "combinations"):
        return choose.joins(controller.key, other.key)
    return controller is not other and not (
        held_out(controller.key, other.key) or held_out(other.key, controller.key)
    )


def attractor(
    choose: Chooser, of: Chosen, nouns: Pool, differs: bool, *, said_of: bool = False
) -> Chosen:
    """A noun to stand between the subject and its verb.

    Args:
        differs: it calls for another form of a participle than the subject does.
        said_of: something is said of it as well, so that it is none that training must not know.
    """
    options = nouns.known if said_of else nouns.every
    while True:
        noun = choose.one(options)
        chosen = Chosen(noun, number(choose, noun))
        if joins(choose, of.noun, noun) and not (differs and same_form(of, chosen)):
            return chosen


def same_form(one: Chosen, other: Chosen) -> bool:
    """Whether the two call for the same participle."""
    return _participle(one) == _participle(other)


def _participle(chosen: Chosen) -> int:
    return 2 if chosen.noun.feminine else chosen.plural


def differs(choose: Chooser) -> bool:
    """An evaluation has attractors that mislead; in training half of them happen to."""
    return choose.evaluation is not None or choose.chance(0.5)


def beside(choose: Chooser, of: Chosen, kinds: tuple[str, ...], *, said_of: bool = False) -> Chosen:
    """An object or the like, of one of the kinds; only training asks whether the pair is held out.

    The kind is drawn anew each time: of the five songs none may be left for a given noun.
    """
    free = choose.evaluation in ("nouns", "combinations")
    while True:
        nouns = OF_KIND[choose.one(kinds)]
        noun = choose.one(nouns.known if said_of else nouns.every)
        if noun is not of.noun and (free or joins(choose, of.noun, noun)):
            return Chosen(noun, number(choose, noun, 0.35))


def agreeing(forms: Forms, form: int) -> str:
    """The form for ``Chosen.form`` among two (number), three (participle) or four."""
    if len(forms) == 4:
        return forms[form]
    if len(forms) == 2:
        return forms[form & 1]
    return forms[2] if form >= 2 else forms[form]
