"""The Hindi lexicon: nouns, verbs, adjectives and names with the forms that they take."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from attention.training.lexicon.hindi import forms
from attention.training.sentences import Forms


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun or a name.

    Args:
        forms: direct singular, direct plural, oblique singular, oblique plural.
        feminine: grammatical gender.
        kind: the table of ``nouns.toml`` that has it; ``name`` for a given name.
    """

    forms: Forms
    feminine: bool
    kind: str

    @property
    def key(self) -> str:
        """The direct singular, by which pairs and held-out nouns are known."""
        return self.forms[0]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb; ``before`` is what it has with it ("साफ़" of "साफ़ कर"), or empty."""

    before: str
    stem: str
    habitual: Forms
    perfective: Forms
    future: Forms
    request: Forms
    takes_ne: bool = True

    @property
    def infinitive(self) -> str:
        return self.stem + "ना"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a word shows who was meant; see ``scenes.toml``."""

    who: tuple[Noun, ...]
    things: tuple[Noun, ...]
    verb: Verb | None
    goes: tuple[str, Verb] | None
    did: str
    who_is: tuple[Forms, ...]
    thing_is: tuple[Forms, ...]
    who_then: tuple[tuple[str, Verb | None], ...]
    thing_then: tuple[tuple[str, Verb | None], ...]


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))


_NOUNS, _ADJECTIVES, _NAMES, _VERBS = map(_table, ("nouns", "adjectives", "names", "verbs"))
_UNCHANGING = frozenset(_NOUNS.pop("unchanging").split())
_UNDECLINED = frozenset(_ADJECTIVES["undeclined"].split())
HELD_OUT = frozenset(_NOUNS.pop("held_out").split() + _NAMES["held_out"].split())


def _forms(word: str, feminine: bool, kind: str) -> Forms:
    if kind == "elder":  # the plural honours one man: it is not seen in the noun
        return (word,) * 4
    direct, plural, singular, oblique = forms.decline(word, feminine, word in _UNCHANGING)
    return (direct, plural, oblique if kind == "people" else singular, oblique)


def _declined(words: str, feminine: bool, kind: str) -> tuple[Noun, ...]:
    return tuple(Noun(_forms(word, feminine, kind), feminine, kind) for word in words.split())


NOUNS: dict[str, tuple[Noun, ...]] = {
    kind: _declined(table["masculine"], False, kind) + _declined(table["feminine"], True, kind)
    for kind, table in _NOUNS.items()
}
MEN, WOMEN = (
    tuple(Noun((name,) * 4, feminine, "name") for name in _NAMES[key].split())
    for key, feminine in (("men", False), ("women", True))
)
NAMES = MEN + WOMEN
TOWNS, LANDS = tuple(_NAMES["towns"].split()), tuple(_NAMES["lands"].split())


def of_kinds(*kinds: str) -> tuple[Noun, ...]:
    return tuple(noun for kind in kinds for noun in NOUNS[kind])


def adjective(word: str) -> Forms:
    word = word.replace("_", " ")
    return forms.inflect(word, word not in _UNDECLINED)


def _adjectives(table: str) -> dict[str, tuple[Forms, ...]]:
    return {
        kind: tuple(map(adjective, words.split())) for kind, words in _ADJECTIVES[table].items()
    }


ATTRIBUTES, STATES = _adjectives("attributes"), _adjectives("states")


def verb(entry: str) -> Verb:
    *before, stem = entry.split("_")

    def irregular(table: str, regular: Forms) -> Forms:
        return tuple(_VERBS[table][stem].split()) if stem in _VERBS[table] else regular

    return Verb(
        " ".join(before),
        stem,
        forms.habitual(stem),
        irregular("perfective", forms.perfective(stem)),
        irregular("future", forms.future(stem)),
        irregular("request", forms.request(stem)),
        stem not in _VERBS["without_ne"].split(),
    )


def _verbs(table: str) -> dict[str, tuple[Verb, ...]]:
    return {kind: tuple(map(verb, words.split())) for kind, words in _VERBS[table].items()}


TRANSITIVE, ANIMAL_VERBS, TOWARD, INTRANSITIVE, BEFALL = map(
    _verbs, ("transitive", "animal", "toward", "intransitive", "befall")
)


def _nouns_of(text: str) -> tuple[Noun, ...]:
    """Nouns named one by one, or all of some kinds."""
    words = text.split()
    if words[0] in NOUNS:
        return of_kinds(*words)
    known = {noun.key: noun for nouns in NOUNS.values() for noun in nouns}
    return tuple(known[word] for word in words)


def _sequels(text: str) -> tuple[tuple[str, Verb | None], ...]:
    """Words before a verb that agrees, or (None) what follows the oblique noun."""
    sequels: list[tuple[str, Verb | None]] = []
    for entry in text.split():
        if entry.startswith("~"):
            sequels.append((entry[1:].replace("_", " "), None))
        else:
            before, stem = entry.split(":")
            sequels.append((before.replace("_", " "), verb(stem)))
    return tuple(sequels)


def _scene(entry: dict[str, str]) -> Scene:
    goes = entry["goes"].split() if "goes" in entry else None
    return Scene(
        _nouns_of(entry["who"]),
        _nouns_of(entry["things"]),
        verb(entry["verb"]) if "verb" in entry else None,
        (goes[0], verb(goes[1])) if goes else None,
        entry.get("did", ""),
        tuple(map(adjective, entry["who_is"].split())),
        tuple(map(adjective, entry["thing_is"].split())),
        _sequels(entry["who_then"]),
        _sequels(entry["thing_then"]),
    )


def _conjuncts() -> tuple[tuple[Noun, Verb], ...]:
    """A noun with the verb that makes an action of it; it is said in the singular alone."""
    pairs = []
    for feminine, gender in enumerate(("masculine", "feminine")):
        for entry in _VERBS["conjunct"][gender].split():
            noun, stem = entry.split("_")
            pairs.append((Noun((noun,) * 4, bool(feminine), "action"), verb(stem)))
    return tuple(pairs)


CONJUNCTS = _conjuncts()
# What a government or a company does as well.
PUBLIC = tuple(pair for pair in CONJUNCTS if pair[0].key in _VERBS["conjunct"]["public"].split())
SCENES = tuple(map(_scene, _table("scenes")["scenes"]))
PHRASES: dict[str, tuple[str, ...]] = {k: tuple(v) for k, v in _table("phrases").items()}
_PLACES = _table("places")
AMONG = {name: _nouns_of(nouns) for name, nouns in _PLACES["among"].items()}
AT: dict[str, tuple[str, ...]] = {name: tuple(said) for name, said in _PLACES["at"].items()}
CHANGES = {kind: tuple(stems.split()) for kind, stems in _PLACES["change"].items()}
TURNED, FOUND = (
    {kind: tuple(map(adjective, words.split())) for kind, words in _PLACES[table].items()}
    for table in ("turned", "found")
)
# What stands before the verb, and the verb: ("से बहुत", ("डरता", "डरते", "डरती")).
HABITS = {
    kind: tuple(
        (before.replace("_", " "), forms.habitual(stem))
        for before, _, stem in (entry.rpartition("_") for entry in entries.split())
    )
    for kind, entries in _PLACES["habit"].items()
}
SAID: dict[str, tuple[str, ...]] = {name: tuple(said) for name, said in _PLACES["said"].items()}
OTHERS = tuple(_table("others")["words"].split())
