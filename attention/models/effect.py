"""What a model foretells of a text: as it is, and with heads off."""

from dataclasses import dataclass

import torch
from torch import Tensor

from attention.models.look import Prediction
from attention.models.losses import batches, losses_of, require_rows
from attention.models.predictions import likeliest
from attention.models.predictor import Predictor

TOP = 5  # next tokens that are named


@dataclass(frozen=True, eq=False)
class Foretold:
    """What a model foretold of rows of tokens.

    Args:
        losses: float32 ``[windows, window - 1]``, of every token but the first of its row, nats.
        top: the likeliest tokens after a token of the last row, the likeliest first.
    """

    losses: Tensor
    top: tuple[Prediction, ...]

    @property
    def loss(self) -> float:
        """Mean over the tokens, in nats."""
        return self.losses.double().mean().item()

    @property
    def nbytes(self) -> int:
        """Bytes that this holds on to, for stores that are bounded."""
        return self.losses.nbytes


def foretell(model: Predictor, rows: Tensor, *, token: int = -1) -> Foretold:
    """One pass over the rows.

    Args:
        model: perhaps with heads off, see :meth:`attention.models.base.Model.without`.
        rows: token ids ``[windows, window]``, each row a text of its own.
        token: of the last row, after which the likeliest tokens are named.

    Raises:
        TextError: the rows have no next token, are too long, or the model predicts none.
    """
    require_rows(model, rows)
    found = []
    for batch in batches(rows):
        logits = model.logits(batch)
        found.append(losses_of(logits, batch))
    top = likeliest(logits[-1, token], TOP, model.token_texts)
    return Foretold(torch.cat(found), top)


@dataclass(frozen=True, eq=False)
class Effect:
    """Before and after heads were switched off."""

    before: Foretold
    after: Foretold

    @property
    def change(self) -> Tensor:
        """float32 ``[windows, window - 1]``, by how much each token's loss rose."""
        return self.after.losses - self.before.losses
