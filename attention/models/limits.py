"""What a model cannot take: texts that are too long, layers and heads that it has not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attention.errors import HeadcountError

if TYPE_CHECKING:
    from attention.models.base import Model


class TextError(HeadcountError):
    """Tokens, a layer, a head or a mask that the model cannot take; and what it can."""


class Cancelled(Exception):  # noqa: N818 (nothing went wrong)
    """A pass was stopped between two layers, because nobody waits for it any more."""


class Limited(Protocol):
    """What takes texts up to some length."""

    @property
    def title(self) -> str:
        """What to call it."""

    @property
    def max_tokens(self) -> int:
        """The longest text that it takes."""


def require_text(n_tokens: int, model: Limited) -> None:
    """Raises TextError: there are no tokens, or more than the model takes."""
    if not n_tokens:
        raise TextError("The text has no tokens: give at least one character.")
    if n_tokens > model.max_tokens:
        raise TextError(
            "The text has {n_tokens} tokens, and {title} takes {max_tokens}: cut it.",
            n_tokens=n_tokens,
            title=model.title,
            max_tokens=model.max_tokens,
        )


def require_token(n_tokens: int, token: int) -> None:
    """Raises TextError: the text has no such token."""
    if not 0 <= token < n_tokens:
        raise TextError(
            "token {token} does not exist: choose 0 to {last}.", token=token, last=n_tokens - 1
        )


def require_layer(model: Model, layer: int, head: int = 0) -> None:
    """Raises TextError: the model has no such layer or head."""
    if not 0 <= layer < model.n_layers:
        raise TextError(
            "layer {layer} does not exist: choose 0 to {n_layers}.",
            layer=layer,
            n_layers=model.n_layers - 1,
        )
    n_heads = model.configs[layer].n_heads
    if not 0 <= head < n_heads:
        raise TextError(
            "head {head} does not exist: choose 0 to {n_heads}.", head=head, n_heads=n_heads - 1
        )
