"""How much a head matters to a text, by one number."""

from functools import partial

import torch
from torch import Tensor

from attention.models.losses import losses
from attention.models.predictor import Predictor
from attention.pruning.errors import PruningError
from attention.steps import Steps

Scores = tuple[tuple[float, ...], ...]  # [layer][head], the smallest goes first


def importance(model: Predictor, rows: Tensor, steps: Steps) -> tuple[Scores, float]:
    """E|A · ∂L/∂A| over the rows, ℓ2-normalised a layer; and the rows' loss, nats a token.

    A is a head's context and L the mean loss of one row. A · ∂L/∂A is the slope of L by a gate on
    the head (Michel et al. 2019, arXiv 1905.10650, section 4.1, equation 2; the norm of each layer
    after Molchanov et al. 2017, arXiv 1611.06440, as they do): the loss that its removal would cost
    were the loss a straight line. A sample x is a row, in which slopes of either sign may cancel,
    the more the longer it is.
    """
    sizes = [config.n_heads for config in model.configs]
    total, loss = torch.zeros(len(sizes), max(sizes), dtype=torch.float64), 0.0
    for row in rows.split(1):
        slopes, loss_of_row = steps.take(partial(_slopes, model, row))
        total, loss = total + slopes.abs(), loss + loss_of_row
    each = [layer[:size] / len(rows) for layer, size in zip(total, sizes, strict=True)]
    return _plain([layer / (layer.norm() or 1) for layer in each]), loss / len(rows)


def norm(model: Predictor, rows: Tensor, steps: Steps) -> Scores:
    """The mean norm of what a head adds to the residual stream, over its layer's mean.

    Each row is cut to ``model.kept_tokens``. After arXiv 2504.03889, which finds heads that do
    nothing by it.

    Raises:
        PruningError: a layer's W_O is no matrix by itself.
    """
    found = [steps.take(partial(_written, model, row)) for row in rows.tolist()]
    means = [torch.stack(layers).mean(0) for layers in zip(*found, strict=True)]
    return _plain(means)


def _slopes(model: Predictor, row: Tensor) -> tuple[Tensor, float]:
    """∂L/∂gate of every head, float64 ``[n_layers, most heads of a layer]``, and L."""
    most = max(config.n_heads for config in model.configs)
    gates = torch.ones(model.n_layers, most, requires_grad=True)
    found = losses(model, row, gates=gates)
    found.mean().backward()
    slopes = gates.grad.double()  # type: ignore[union-attr]  # backward has just put it there
    return slopes, found.detach().double().mean().item()


def _written(model: Predictor, ids: list[int]) -> list[Tensor]:
    """Of each layer, float64 ``[n_heads]``."""
    look = model.look(ids[: model.kept_tokens], layer=0, head=0)
    found = []
    for layer, kept in enumerate(look.kept):
        norms = kept.written(kept.every_weight(), model.w_o(layer))
        if norms is None:
            raise PruningError(
                "{title} has no W_O by itself in layer {layer}, so that what its heads write is "
                "not known: rank them by importance.",
                title=model.title,
                layer=layer,
            )
        norms = norms.double().cpu()
        found.append(norms / (norms.mean() or 1))
    return found


def _plain(layers: list[Tensor]) -> Scores:
    return tuple(tuple(layer.tolist()) for layer in layers)
