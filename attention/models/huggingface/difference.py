"""How far two models of the same shape weigh a text differently, head by head."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from attention.models.huggingface.capture import BLOCK, AttentionCall, attend
from attention.models.huggingface.network import Network

MOST_TOKENS = 2048  # q, k and v of every layer are held: 236 MB for SmolLM2 in float32


@dataclass(frozen=True, eq=False)
class WeightChange:
    """By layer and head, of weights from 0 to 1."""

    n_tokens: int  # of the text, from its start
    mean: tuple[tuple[float, ...], ...]  # of |difference|, over every query and key
    largest: tuple[tuple[float, ...], ...]

    def most(self) -> tuple[int, int]:
        """Layer and head that differ most on average."""
        heads = ((mean, i, j) for i, row in enumerate(self.mean) for j, mean in enumerate(row))
        _, layer, head = max(heads, key=lambda each: each[0])
        return layer, head


@torch.inference_mode()
def weight_change(model: Network, other: Network, ids: Sequence[int]) -> WeightChange:
    """Two passes over the text, at most its first :data:`MOST_TOKENS`.

    Raises:
        TextError: there are no tokens.
    """
    ids = ids[:MOST_TOKENS]
    others: list[AttentionCall] = []
    mean, largest = [], []

    def compare(call: AttentionCall) -> None:
        total, most = _difference(call, others[call.layer])
        mean.append(tuple((total / len(ids) ** 2).tolist()))
        largest.append(tuple(most.tolist()))

    other.run(ids, receive=others.append)
    model.run(ids, receive=compare)
    return WeightChange(len(ids), tuple(mean), tuple(largest))


def _difference(call: AttentionCall, other: AttentionCall) -> tuple[torch.Tensor, torch.Tensor]:
    """Sum and largest of |difference|, both ``[n_heads]``, some query rows at a time."""
    n_heads, n_queries = call.q.shape[1:3]
    total, most = torch.zeros(n_heads), torch.zeros(n_heads)
    for start in range(0, n_queries, BLOCK):
        rows = slice(start, min(start + BLOCK, n_queries))
        a, b = attend(call, rows)[1][0], attend(other, rows)[1][0]
        apart = (a.float() - b.float().to(a.device)).abs()
        total += apart.sum((1, 2)).cpu()
        most = most.maximum(apart.amax((1, 2)).cpu())
    return total, most
