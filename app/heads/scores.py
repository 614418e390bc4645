"""The scores and roles that an atlas may hold, in the order and by the names of the page. Pure."""

from collections.abc import Iterable

from app.i18n import Words

LANGUAGES = ("en", "hi")  # of the sentences whose relations are known
_LINKS = ("subject", "referent", "object", "adjective", "determiner", "possessor")
_RELATIONS = ("subject", "agreement", *_LINKS[1:])
_AHEAD = "ahead"  # from the earlier word to the later one: of models that see what comes
#: Scores by what they are about; each group has a heading.
GROUPS: dict[str, tuple[str, ...]] = {
    "places": ("previous", "next", "self", "first", "positional"),
    "repeats": ("duplicate", "induction", "induction_other_length"),
    "breadth": ("spread", "distance"),
    "writes": ("output_norm", "copying"),
    "relations": tuple(
        name
        for relation in _RELATIONS
        for language in LANGUAGES
        for name in (f"{relation}_{language}", f"{relation}_{language}_{_AHEAD}")
    ),
    "meaning": tuple(f"semantic_{language}" for language in LANGUAGES),
}
SCORES = tuple(name for group in GROUPS.values() for name in group)
ROLES = (
    *("previous", "next", "self", "first", "positional", "duplicate", "induction"),
    *(*_LINKS, "semantic", "broad", "mixed"),
)
ROLE = "role-"  # before a role, where it could be a score, too
BEST = (*(f"{ROLE}{role}" for role in ROLES), *SCORES)


def grouped(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Those of the names that are scores, by group; a group without any is left out."""
    there = set(names)
    found = {group: tuple(name for name in each if name in there) for group, each in GROUPS.items()}
    return {group: each for group, each in found.items() if each}


def score_name(name: str, words: Words) -> str:
    """A score in words: "induction, at the other length", "subject, English"."""
    parts = name.split("_")
    if name not in GROUPS["relations"] and parts[0] != "semantic":
        return words(f"heads.score.{name}")
    said = f"{words(f'heads.score.{parts[0]}')}, {words(f'heads.score.{parts[1]}')}"
    return f"{said}, {words(f'heads.score.{_AHEAD}')}" if _AHEAD in parts else said


def best_name(name: str, words: Words) -> str:
    """What the ten best are of: a role or a score."""
    if name.startswith(ROLE):
        role = words(f"role.{name.removeprefix(ROLE)}.short")
        return words("heads.find.role", role=role)
    return words("heads.find.score", score=score_name(name, words))
