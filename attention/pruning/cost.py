"""Which sets of heads a curve measures, and what that costs: how many times the text is read."""

from collections.abc import Sequence

from torch import Tensor

from attention.config import AttentionConfig
from attention.models.base import Model
from attention.models.losses import batches
from attention.pruning.ranking import By, knows_loss, n_off, rank_readings

SHARES = tuple(tenth / 10 for tenth in range(11))
SEEDS = 5  # of random orders


def curve_passes(
    model: Model, rows: Tensor, shares: Sequence[float], n_rankings: int, *, known: bool = False
) -> int:
    """How many :func:`attention.pruning.curve.curve` needs.

    Args:
        known: it is told the loss with all heads on.
    """
    sets = sets_of(count_heads(model.configs), shares, n_rankings, known=known)
    return len(sets) * len(batches(rows))


def readings(configs: Sequence[AttentionConfig], by: By, shares: Sequence[float] = SHARES) -> int:
    """How many times the whole text is read by :func:`attention.pruning.curve.prune`.

    Args:
        configs: of the layers of the model.
    """
    n_heads = count_heads(configs)
    n_rankings = SEEDS if by == "random" else 1
    sets = len(sets_of(n_heads, shares, n_rankings, known=knows_loss(by)))
    up_to = max((share for share in shares if share < 1), default=0.0)
    return sets + rank_readings(n_heads, by, up_to)


def count_heads(configs: Sequence[AttentionConfig]) -> int:
    return sum(config.n_heads for config in configs)


def sets_of(
    n_heads: int, shares: Sequence[float], n_rankings: int, *, known: bool
) -> list[tuple[int, int]]:
    """What has to be measured: how many heads are gone, by which ranking. All on is one of them,
    unless its loss is known."""
    counts = {0, *(n_off(share, n_heads) for share in shares)} - ({0} if known else set())
    found = {set_of(n, which, n_heads) for n in counts for which in range(n_rankings)}
    return sorted(found)


def set_of(n: int, which: int, n_heads: int) -> tuple[int, int]:
    """None and all of the heads are the same by any ranking."""
    return n, which if 0 < n < n_heads else 0
