"""Nouns by kind: their two forms, and which adjectives their kind takes."""

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from attention.training.lexicon.english.tables import table, words

if TYPE_CHECKING:
    from attention.training.lexicon.english.verbs import Action

_NOUNS, _ADJECTIVES = table("nouns"), table("adjectives")
_ALIASES: dict[str, str] = table("verbs")["alias"]
HELD_OUT = frozenset(words(_NOUNS["held_out"]["words"]))
PRONOUNS = {"man": ("he",), "woman": ("she",), "person": ("he", "she")}
LIVING = frozenset(("man", "woman", "person", "animal"))


@dataclass(eq=False)
class Kind:
    """What nouns of one kind have in common.

    Args:
        name: "man", "tool", "building" …
        pronouns: what one of them may be called: ("he",), ("he", "she"), ("it",).
        before: adjectives that may stand before such a noun ("a main road").
        after: adjectives that may be said of it ("the road was wide").
        does: what it may do, an object with it; filled by ``verbs``.
        suffers: (action, who does it), to such a noun; filled by ``verbs``.
        passive: those of them without a preposition, by doers that count.
        beside: (preposition, nouns) that may follow such a noun; filled by ``verbs``.
        where: those of them that say where it is.
    """

    name: str
    pronouns: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    does: tuple["Action", ...] = ()
    suffers: tuple[tuple["Action", "Pool"], ...] = ()
    passive: tuple[tuple["Action", "Pool"], ...] = ()
    beside: tuple[tuple[str, "Pool"], ...] = ()
    where: tuple[tuple[str, "Pool"], ...] = ()

    @property
    def living(self) -> bool:
        return self.name in LIVING


@dataclass(frozen=True, eq=False)
class Noun:
    """A noun. ``forms`` are its singular and its plural, the same twice where it has no plural."""

    forms: tuple[str, str]
    kind: Kind
    mass: bool = False

    @property
    def held_out(self) -> bool:
        """Whether training never makes it a subject or a referent."""
        return self.forms[0] in HELD_OUT


@dataclass(frozen=True, eq=False)
class Pool:
    """Nouns to choose from: all of them, those that count, and those that may be subjects.

    Args:
        nouns: all, mass nouns too.
        count: those with a plural.
        seen: those that training makes subjects (mass nouns too).
        unseen: those that it never does.
    """

    nouns: tuple[Noun, ...]
    count: tuple[Noun, ...] = field(init=False)
    seen: tuple[Noun, ...] = field(init=False)
    unseen: tuple[Noun, ...] = field(init=False)

    def __post_init__(self) -> None:
        choices = {
            "count": tuple(noun for noun in self.nouns if not noun.mass),
            "seen": tuple(noun for noun in self.nouns if not noun.held_out),
            "unseen": tuple(noun for noun in self.nouns if noun.held_out),
        }
        for name, nouns in choices.items():
            object.__setattr__(self, name, nouns)


def plural(singular: str) -> str:
    """By rule: boxes, cities, keys."""
    if singular.endswith(("s", "x", "z", "ch", "sh")):
        return singular + "es"
    if singular[-1] == "y" and singular[-2] not in "aeiou":
        return singular[:-1] + "ies"
    return singular + "s"


def expand(names: str) -> tuple[str, ...]:
    """Names of kinds, aliases resolved."""
    listed = (part for name in names.split() for part in _ALIASES.get(name, name).split())
    return tuple(dict.fromkeys(listed))


def _adjectives(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Adjectives before a noun of this kind, and said of it."""
    fitting = [fit["words"] for fit in _ADJECTIVES["fit"].values() if kind in expand(fit["kinds"])]
    every = words(" ".join(fitting))
    after_only = words(_ADJECTIVES["place_of"]["after_only"])
    before_only = words(_ADJECTIVES["place_of"]["before_only"])
    return (
        tuple(word for word in every if word not in after_only),
        tuple(word for word in every if word not in before_only),
    )


def _nouns() -> dict[str, tuple[Noun, ...]]:
    nouns = {}
    for mass, lists in ((False, _NOUNS["count"]), (True, _NOUNS["mass"])):
        for name, text in lists.items():
            kind = Kind(name, PRONOUNS.get(name, ("it",)), *_adjectives(name))
            entries = [word.split("/") for word in words(text)]
            nouns[name] = tuple(
                Noun((entry[0], entry[0] if mass else _plural_of(entry)), kind, mass)
                for entry in entries
            )
    return nouns


def _plural_of(entry: list[str]) -> str:
    return entry[1] if len(entry) > 1 else plural(entry[0])


NOUNS = _nouns()
KINDS = {name: nouns[0].kind for name, nouns in NOUNS.items()}
_BY_SINGULAR = {noun.forms[0]: noun for nouns in reversed(NOUNS.values()) for noun in nouns}


@cache
def pool(names: str) -> Pool:
    """The nouns of these kinds, aliases or single nouns (names divided by spaces)."""
    nouns: dict[str, Noun] = {}
    for name in expand(names):
        for noun in NOUNS[name] if name in NOUNS else (_BY_SINGULAR[name],):
            nouns.setdefault(noun.forms[0], noun)
    return Pool(tuple(nouns.values()))
