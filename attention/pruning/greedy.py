"""A greedy order: each step takes the head without which the loss is smallest.

With n heads, of which k go, all tried at every step, that is n + (n − 1) + … + (n − k + 1) times
the text: 297 for the 24 heads of a small layout, 36,000 for the 270 of SmolLM2. So a step tries
only as many as keep the sum under :data:`EVALUATIONS`, those of least importance first, and two at
least.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from attention.interventions.off import Off
from attention.models.losses import batches, losses
from attention.models.predictor import Predictor
from attention.steps import Steps

EVALUATIONS = 600  # times the whole text: about 20 minutes of SmolLM2 on 1,024 tokens, two cores
FEWEST = 2


def evaluations(n_heads: int, going: int, candidates: int) -> int:
    """How many times the text is read while ``going`` of the heads go."""
    return sum(min(candidates, n_heads - gone) for gone in range(going))


def candidates_of(n_heads: int, going: int) -> int:
    """How many heads a step tries: all, or as many as :data:`EVALUATIONS` allows."""
    allowed = (
        k for k in range(n_heads, FEWEST, -1) if evaluations(n_heads, going, k) <= EVALUATIONS
    )
    return next(allowed, min(FEWEST, n_heads))


def greedy(
    model: Predictor,
    rows: Tensor,
    heads: Sequence[tuple[int, int]],
    going: int,
    candidates: int,
    steps: Steps,
) -> list[tuple[int, int]]:
    """The order in which they go; after ``going`` of them the others as they came.

    Args:
        heads: the least important first, which are tried first.
    """
    gone: list[tuple[int, int]] = []
    left = list(heads)
    while len(gone) < going:
        tried = left[:candidates]
        costs = [mean_loss(model, rows, Off(frozenset((*gone, head))), steps) for head in tried]
        gone.append(left.pop(costs.index(min(costs))))
    return gone + left


def mean_loss(model: Predictor, rows: Tensor, off: Off, steps: Steps) -> float:
    """Nats a token, of the rows with heads off."""
    without = model.without(off)
    found = [steps.take(partial(losses, without, batch)) for batch in batches(rows)]
    return torch.cat(found).double().mean().item()
