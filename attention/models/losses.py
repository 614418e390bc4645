"""What a text costs a model: the loss of each of its tokens."""

import torch
from torch import Tensor

from attention.models.base import TextError
from attention.models.predictor import Predictor

BATCH_TOKENS = 512  # in a pass: of SmolLM2's vocabulary, 100 MB of logits


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
    windows, window = rows.shape
    if not model.predicts:
        raise TextError(
            "{title} predicts no next token: choose a model with an LM head.", title=model.title
        )
    if window < 2 or not windows:
        raise TextError("The loss of a text is that of its second token and on: give two or more.")
    size = max(1, BATCH_TOKENS // window)
    return torch.cat([_losses(model, batch, gates) for batch in rows.split(size)])


def _losses(model: Predictor, rows: Tensor, gates: Tensor | None) -> Tensor:
    logits = model.logits(rows, gates=gates)[:, :-1]
    targets = rows[:, 1:].to(logits.device)
    with torch.inference_mode(gates is None):
        # Not cross_entropy, whose float32 sum over 49,152 tokens is off by 2e-5.
        own = logits.gather(-1, targets[..., None])[..., 0]
        return logits.logsumexp(-1) - own
