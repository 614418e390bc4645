"""What is computed of a text: its tokens, and one layer of one layout on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attention.config import AttentionConfig

if TYPE_CHECKING:  # the first picture is drawn before torch is loaded
    from attention.trace import AttentionTrace


@dataclass(frozen=True)
class Reading:
    """A text as the tokenizer sees it, cut to what the page draws."""

    text: str  # what is drawn, without what was cut
    ids: tuple[int, ...]
    tokens: tuple[str, ...]  # readable, one an id
    total: int  # how many ids there were before the cut

    @property
    def cut(self) -> bool:
        return self.total > len(self.ids)


@dataclass(frozen=True, eq=False)
class Look:
    """All that the page shows of one layer, as plain values; ``trace`` for the steps."""

    trace: AttentionTrace
    weights: np.ndarray  # float32 [n_heads, n_tokens, n_tokens]
    heads: tuple[tuple[str, float], ...]  # (name, value) of each head's strongest score
    cache_bytes: int  # measured on the real cache, all layers
    split_error: float  # largest |x·W_Q^i − (x·W_Q cut) i| over all heads
    device: str
    number_format: str  # "float32"

    @property
    def config(self) -> AttentionConfig:
        return self.trace.config
