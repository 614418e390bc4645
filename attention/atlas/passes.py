"""One pass, of which every head's weights are kept, and how much it writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from attention.models.base import Matrix, Model


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


def see(
    model: Model,
    ids: tuple[int, ...],
    writers: Sequence[Matrix | None],
    cancelled: Callable[[], bool],
) -> Pass:
    """One pass.

    Args:
        writers: of :func:`writers_of`.

    Raises:
        TextError, Cancelled: as :meth:`attention.models.base.Model.look`.
    """
    weights, written = [], []
    kept = model.keep(ids, cancelled=cancelled)
    for layer, writer in zip(kept, writers, strict=True):
        every = layer.every_weight()
        norms = layer.written(every, writer)
        weights.append(every.cpu())
        written.append(None if norms is None else (norms / norms.mean().clamp(min=1e-12)).cpu())
    known = [each for each in written if each is not None]
    return Pass(torch.cat(weights), torch.cat(known) if len(known) == len(written) else None)


@torch.inference_mode()
def writers_of(model: Model) -> list[Matrix | None]:
    """In W_O's place what makes as long a vector of each head's context, of fewer numbers.

    A head's slice of W_O is Q R with orthonormal columns in Q, which change no length.

    Returns:
        a layer each ``[width of a head, n_heads * width of a head]``; None where W_O is unknown.
    """
    pairs = zip(map(model.w_o, range(model.n_layers)), model.configs, strict=True)
    return [None if w_o is None else _shortened(w_o[0], config.n_heads) for w_o, config in pairs]


def _shortened(w_o: Tensor, n_heads: int) -> Matrix:
    slices = w_o.float().unflatten(1, (n_heads, -1)).transpose(0, 1)  # [n_heads, d_model, width]
    return torch.linalg.qr(slices, mode="r").R.transpose(0, 1).flatten(1), None
