"""How far two models of the same shape weigh a text differently, head by head."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from attention.blocks import LayerWeights
from attention.models.huggingface.call import AttentionCall
from attention.models.huggingface.network import Network
from attention.models.huggingface.surveys import Rules

MOST_TOKENS = 2048  # q and k of every layer are held: 189 MB for SmolLM2 in float32


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
    others: list[LayerWeights] = []
    mean: list[tuple[float, ...]] = []
    largest: list[tuple[float, ...]] = []

    def keep(layer: LayerWeights) -> None:
        others.append(layer)

    def compare(layer: LayerWeights) -> None:
        total, most = _difference(layer, others[len(mean)])
        mean.append(tuple((total / len(ids) ** 2).tolist()))
        largest.append(tuple(most.tolist()))

    for network, take in ((other, keep), (model, compare)):
        network.run(ids, receive=_weighing(take))
    return WeightChange(len(ids), tuple(mean), tuple(largest))


def _weighing(take: Callable[[LayerWeights], None]) -> Callable[[AttentionCall], None]:
    """Hands over each layer's weights unmade; its context is left to torch's fused attention."""
    rules = Rules()

    def receive(call: AttentionCall) -> None:
        take(LayerWeights(call.q[0], call.k[0], **rules.of(call)))

    return receive


def _difference(one: LayerWeights, other: LayerWeights) -> tuple[torch.Tensor, torch.Tensor]:
    """Sum and largest of |difference|, both ``[n_heads]``, some query rows at a time."""
    total, most = torch.zeros(one.n_heads), torch.zeros(one.n_heads)
    for block in one.blocks(np.arange(one.seq_len + 1), 1, whole_keys=True):
        hidden = one.hidden(block)
        for heads in one.chunks(block):
            weights, _ = one.weigh(heads, block, hidden)
            theirs, _ = other.weigh(heads, block, hidden)
            apart = weights.sub_(theirs.to(weights.device)).abs_()
            total[heads] += apart.sum((1, 2)).cpu()
            most[heads] = most[heads].maximum(apart.amax((1, 2)).cpu())
    return total, most
