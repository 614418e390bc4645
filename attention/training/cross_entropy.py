"""Cross entropy of a text by what the last layer gives out, without the logits of all its tokens.

What is wanted of them is one number and its slope. Both come of some tokens at a time, whose logits
are written over where they stand. Logits, softmax and the gradients of both, each kept for itself,
would be asked of the system anew in every update: of 768 tokens and 9,500 words 120 MB.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

TOKENS = 384  # at a time: of 9,500 words 15 MB; of fewer the products take longer


def cross_entropy(hidden: Tensor, unembedding: Tensor, targets: Tensor) -> Tensor:
    """The mean of -ln softmax(hidden W_Uᵀ)[target], in nats; it can be differentiated once.

    Args:
        hidden: float32 ``[tokens, d_model]``.
        unembedding: W_U, ``[vocab_size, d_model]``.
        targets: int64 ``[tokens]``.
    """
    trained = unembedding.requires_grad
    return _CrossEntropy.apply(hidden, unembedding, targets, trained)


class _CrossEntropy(torch.autograd.Function):
    """The slope is taken in the same go, before it is known whether the loss is multiplied."""

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, unembedding: Tensor, targets: Tensor, trained: bool
    ) -> Tensor:
        slope, total = torch.empty_like(hidden), hidden.new_zeros((), dtype=torch.float64)
        slope_of_unembedding = torch.zeros_like(unembedding) if trained else None
        space = hidden.new_empty(TOKENS, len(unembedding))
        parts = (each.split(TOKENS) for each in (hidden, targets, slope))
        for x, wanted, slope_of_x in zip(*parts, strict=True):
            logits = torch.mm(x, unembedding.T, out=space[: len(x)])  # [some tokens, vocab_size]
            own = logits.gather(1, wanted[:, None])
            most = logits.amax(1, keepdim=True)
            sums = logits.sub_(most).exp_().sum(1, keepdim=True)  # softmax is logits over sums now
            total += (sums.log() + most - own).sum()
            torch.mm(logits, unembedding, out=slope_of_x).div_(sums).sub_(unembedding[wanted])
            if slope_of_unembedding is not None:
                slope_of_unembedding.addmm_(logits.T, x / sums).index_add_(0, wanted, -x)
        ctx.slopes = _over(len(hidden), (slope, slope_of_unembedding))
        return (total / len(hidden)).to(hidden)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        slope, slope_of_unembedding = (
            None if each is None else each * gradients[0] for each in ctx.slopes
        )
        return slope, slope_of_unembedding, None, None


def _over(n: int, slopes: Sequence[Tensor | None]) -> list[Tensor | None]:
    return [None if each is None else each.div_(n) for each in slopes]
