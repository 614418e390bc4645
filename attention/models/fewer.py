"""What a text costs a model whose KV heads are made fewer, beside the model as it is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attention.interventions.sharing import Sharing
from attention.models.blocks import numbers_of
from attention.models.effect import TOP
from attention.models.look import Prediction
from attention.models.losses import batches, losses, require_rows
from attention.models.predictor import Predictor
from attention.steps import Steps

#: Of rules and figures together: what was measured by another one is not the same.
PROTOCOL = "1"
SHOWN = 24  # tokens of a head's weights


@dataclass(frozen=True, eq=False)
class Fewer:
    """Before and after.

    Args:
        loss_before, loss_after: nats a token.
        top_before, top_after: the likeliest tokens after the last row, the likeliest first.
        cache_before, cache_after: bytes, for all rows.
        layer, head: in the model as it is, whose weights follow.
        tokens: the first of the first row, readable.
        weights_before, weights_after: float32 ``[n, n]``, of this head on these tokens.
        windows, window: the shape of the rows.
    """

    loss_before: float
    loss_after: float
    top_before: Sequence[Prediction]
    top_after: Sequence[Prediction]
    cache_before: int
    cache_after: int
    layer: int
    head: int
    tokens: tuple[str, ...]
    weights_before: np.ndarray
    weights_after: np.ndarray
    windows: int
    window: int

    def json(self) -> dict[str, Any]:
        """Plain dictionaries and lists, which :meth:`of_json` reads."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        tops = {name: [asdict(each) for each in plain[name]] for name in _TOPS}
        return plain | tops | {name: plain[name].tolist() for name in _WEIGHTS}

    @classmethod
    def of_json(cls, read: dict[str, Any]) -> "Fewer":
        """Raises KeyError, TypeError or ValueError where it is none."""
        tops = {name: tuple(Prediction(**each) for each in read[name]) for name in _TOPS}
        weights = {name: np.array(read[name], np.float32) for name in _WEIGHTS}
        return cls(**(read | tops | weights | {"tokens": tuple(read["tokens"])}))


_TOPS = ("top_before", "top_after")
_WEIGHTS = ("weights_before", "weights_after")


def passes(rows: Tensor) -> int:
    """How many :func:`fewer_of` needs."""
    return 2 * len(batches(rows)) + 1 + 4


def fewer_of(
    model: Predictor, rows: Tensor, sharing: Sharing, layer: int, head: int, steps: Steps
) -> Fewer:
    """The losses of the rows, and one head's weights, with the KV heads as they are and fewer.

    Args:
        rows: token ids ``[windows, window]``, each row a text of its own.
        layer, head: in the model as it is.
        steps: counts the passes, :func:`passes` of them.

    Raises:
        SharingError, CheckpointError: see :meth:`attention.models.base.Model.shared`.
        TextError: the rows have no next token, are too long, or the model predicts none.
        Cancelled: ``steps`` was told so.
    """
    require_rows(model, rows)
    sharing.require(model.configs, numbers_of(model.n_layers, model.blocks))
    fewer: Predictor = steps.take(partial(model.shared, sharing))
    windows, window = rows.shape
    last, first = rows[-1].tolist(), rows[0, :SHOWN].tolist()
    there = head_after(model, fewer, layer, head)
    found = []
    for each, at in ((model, head), (fewer, there)):
        taken = [steps.take(partial(losses, each, batch)) for batch in batches(rows)]
        loss = torch.cat(taken).double().mean().item()
        top = steps.take(partial(each.top, last, TOP)) or ()
        look = steps.take(partial(each.look, first, layer=layer, head=at))
        found.append((loss, top, windows * each.cache_formula(window), look.chosen))
    before, after = found
    return Fewer(
        loss_before=before[0],
        loss_after=after[0],
        top_before=before[1],
        top_after=after[1],
        cache_before=before[2],
        cache_after=after[2],
        layer=layer,
        head=head,
        tokens=tuple(model.token_texts(first)),
        weights_before=before[3],
        weights_after=after[3],
        windows=windows,
        window=window,
    )


def head_after(model: Predictor, fewer: Predictor, layer: int, head: int) -> int:
    """Where a query head stands once those of a group stand beside each other: by its rows of
    W_Q, which sharing moves and does not change."""
    was, now = model.w_q(layer), fewer.w_q(layer)
    if was is None or now is None:
        return head
    n_heads = model.configs[layer].n_heads
    own = was[0].unflatten(0, (n_heads, -1))[head]
    return next(
        at for at, rows in enumerate(now[0].unflatten(0, (n_heads, -1))) if torch.equal(rows, own)
    )
