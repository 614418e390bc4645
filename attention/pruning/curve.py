"""What it costs that a share of the heads is gone, and what it frees."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

import torch
from torch import Tensor

from attention.interventions.off import ALL_ON, Off
from attention.models.base import Model
from attention.models.blocks import head_name
from attention.models.losses import require_rows
from attention.models.predictor import Predictor
from attention.pruning.cost import SEEDS, SHARES, curve_passes, set_of, sets_of
from attention.pruning.freed import parameters
from attention.pruning.greedy import mean_loss
from attention.pruning.ranking import By, Ranking, knows_loss, n_off, rank, rank_passes
from attention.steps import Each, Progress, Steps, at_once
from attention.sweep import sweep

#: Of ways to rank, rules and figures together: what was measured by another one is not the same.
PROTOCOL = "2"
WINDOWS, WINDOW = 4, 256  # rows of the text of ours, and their length at most


@dataclass(frozen=True, kw_only=True)
class Point:
    """The model with a share of its heads gone.

    Args:
        share: as it was asked for; ``heads`` are whole ones.
        heads: that are off, in the order in which they go, named by
            :func:`attention.models.blocks.head_name`.
        losses: nats a token, by each ranking; ``heads`` are those of the first.
        cache_bytes: that the rows' keys and values still need: a KV head's go with its last query
            head.
        parameters: of W_Q, W_K, W_V and W_O that are still needed, without biases; None where a
            head's are no slices of these.
    """

    share: float
    heads: tuple[str, ...]
    losses: tuple[float, ...]
    cache_bytes: int
    parameters: int | None

    @property
    def loss(self) -> float:
        """Of the first ranking."""
        return self.losses[0]

    @property
    def perplexity(self) -> float | None:
        """exp(loss); None beyond the largest float."""
        return perplexity(self.loss)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Loss by the share of heads that are gone.

    Args:
        seeds: of the random rankings, the first one's first; none else.
        candidates: see :class:`attention.pruning.ranking.Ranking`.
        order: every head, the one that goes first first, named as ``heads`` of a point.
        loss_before: with all heads on; cache_bytes_before, parameters_before likewise.
    """

    model: str
    source: str
    by: By
    seeds: tuple[int, ...]
    candidates: int | None
    windows: int
    window: int
    loss_before: float
    cache_bytes_before: int
    parameters_before: int | None
    order: tuple[str, ...]
    points: tuple[Point, ...]
    protocol: str = PROTOCOL

    def json(self) -> dict[str, Any]:
        """Plain dictionaries and lists, which :meth:`of_json` reads."""
        plain = {name: value for name, value in asdict(self).items() if name != "points"}
        points = [asdict(p) | {"loss": p.loss, "perplexity": p.perplexity} for p in self.points]
        return plain | {"curve": points}

    @classmethod
    def of_json(cls, read: dict[str, Any]) -> "Curve":
        """Raises KeyError or TypeError where it is none."""
        plain = {name: _tuple(value) for name, value in read.items() if name != "curve"}
        names = [each.name for each in fields(Point)]
        points = ({name: _tuple(point[name]) for name in names} for point in read["curve"])
        return cls(**plain, points=tuple(Point(**point) for point in points))


def _tuple(value: Any) -> Any:
    """A list, which JSON makes of a tuple, as one again."""
    return tuple(value) if isinstance(value, list) else value


def perplexity(loss: float) -> float | None:
    """exp(loss); None beyond the largest float."""
    try:
        return math.exp(loss)
    except OverflowError:
        return None


def prune(
    model: Predictor,
    rows: Tensor,
    by: By = "importance",
    *,
    shares: Sequence[float] = SHARES,
    seed: int = 0,
    each: Each = at_once,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    jobs: int | None = None,
) -> Curve:
    """Rank the heads on a text, and take the loss of the same text without them.

    Args:
        rows: token ids ``[windows, window]``, each row a text of its own.
        shares: of all heads, from 0 to 1.
        seed: of the first of :data:`SEEDS` random orders; the others follow it.
        each: runs each pass; where visitors share a model, it lets theirs come between.
        progress: told after each pass; cancelled: asked before each.
        jobs: random orders at a time, see :func:`attention.sweep.sweep`.

    Raises:
        PruningError, TextError: see :func:`attention.pruning.ranking.rank`.
        Cancelled: ``cancelled`` said so.
    """
    require_rows(model, rows)
    up_to = max((share for share in shares if share < 1), default=0.0)
    seeds = SEEDS if by == "random" else 1
    measured = curve_passes(model, rows, shares, seeds, known=knows_loss(by))
    total = rank_passes(model, rows, by, up_to) + measured
    steps = Steps(total, each, progress, cancelled)
    rankings = [
        rank(model, rows, by, seed=seed + n, up_to=up_to, steps=steps) for n in range(seeds)
    ]
    known = rankings[0].loss
    return curve(model, rankings, rows, shares, steps=steps, jobs=jobs, loss_before=known)


