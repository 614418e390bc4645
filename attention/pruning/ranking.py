"""The order in which heads go."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from torch import Tensor

from attention.config import AttentionConfig
from attention.interventions.off import ALL_ON, Off
from attention.models.losses import batches, require_rows
from attention.models.predictor import Predictor
from attention.pruning import scores as scored
from attention.pruning.errors import PruningError
from attention.pruning.greedy import candidates_of, evaluations, greedy
from attention.pruning.scores import Scores
from attention.steps import Steps

__all__ = ["BY", "By", "PruningError", "Ranking", "rank", "rank_passes"]

By = Literal["importance", "norm", "random", "greedy"]
BY: tuple[By, ...] = get_args(By)
UP_TO = 0.9  # the share of heads that greedy goes to, where no other is asked for


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Every head of a model, the one that goes first first.

    Args:
        order: ``(layer, head)``.
        scores: ``[layer][head]``, by which they were sorted; None for a random order. Of a greedy
            order the importance, which only says which heads are tried.
        seed: of a random order; None else.
        candidates: of a greedy order, how many heads each step tries; None else.
        loss: of the rows with all heads on, nats a token, where scores were taken of it; else None.
    """

    by: By
    order: tuple[tuple[int, int], ...]
    scores: Scores | None = None
    seed: int | None = None
    candidates: int | None = None
    loss: float | None = None

    def off(self, share: float) -> Off:
        """The first ``share`` of the heads: whole ones, halves up, and all of them only at 1.

        Raises:
            PruningError: it is not from 0 to 1.
        """
        return Off(frozenset(self.order[: n_off(share, len(self.order))]))


def n_off(share: float, n_heads: int) -> int:
    """See :meth:`Ranking.off`."""
    if not 0 <= share <= 1:
        raise PruningError("share {share} is not from 0 to 1.", share=share)
    return n_heads if share == 1 else min(int(share * n_heads + 0.5), n_heads - 1)


def rank(
    model: Predictor,
    rows: Tensor,
    by: By = "importance",
    *,
    seed: int = 0,
    up_to: float = UP_TO,
    steps: Steps | None = None,
) -> Ranking:
    """An order in which the heads of a model go, whichever are off in it now.

    Args:
        rows: token ids ``[windows, window]``, each row a text of its own.
        seed: of a random order.
        up_to: a greedy order is one up to this share, and by importance from there.
        steps: counts its passes, :func:`rank_passes` of them, and may be stopped between them.

    Raises:
        PruningError: there is no such order, or a layer's W_O that the norm needs is unknown.
        OffError: the model's heads cannot be switched off.
        TextError: the model predicts nothing, or the rows are too short or too long.
        Cancelled: ``steps`` was told so.
    """
    if by not in BY:
        raise PruningError("by {by!r} is unknown: choose {choices}.", by=by, choices=", ".join(BY))
    require_rows(model, rows)
    model, heads = model.without(ALL_ON), _heads(model.configs)
    model.without(Off(frozenset(heads[:1])))  # whose heads cannot be off says so at once
    if by == "random":
        random.Random(seed).shuffle(heads)
        return Ranking(by=by, order=tuple(heads), seed=seed)
    steps = steps or Steps(rank_passes(model, rows, by, up_to))
    if by == "norm":
        scores, loss = scored.norm(model, rows, steps), None
    else:
        scores, loss = scored.importance(model, rows, steps)
    heads.sort(key=lambda head: scores[head[0]][head[1]])  # of equals the lower layer first
    tried = None
    if by == "greedy":
        going = n_off(min(up_to, UP_TO), len(heads))
        tried = candidates_of(len(heads), going)
        heads = greedy(model, rows, heads, going, tried, steps)
    return Ranking(by=by, order=tuple(heads), scores=scores, candidates=tried, loss=loss)


def rank_passes(model: Predictor, rows: Tensor, by: By, up_to: float = UP_TO) -> int:
    """How many :func:`rank` needs, each of a row or a batch of rows."""
    if by == "random":
        return 0
    tried = rank_readings(len(_heads(model.configs)), by, up_to) - 1
    return len(rows) + tried * len(batches(rows))


def knows_loss(by: By) -> bool:
    """Whether :func:`rank` takes the loss with all heads on, see :attr:`Ranking.loss`."""
    return by in ("importance", "greedy")


def rank_readings(n_heads: int, by: By, up_to: float = UP_TO) -> int:
    """How many times :func:`rank` reads the whole text."""
    if by != "greedy":
        return int(by != "random")
    going = n_off(min(up_to, UP_TO), n_heads)
    return 1 + evaluations(n_heads, going, candidates_of(n_heads, going))


def _heads(configs: Sequence[AttentionConfig]) -> list[tuple[int, int]]:
    return [(layer, head) for layer, config in enumerate(configs) for head in range(config.n_heads)]
