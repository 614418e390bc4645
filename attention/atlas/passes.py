"""One pass, of which every head's weights are kept, and how much it writes."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from attention.models.base import Model


@dataclass(frozen=True, eq=False)
class Pass:
    """Heads of all layers one after the other.

    Args:
        weights: float32 ``[all heads, n, n]``.
        written: float32 ``[all heads]``: the mean norm of what a head adds to the residual stream,
            over the mean of its layer's heads; None where a layer's W_O is unknown.
    """

    weights: Tensor
    written: Tensor | None


def see(model: Model, ids: tuple[int, ...], cancelled: Callable[[], bool]) -> Pass:
    """Raises TextError and Cancelled as :meth:`attention.models.base.Model.look`."""
    look = model.look(ids, layer=0, head=0, cancelled=cancelled)
    weights, written = [], []
    for layer, kept in enumerate(look.kept):
        every = kept.every_weight()
        norms = kept.written(every, model.w_o(layer))
        weights.append(every.cpu())
        written.append(None if norms is None else (norms / norms.mean().clamp(min=1e-12)).cpu())
    known = [each for each in written if each is not None]
    return Pass(torch.cat(weights), torch.cat(known) if len(known) == len(written) else None)
