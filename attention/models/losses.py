"""What a text costs a model: the loss of each of its tokens."""

from collections.abc import Sequence

import torch
from torch import Tensor

from attention.models.base import Model
from attention.models.limits import TextError, require_text
from attention.models.predictor import Predictor

BATCH_TOKENS = 512  # in a pass: of SmolLM2's vocabulary, 100 MB of logits
SUMMED_TOKENS = 16  # at a time, so that no second array of that size is asked for


def losses(model: Predictor, rows: Tensor, *, gates: Tensor | None = None) -> Tensor:
    """-ln p of every token but the first of its row, by those before it.

    Args:
        model: perhaps with heads off, see :meth:`attention.models.base.Model.without`.
        rows: token ids ``[windows, window]``, each row a text of its own.
        gates: see :meth:`attention.models.predictor.Predictor.logits`. Given, the result can be
            differentiated by them.

    Returns:
        float32 ``[windows, window - 1]``, nats, on the model's device.

    Raises:
        TextError: there is no next token to be predicted, or rows are longer than the model takes.
    """
    require_rows(model, rows)
    found = [losses_of(model.logits(batch, gates=gates), batch) for batch in batches(rows)]
    return torch.cat(found)


def require_rows(model: Predictor, rows: Tensor) -> None:
    """Raises TextError: rows have no loss, as :func:`losses` says."""
    windows, window = rows.shape
    require_prediction(model)
    if window < 2 or not windows:
        raise TextError("The loss of a text is that of its second token and on: give two or more.")
    require_text(window, model)


def require_prediction(model: Model) -> None:
    """Raises TextError: the model predicts no next token, of which there could be a loss."""
    if not model.predicts:
        raise TextError(
            "{title} predicts no next token: choose a model with an LM head.", title=model.title
        )


def batches(rows: Tensor) -> Sequence[Tensor]:
    """The rows of one pass each, ``[some windows, window]``."""
    return rows.split(max(1, BATCH_TOKENS // rows.shape[1]))


def losses_of(logits: Tensor, rows: Tensor) -> Tensor:
    """The same by the logits of the rows, ``[windows, window, vocab_size]``."""
    logits, targets = logits[:, :-1], rows[:, 1:].to(logits.device)
    with torch.inference_mode(not logits.requires_grad):
        # Not cross_entropy, whose float32 sum over 49,152 tokens is off by 2e-5.
        own = logits.gather(-1, targets[..., None])[..., 0]
        if logits.requires_grad:
            return logits.logsumexp(-1) - own
        parts = [part.logsumexp(-1) for part in logits.split(SUMMED_TOKENS, 1)]
        return torch.cat(parts, 1) - own
