"""Verbs: their five forms, and who does what to whom."""

from dataclasses import dataclass

from attention.training.lexicon.english.nouns import KINDS, Pool, expand, pool
from attention.training.lexicon.english.tables import table, words

_TABLE = table("verbs")
_IRREGULAR = {
    entry[0]: entry[1:] for entry in (word.split("/") for word in words(_TABLE["irregular"]))
}
_DOUBLING = frozenset(words(_TABLE["doubling"]))
_VOWELS = "aeiou"
_SPATIAL = frozenset(
    words("near behind beside by next_to in_front_of in at on under inside above below opposite")
)
_NO_PASSIVE = frozenset("have lack want like need miss fit get cost resemble".split())


@dataclass(frozen=True, eq=False)
class Verb:
    """One verb: go, (goes, go), went, gone, going."""

    base: str
    present: tuple[str, str]
    past: str
    participle: str
    ing: str

    @property
    def forms(self) -> tuple[str, ...]:
        return (self.base, *self.present, self.past, self.participle, self.ing)


@dataclass(frozen=True, eq=False)
class Action:
    """A verb as one of its frames has it: "look at" + what one may look at."""

    verb: Verb
    preposition: str = ""
    objects: Pool | None = None


def _third(base: str) -> str:
    if base in ("have", "be"):
        return {"have": "has", "be": "is"}[base]
    if base.endswith(("s", "x", "z", "ch", "sh", "o")):
        return base + "es"
    return base[:-1] + "ies" if base[-1] == "y" and base[-2] not in _VOWELS else base + "s"


def _stem(base: str) -> str:
    return base + base[-1] if base in _DOUBLING else base


def _past(base: str) -> str:
    if base[-1] == "e":
        return base + "d"
    return base[:-1] + "ied" if base[-1] == "y" and base[-2] not in _VOWELS else _stem(base) + "ed"


def _ing(base: str) -> str:
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if base[-1] == "e" and not base.endswith(("ee", "oe", "ye")) and base != "be":
        return base[:-1] + "ing"
    return _stem(base) + "ing"


def verb(base: str) -> Verb:
    """The forms of a verb, by rule where the table names no other."""
    past, participle = _IRREGULAR.get(base, (_past(base),) * 2)
    return Verb(base, (_third(base), base), past, participle, _ing(base))


def verbs(text: str) -> tuple[Verb, ...]:
    return tuple(verb(base) for base in words(text))


def _actions(said: str, preposition: str, objects: Pool | None) -> list[Action]:
    """Of each verb; "turn_on" is a verb and its preposition."""
    actions = []
    for base in words(said):
        base, _, particle = base.partition(" ")
        actions.append(Action(verb(base), preposition or particle, objects))
    return actions


def _read_frames() -> None:
    does: dict[str, list[Action]] = {name: [] for name in KINDS}
    suffers: dict[str, list[tuple[Action, Pool]]] = {name: [] for name in KINDS}
    for frame, said in _TABLE["frames"].items():
        subjects, _, objects = frame.partition(" >")
        first, _, others = objects.strip().partition(" ")
        preposition = first if first and _is_preposition(first) else ""
        objects = others if preposition else objects.strip()
        actions = _actions(said, preposition, pool(objects) if objects else None)
        for name in expand(subjects):
            does[name] += actions
        for name in expand(objects):
            suffers[name] += [(action, pool(subjects)) for action in actions]
    for name, kind in KINDS.items():
        kind.does, kind.suffers = tuple(does[name]), tuple(suffers[name])
        kind.passive = tuple(
            (action, doers) for action, doers in suffers[name]
            if not action.preposition and action.verb.base not in _NO_PASSIVE and doers.count
        )  # fmt: skip


def _is_preposition(word: str) -> bool:
    return all(name not in KINDS for name in expand(word))


def _read_phrases() -> None:
    beside: dict[str, list[tuple[str, Pool]]] = {name: [] for name in KINDS}
    for phrase, followers in table("phrases")["phrases"].items():
        subjects, _, prepositions = phrase.partition(">")
        for name in expand(subjects):
            beside[name] += [(word, pool(followers)) for word in words(prepositions)]
    for name, kind in KINDS.items():
        kind.beside = tuple(beside[name])
        kind.where = tuple(phrase for phrase in beside[name] if phrase[0] in _SPATIAL)


_read_frames()
_read_phrases()


def every_verb() -> tuple[Verb, ...]:
    """All verbs of the table, those without a frame too."""
    said = " ".join(text for text in _TABLE["frames"].values())
    other = _TABLE["other"]
    lists = ("that", "to_infinitive", "to_do_for_person", "ing", "giving", "seeming", "bare")
    named = " ".join(other[name] for name in lists)
    bases = dict.fromkeys(word.partition(" ")[0] for word in words(f"{said} {named}"))
    return tuple(verb(base) for base in bases)


# Verbs by what follows them: "that", "to_infinitive", "giving" …
LISTS = {name: verbs(text) for name, text in _TABLE["other"].items() if "modal" not in name}
MODALS = words(_TABLE["other"]["modal"])
NOT_MODALS = words(_TABLE["other"]["negative_modal"])
