"""What a step of a generation shows; see :mod:`attention.models.generate`."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from attention import functional
from attention.errors import HeadcountError


class GenerationError(HeadcountError):
    """Nothing can be generated, or no more. The message says why and what to do."""


class End(StrEnum):
    """Why there is no next step."""

    END_OF_TEXT = "end_of_text"  # the model chose a token that ends the text
    ENOUGH = "enough"  # as many tokens as were asked for
    CONTEXT = "context"  # the text is as long as the model takes


@dataclass(frozen=True)
class Choice:
    """A token that may come next."""

    token: int
    text: str  # readable
    probability: float  # what the model says: softmax(logits)
    chance: float  # that it is chosen: softmax(logits / temperature); greedy: 1 for the likeliest
    ends: bool  # it ends the text


@dataclass(frozen=True)
class WholePass:
    """The same step without the cache: every token of the text once more."""

    seconds: float
    largest_difference: float  # of a probability, over the whole vocabulary
    same_token: bool  # that the likeliest next token is the same


@dataclass(frozen=True, kw_only=True, eq=False)
class Outlook:
    """The newest token's query over the cached keys, and what the model makes of it."""

    logits: Tensor  # float32 [vocab_size], on the CPU
    rows: tuple[np.ndarray, ...]  # a layer each, float32 [n_heads, kv_len of that layer]
    kv_len: int  # tokens of the text so far
    cache_bytes: int  # measured on the cache itself
    formula_bytes: int
    seconds: float  # the pass of one token with the cache
    fill_seconds: float | None  # filling the cache first, where that had to be done
    whole: WholePass | None  # where it was asked for

    def row(self, layer: int, head: int) -> np.ndarray:
        """float32 [kv_len]: the weights of the query on the keys that its layer still has.

        Where a sliding window let go of the first keys, the row is shorter than ``self.kv_len``.
        """
        return self.rows[layer][head]

    def probabilities(self, temperature: float = 1.0) -> Tensor:
        """float32 [vocab_size], softmax(logits / temperature); at 0 all of it on the likeliest."""
        if temperature == 0:
            return F.one_hot(self.logits.argmax(), len(self.logits)).float()
        # Less its maximum, or a temperature near 0 would give ∞ − ∞.
        return functional.softmax((self.logits - self.logits.max()) / temperature)


@dataclass(frozen=True, kw_only=True, eq=False)
class Step:
    """One more token."""

    chosen: Choice
    outlook: Outlook  # that it was chosen from
    ended: End | None
