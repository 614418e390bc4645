"""What a model can be asked with which a text goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from attention.models.base import Model

if TYPE_CHECKING:  # a page is drawn before torch is loaded
    import numpy as np
    from torch import Tensor


class Predictor(Model, Protocol):
    """A model with which a text goes on, see :mod:`attention.models.generate`."""

    @property
    def ends(self) -> frozenset[int]:
        """Ids of the tokens that end a text."""

    def new_cache(self) -> Any:
        """An empty cache, of the kind that this model fills."""

    def cache_bytes(self, cache: Any) -> int:
        """What a cache holds now."""

    def logits(self, rows: Tensor, *, gates: Tensor | None = None) -> Tensor:
        """Of every token's successor, float32 ``[windows, window, vocab_size]``.

        Args:
            rows: token ids ``[windows, window]``, each row a text of its own.
            gates: ``[n_layers, n_heads]``, a factor on each head's context before W_O. Where they
                are given the pass can be differentiated, by them alone: no weight requires grad.

        Raises:
            TextError: no tokens, or rows longer than the model takes.
        """

    def next_logits(
        self,
        ids: Sequence[int],
        *,
        cache: Any = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Tensor:
        """Of the token that follows, float32 ``[vocab_size]`` on the model's device.

        Args:
            cache: an empty one; it is filled with these tokens' keys and values.
            cancelled: asked between layers; once it says True the pass ends.

        Raises:
            TextError: no tokens, or too many.
            Cancelled: ``cancelled`` said so.
        """

    def step(self, token: int, cache: Any) -> tuple[Tensor, Callable[[], tuple[np.ndarray, ...]]]:
        """The same with one token, whose query meets the keys in the cache and its own, which is
        put there.

        Returns:
            The logits, and what makes the weights of that query: of each layer float32
            ``[n_heads, kv_len]``, exactly as the layer used them.

        Raises:
            TextError: the text is as long as the model takes.
        """
