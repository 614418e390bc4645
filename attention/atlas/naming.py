"""The role of a head, from its scores: named only where it clearly beats its baseline."""

from collections.abc import Mapping

import numpy as np

from attention.atlas.taken import Score
from attention.models.roles import LINKS, Candidate, Role, decide
from attention.scores import MOSTLY
from attention.scores.positional import Positional

#: Roles that a place gives, each named as its score.
PLACES = ("previous", "next", "self", "first", "duplicate")
#: An induction head follows the repeated segment whatever its length.
INDUCTION = ("induction", "induction_other_length")
FEWEST = 8  # links that say anything of a head
#: By so much a head has to find more than the best fixed offset (Voita et al. 2019, section 5.2).
ABOVE_OFFSET = 0.1
ERRORS = 3  # standard errors: hundreds of heads are asked for a dozen relations
#: A correlation of so much above its shuffles names a head that nothing else does.
SEMANTIC = 0.3

Scores = Mapping[str, Score]


def role_of(scores: Scores, head: int, strongest: Mapping[str, float]) -> Role:
    """The role that these scores give a head.

    Args:
        head: counts all layers' heads.
        strongest: of each score the largest that any head with random weights has.
    """
    found = _candidates(scores, head, strongest) or [Candidate("mixed", 0.0, 0)]
    role = decide(found, *_value(scores, "spread", head))
    return role if role.name != "mixed" else _otherwise(scores, head, strongest) or role


def agree(role: Role, ordinary: Role, scores: Scores, head: int) -> bool | None:
    """Whether a head has its role on ordinary text as well, be it the strongest there or not.

    Args:
        scores: on ordinary text.

    Returns:
        None where ordinary text has too few places to say.
    """
    if role.name == ordinary.name:
        return True
    same = [each for each in _candidates(scores, head, {}) if each.name == role.name]
    if any(each.clear for each in same):
        return True
    # Of a dozen links even a head that finds most is within the error of the best offset.
    above = any(each.score >= each.chance + ABOVE_OFFSET for each in same)
    return None if role.name in LINKS and (above or not same) else False


def _candidates(scores: Scores, head: int, strongest: Mapping[str, float]) -> list[Candidate]:
    found = [_place(name, scores[name], head, strongest) for name in PLACES if name in scores]
    found += _induction(scores, head, strongest)
    return found + [
        _link(name, score, head, strongest)
        for name, score in scores.items()
        if link_role(name) is not None and score.n >= FEWEST
    ]


def link_role(name: str) -> str | None:
    """The role that a relation's score gives; None where the score is of no relation."""
    relation = name.split("_")[0]
    relation = "subject" if relation == "agreement" else relation
    return relation if relation in LINKS else None


def _place(name: str, score: Score, head: int, strongest: Mapping[str, float]) -> Candidate:
    chance = float(score.chance[head])
    least = max(MOSTLY, 2 * chance, strongest.get(name, 0.0))
    return Candidate(name, _rounded(score.values[head]), score.n, chance, least)


def _induction(scores: Scores, head: int, strongest: Mapping[str, float]) -> list[Candidate]:
    """The lesser of the two lengths, so that a head of one fixed offset is none."""
    found = [_place(name, scores[name], head, strongest) for name in INDUCTION if name in scores]
    if not found:
        return []
    least = min(found, key=lambda each: each.score)
    n = sum(each.n for each in found)
    return [Candidate("induction", least.score, n, least.chance, least.least)]


def _link(name: str, score: Score, head: int, strongest: Mapping[str, float]) -> Candidate:
    """Clearly above the best fixed offset: by a tenth, and by three standard errors."""
    offset = float(score.chance[head])
    error = np.sqrt(offset * (1 - offset) / score.n)
    least = max(MOSTLY, offset + max(ABOVE_OFFSET, ERRORS * error), strongest.get(name, 0.0))
    return Candidate(
        link_role(name) or "", _rounded(score.values[head]), score.n, offset, float(least)
    )


def _otherwise(scores: Scores, head: int, strongest: Mapping[str, float]) -> Role | None:
    """What may be said of a head without a place or a relation of its own."""
    positional, n = _value(scores, "positional", head)
    if positional >= max(Positional.clear, strongest.get("positional", 0.0)):
        return Role("positional", positional, n)
    for name in scores:
        if name.startswith("semantic_"):
            value, n = _value(scores, name, head)
            chance = float(scores[name].chance[head])
            if value >= max(chance + SEMANTIC, strongest.get(name, 0.0)):
                return Role("semantic", value, n)
    return None


def _value(scores: Scores, name: str, head: int) -> tuple[float, int]:
    if name not in scores:
        return 0.0, 0
    return _rounded(scores[name].values[head]), scores[name].n


def _rounded(value: float) -> float:
    return round(float(value), 4)
