"""The atlas of a model: of every head its scores beside their chance, and its role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from attention.atlas.naming import agree, role_of
from attention.atlas.taken import Score
from attention.models.base import Model
from attention.models.roles import Role, Roles
from attention.sentence import Sentence
from attention.version import versions

#: Of texts, scores and rules together: what was measured by another one is measured again.
PROTOCOL = "1"


@dataclass(frozen=True)
class Measured:
    """One score of one head.

    Args:
        value: the mean over the seeds.
        spread: the standard deviation over the seeds (of ordinary texts: over these); None of one.
        chance: what a head gets that knows nothing of the text: one that attends evenly; where a
            word has to be found, the best fixed offset, if that finds more; of the semantic score,
            after shuffling.
        reinitialised: the mean of this layer's heads with random weights; None where not measured.
        n: places that it was taken on, all seeds together.
    """

    value: float
    spread: float | None
    chance: float
    reinitialised: float | None
    n: int


@dataclass(frozen=True)
class Head:
    """One head.

    Args:
        role: on the texts that are made for the scores; ordinary_role: on ordinary text.
        agrees: it has its role on ordinary text as well; None where that has too few places to say.
        scores: on made texts; ordinary: on ordinary text.
    """

    role: Role
    ordinary_role: Role
    agrees: bool | None
    scores: Mapping[str, Measured]
    ordinary: Mapping[str, Measured]


@dataclass(frozen=True, kw_only=True)
class Atlas:
    """What was measured of a model's heads; see :mod:`attention.atlas`.

    Args:
        heads: ``[layer][head]``.
        strongest: of each score the largest of any head with random weights.
        missing: why a score is not there, by its name; a sentence.
    """

    model: str
    source: str
    seed: int
    seeds: int
    heads: Sequence[Sequence[Head]]
    strongest: Mapping[str, float]
    missing: Mapping[str, str]
    protocol: str = PROTOCOL
    versions: Mapping[str, str] = field(default_factory=versions)

    @property
    def roles(self) -> Roles:
        """``[layer][head]``."""
        return tuple(tuple(head.role for head in layer) for layer in self.heads)

    def json(self) -> dict[str, Any]:
        """Plain dictionaries, which :meth:`of_json` reads."""
        whole = {name: getattr(self, name) for name in _PLAIN}
        return whole | {"heads": [[_head_json(head) for head in layer] for layer in self.heads]}

    @classmethod
    def of_json(cls, read: dict[str, Any]) -> Atlas:
        """Raises KeyError, TypeError or ValueError where it is none."""
        plain = {name: read[name] for name in _PLAIN}
        heads = tuple(tuple(map(_head_of, layer)) for layer in read["heads"])
        return cls(**plain, heads=heads)


_PLAIN = ("model", "source", "protocol", "seed", "seeds", "versions", "strongest", "missing")


def build(
    model: Model,
    *,
    seed: int,
    seeds: int,
    probe: dict[str, Score],
    ordinary: dict[str, Score],
    random: dict[str, Score] | None,
    copying: tuple[list[list[float]] | None, str | None],
    random_copying: list[list[float]] | None,
    twin: bool,
) -> Atlas:
    """Put together what was taken.

    Args:
        probe, ordinary: of the model; random: of the same shape with random weights.
        copying: of :func:`attention.atlas.copying.copying`.
    """
    counts = [config.n_heads for config in model.configs]
    values, why = copying
    missing = {} if why is None else {"copying": str(why)}
    if values is not None:
        probe["copying"] = _of_weights(values)
        if random is not None and random_copying is not None:
            random["copying"] = _of_weights(random_copying)
    missing |= _missing(model, probe, random, twin)
    strongest = {
        name: round(float(score.values.max()), 4) for name, score in (random or {}).items()
    }
    heads = [
        Head(
            role := role_of(probe, at, strongest),
            plain := role_of(ordinary, at, {}),
            agree(role, plain, ordinary, at),
            _of_head(probe, random, at, layer, counts),
            _of_head(ordinary, None, at, layer, counts),
        )
        for layer, n_heads in enumerate(counts)
        for at in range(sum(counts[:layer]), sum(counts[:layer]) + n_heads)
    ]
    starts = np.cumsum([0, *counts])
    return Atlas(
        model=model.title,
        source=str(model.source),
        seed=seed,
        seeds=seeds,
        heads=tuple(tuple(heads[a:b]) for a, b in pairwise(starts)),
        strongest=strongest,
        missing=missing,
    )


def _of_weights(values: list[list[float]]) -> Score:
    """A score of the weights alone: no text gives it a spread, and 0 is its chance."""
    flat = np.array([value for layer in values for value in layer])
    return Score(flat, None, np.zeros(len(flat)), 1)


def _missing(
    model: Model, probe: dict[str, Score], random: dict[str, Score] | None, twin: bool
) -> dict[str, str]:
    """Why a score is not there; each sentence is its own key in the locale files."""
    found: dict[str, str] = {}
    if model.causal:
        found["next"] = Sentence("The model sees no later token.")
    if "output_norm" not in probe:
        found["output_norm"] = Sentence("W_O is no matrix by itself.")
    if not any(name.startswith("semantic_") for name in probe):
        found["semantic"] = Sentence("No text had enough content words whose embeddings are known.")
    if twin and random is None:
        found["reinitialised"] = Sentence("The model is too large to be made a second time.")
    return found


def _of_head(
    scores: Mapping[str, Score], random: Mapping[str, Score] | None, at: int, layer: int,
    counts: Sequence[int],
) -> dict[str, Measured]:  # fmt: skip
    """Each score of the head that is number ``at`` of all."""
    first = sum(counts[:layer])
    same = slice(first, first + counts[layer])
    return {
        name: Measured(
            value=round(float(score.values[at]), 4),
            spread=None if score.spread is None else round(float(score.spread[at]), 4),
            chance=round(float(score.chance[at]), 4),
            reinitialised=None
            if random is None or name not in random
            else round(float(random[name].values[same].mean()), 4),
            n=score.n,
        )
        for name, score in sorted(scores.items())
    }


def _head_json(head: Head) -> dict[str, Any]:
    return {
        "role": head.role.name,
        "role_score": head.role.score,
        "role_n": head.role.n,
        "ordinary_role": head.ordinary_role.name,
        "ordinary_role_score": head.ordinary_role.score,
        "ordinary_role_n": head.ordinary_role.n,
        "agrees": head.agrees,
        **{name: asdict(score) for name, score in head.scores.items()},
        "ordinary": {name: asdict(score) for name, score in head.ordinary.items()},
    }


def _head_of(read: dict[str, Any]) -> Head:
    return Head(
        Role(read["role"], read["role_score"], read["role_n"]),
        Role(read["ordinary_role"], read["ordinary_role_score"], read["ordinary_role_n"]),
        read["agrees"],
        {
            name: Measured(**each)
            for name, each in read.items()
            if isinstance(each, dict) and name != "ordinary"
        },
        {name: Measured(**each) for name, each in read["ordinary"].items()},
    )
