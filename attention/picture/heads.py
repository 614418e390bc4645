"""What is said of a head: its role on held-out text, and what it does on the text that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attention.scores import MOSTLY, SCORES, HeadScores, occasions, strongest, told
from attention.words import Words

if TYPE_CHECKING:
    from attention.models.look import Look, Reading
    from attention.models.roles import Role

MIXED = "mixed"


@dataclass(frozen=True)
class HeadWords:
    """A head in words.

    Args:
        role: its key among the locale files' ``role`` and ``glossary``.
        short: a few words for its tile, "subject 0.97"; the figure only where the line has it, too,
            with the places that it was taken on.
        long: a line, "from the verb's place to its subject · here 0.97 on 2 verbs".
        here: its last part alone, "here 0.97 on 2 verbs"; it stands beside the role's word.
        about: the figure on held-out text as a sentence; "" where none is known.
    """

    role: str
    short: str
    long: str
    here: str
    about: str


def places_of(look: Look, reading: Reading, raw: bool) -> Mapping[str, int]:
    """On how many places of this text each score is taken, see :func:`attention.scores.occasions`.

    Args:
        raw: tokens are shown, and no merged pieces; then the pieces of a character say nothing.

    Returns:
        0 for what says nothing of a picture, see :data:`attention.models.patches.ROLES`.
    """
    if reading.patches is not None:
        means = reading.patches.roles
        places = occasions(reading.ids, look.configs[0].causal, look.pairs)
        return {name: n if name in means else 0 for name, n in places.items()}
    units, causal = reading.merged(raw), look.configs[0].causal
    if units is None:
        return occasions(reading.ids, causal, look.pairs, reading.parts)
    of_units = units.units_of_tokens
    pairs = [(int(of_units[query]), int(of_units[key])) for query, key in look.pairs]
    return occasions(units.ids(reading.ids), causal, pairs)


def told_of(
    scores: HeadScores,
    places: Mapping[str, int],
    role: Role | None,
    words: Words,
    called: Mapping[str, str],
) -> HeadWords:
    """A head in words: what it is first, then what it does here.

    Args:
        scores: on the text that is shown.
        role: None where it was not measured yet; then what it does here names it.
        called: roles by their scores, where they are others here: the agreement score is that of
            any relation (:data:`attention.models.roles.LINKS`), and see
            :data:`attention.models.patches.ROLES`.
    """
    seen = told(scores, places)
    of_role = {called.get(kind.name, kind.role or kind.name): kind.name for kind in SCORES}
    named = {score: name for name, score in of_role.items()}
    mostly, most = strongest(seen)
    doing = named.get(mostly, MIXED)

    def here(key: str, name: str, value: float) -> str:
        on = words.count(f"role.{name}.places", places[of_role[name]])
        return words(
            key, long=words(f"role.{name}.long"), value=words.number(value, ".2f"), places=on
        )

    name = doing if role is None else role.name
    short, long = words(f"role.{name}.short"), words(f"role.{name}.long")
    score = of_role.get(name)
    own = None if score is None else seen.get(score)
    if doing not in (MIXED, name) and (own is None or own < MOSTLY):
        said = here("here.mostly", doing, most)
    elif own is not None:
        said = here("here.value", name, own)
        short = f"{short} {words.number(own, '.2f')}"
    else:
        said = words(_why_none(name, score))
    about = "" if role is None else _about(role, words)
    return HeadWords(name, short, f"{long} · {said}", said, about)


def _why_none(name: str, score: str | None) -> str:
    """Why nothing is said of the role on this text, as a key of the locale files. Whether a text
    gives occasion for a relation of words is not known, unless its dependencies are."""
    if name == MIXED:
        return "here.nothing"
    return "here.unknown" if score in (None, "agreement") else "here.none"


def _about(role: Role, words: Words) -> str:
    value = words.number(role.score, ".2f")
    if not role.n:
        return words("here.held_out", value=value)
    on = words.count(f"role.{role.name}.places", role.n)
    return words("here.held_out_on", value=value, places=on)
