"""What a head does on held-out text: its role, which stays whatever sentence is shown.

A role is one of the locale files' ``role.<name>``. ``mixed`` is a head without one, and ``broad``
one whose attention is nearly even.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attention.scores import MOSTLY
from attention.scores.spread import Spread

#: Roles of heads that look along a dependency, from the later word to the earlier one. The
#: agreement score takes each of them on a text whose dependencies are known.
LINKS = ("subject", "referent", "object", "adjective", "determiner", "possessor")
#: Roles that a text gives seldom occasion for, the rarest first.
SELDOM = (LINKS, ("induction", "duplicate"))
#: Roles that every token gives occasion for, though no head rests there.
ALWAYS = ("previous", "next")
NEARLY = 0.1  # of two roles so close the rarer one names the head
EVEN = 0.05  # even attention gives each of twenty tokens, of which held-out texts have more
Roles = Sequence[Sequence["Role"]]  # [layer][head]


@dataclass(frozen=True)
class Role:
    """A head's role, and how much of its attention goes there on held-out text.

    Args:
        score: from 0 to 1; of a mixed head the one furthest above its chance, of a broad one the
            spread.
        n: places that it was taken on.
    """

    name: str
    score: float
    n: int = 0


@dataclass(frozen=True)
class Candidate:
    """A role that a head may have: its score, and what a head without it would have there.

    Args:
        least: the score that names a head, where that is not 0.4 and twice the chance.
    """

    name: str
    score: float
    n: int
    chance: float = EVEN
    least: float | None = None

    @property
    def clear(self) -> bool:
        """The head clearly has this role."""
        least = max(MOSTLY, 2 * self.chance) if self.least is None else self.least
        return self.score >= least


def decide(candidates: Sequence[Candidate], spread: float = 0.0, n: int = 0) -> Role:
    """The role of a head.

    Broad where its attention is nearly even. Else of the roles that are clear (a score of at least
    0.4 and twice its chance) the one that lies furthest above its chance; else mixed. What there is
    seldom occasion for comes first (:data:`SELDOM`), unless the next rarest is clearly stronger, or
    what there is always: while a head has no occasion it rests on the first token or on itself.

    Args:
        candidates: at least one.
        spread: the spread of the head on held-out text, and the places it was taken on.
    """
    if spread >= Spread.clear:
        return Role("broad", spread, n)
    clear = [each for each in candidates if each.clear]
    if not clear:
        most = max(candidates, key=_above_chance)
        return Role("mixed", most.score, most.n)
    groups = [[each for each in clear if each.name in names] for names in SELDOM]
    seldom = [max(group, key=_above_chance) for group in groups if group]
    best = seldom[0] if seldom else max(clear, key=_above_chance)
    always = [each for each in clear if each.name in ALWAYS]
    for commoner in [*seldom[1:], *always]:
        if _above_chance(commoner) > _above_chance(best) + NEARLY:
            best = commoner
    return Role(best.name, best.score, best.n)


def _above_chance(candidate: Candidate) -> float:
    return candidate.score - candidate.chance


def of_card(card: dict[str, Any]) -> Roles:
    """The roles of a trained layout, by its card: those of its atlas.

    Args:
        card: with ``roles``, ``[layer][head]{role, score, n}``.
    """
    return tuple(
        tuple(Role(head["role"], head["score"], head["n"]) for head in layer)
        for layer in card["roles"]
    )
