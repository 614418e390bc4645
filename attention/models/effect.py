"""What a text costs a model with heads off, beside the model as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from attention.interventions.off import Off
from attention.models.losses import losses

if TYPE_CHECKING:
    from attention.models.look import Prediction
    from attention.models.predictor import Predictor

TOP = 5  # next tokens that are named


@dataclass(frozen=True, eq=False)
class Effect:
    """Before and after the heads were switched off.

    Args:
        before, after: float32 ``[windows, window - 1]``, the loss of every token but the first of
            its row, in nats.
        top_before, top_after: the likeliest tokens after the last row, or after a token of it, the
            likeliest first.
        cache_before, cache_after: bytes; a KV head's are gone with the last head that asks it.
    """

    before: Tensor
    after: Tensor
    top_before: "Sequence[Prediction]"
    top_after: "Sequence[Prediction]"
    cache_before: int
    cache_after: int

    @property
    def loss_before(self) -> float:
        """Mean over the tokens, in nats."""
        return self.before.double().mean().item()

    @property
    def loss_after(self) -> float:
        """Mean over the tokens, in nats."""
        return self.after.double().mean().item()


def effect_of(model: "Predictor", rows: Tensor, off: Off, *, token: int | None = None) -> Effect:
    """Two passes over the rows, and two over the last.

    Args:
        rows: token ids ``[windows, window]``, each row a text of its own.
        token: of the last row, after which the likeliest tokens are named; left out, its last.

    Raises:
        OffError: the model has no such head.
        TextError: the rows have no next token, are too long, or the model predicts none.
    """
    without, last = model.without(off), rows[-1].tolist()
    last = last if token is None else last[: token + 1]
    windows, window = rows.shape
    return Effect(
        before=losses(model, rows),
        after=losses(without, rows),
        top_before=model.top(last, TOP) or (),
        top_after=without.top(last, TOP) or (),
        cache_before=windows * model.cache_formula(window),
        cache_after=windows * model.cache_formula(window, off),
    )