def curve(
    model: Predictor,
    rankings: Sequence[Ranking],
    rows: Tensor,
    shares: Sequence[float] = SHARES,
    *,
    steps: Steps | None = None,
    jobs: int | None = None,
    loss_before: float | None = None,
) -> Curve:
    """The loss of any text while the heads go as they were ranked.

    Args:
        rankings: at least one, by the same way; the others (of other seeds) give only losses.
        jobs: rankings at a time, see :func:`attention.sweep.sweep`.
        loss_before: of these rows with all heads on, where it is known already.

    Raises:
        PruningError: a share is not from 0 to 1.
        TextError: the model predicts nothing, or the rows are too short or too long.
        Cancelled: ``steps`` was told so.
    """
    require_rows(model, rows)
    windows, window = rows.shape
    first, n_heads = rankings[0], len(rankings[0].order)
    known = loss_before is not None
    steps = steps or Steps(curve_passes(model, rows, shares, len(rankings), known=known))
    sets = sets_of(n_heads, shares, len(rankings), known=known)
    each = [[n for n, by in sets if by == which] for which in range(len(rankings))]
    asked = list(zip(rankings, each, strict=True))
    losses = sweep(partial(_losses, model, rows, steps), asked, jobs)
    found = {(n, which): loss for which, some in enumerate(losses) for n, loss in some.items()}
    if loss_before is not None:
        found[0, 0] = loss_before

    def point(share: float) -> Point:
        off, n = first.off(share), n_off(share, n_heads)
        keys = [set_of(n, which, n_heads) for which in range(len(rankings))]
        return Point(
            share=share,
            heads=_names(model, first.order[:n]),
            losses=tuple(found[key] for key in keys),
            cache_bytes=windows * model.cache_formula(window, off),
            parameters=parameters(model, off),
        )

    return Curve(
        model=str(model.title),
        source=str(model.source),
        by=first.by,
        seeds=tuple(each.seed for each in rankings if each.seed is not None),
        candidates=first.candidates,
        windows=windows,
        window=window,
        loss_before=found[0, 0],
        cache_bytes_before=windows * model.cache_formula(window),
        parameters_before=parameters(model, ALL_ON),
        order=_names(model, first.order),
        points=tuple(point(share) for share in sorted(set(shares))),
    )


def _losses(
    model: Predictor, rows: Tensor, steps: Steps, asked: tuple[Ranking, Sequence[int]]
) -> dict[int, float]:
    """By how many heads are gone, as one ranking says."""
    ranking, counts = asked
    offs = {n: Off(frozenset(ranking.order[:n])) for n in counts}
    return {n: mean_loss(model, rows, off, steps) for n, off in offs.items()}


def held_out(model: Predictor) -> Tensor:
    """Rows of the text of ours that the model's means are taken on, ``[windows, window]``."""
    return text_rows(model, model.reference_text, windows=WINDOWS)


def text_rows(model: Predictor, text: str, *, windows: int | None = None) -> Tensor:
    """A text in rows of one length, ``[windows, window]``, without special tokens: at most
    :data:`WINDOWS` of :data:`WINDOW` tokens, of which the last few may stay out.

    Args:
        windows: how many; left out, as few as hold the text.
    """
    ids = model.encode(text, special=False)[: WINDOWS * WINDOW]
    most = min(WINDOW, model.max_tokens)
    windows = windows or min(WINDOWS, max(1, math.ceil(len(ids) / most)))
    window = min(len(ids) // windows, most)
    return torch.tensor(ids[: windows * window], dtype=torch.long).view(windows, window)


def _names(model: Model, heads: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    return tuple(head_name(*head, model.blocks) for head in heads)
