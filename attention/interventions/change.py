"""What a layer's contexts are turned into before W_O, the only place where heads have lanes."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from attention.config import AttentionConfig
from attention.interventions.off import Off


@dataclass(frozen=True, eq=False)
class HeadChange:
    """context · keep + instead, a head at a time.

    Args:
        keep: ``[n_heads]``: 1, or 0 where the head is off, or a gate between.
        instead: ``[n_heads, v_head_dim]``, what stands in the place of a head; None for nothing.
    """

    keep: Tensor
    instead: Tensor | None = None

    def __call__(self, context: Tensor) -> Tensor:
        """``[batch, n_heads, query_len, v_head_dim]``, another tensor of the same shape."""
        changed = context * self.keep.to(context)[:, None, None]
        return changed if self.instead is None else changed + self.instead.to(context)[:, None]

    def gated(self, gate: Tensor) -> "HeadChange":
        """With ``gate``, ``[n_heads]``, on every head that is not off."""
        return HeadChange(self.keep.to(gate) * gate, self.instead)


# One a layer; None where a layer's heads are left alone.
Changes = Sequence[HeadChange | None]


def changes_of(
    off: Off, configs: Sequence[AttentionConfig], means: Sequence[Tensor] | None = None
) -> Changes:
    """What ``off`` does to each layer.

    Args:
        means: a layer each, every head's mean context ``[n_heads, v_head_dim]``, for kind "mean".

    Raises:
        OffError: there is no such head.
    """
    off.require(configs)
    return tuple(
        _change(sorted(heads), config.n_heads, None if means is None else means[layer])
        if (heads := off.within(layer))
        else None
        for layer, config in enumerate(configs)
    )


def gated(changes: Changes, gates: Tensor | None, configs: Sequence[AttentionConfig]) -> Changes:
    """The same with a gate on every head (Michel et al. 2019, arXiv 1905.10650, section 2.3).

    Args:
        gates: ``[n_layers, n_heads]``; may require grad. A layer with fewer heads takes the first.
    """
    if gates is None:
        return changes
    own = [gate[: config.n_heads] for gate, config in zip(gates, configs, strict=True)]
    return tuple(
        HeadChange(gate) if change is None else change.gated(gate)
        for change, gate in zip(changes, own, strict=True)
    )


def _change(heads: Sequence[int], n_heads: int, mean: Tensor | None) -> HeadChange:
    off = torch.zeros(n_heads)
    off[list(heads)] = 1
    instead = None if mean is None else mean.float() * off.to(mean.device)[:, None]
    return HeadChange(1 - off, instead)
