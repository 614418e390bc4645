"""What is computed of a text: its tokens, and one layer of one model on them. No torch here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attention.config import AttentionConfig
from attention.picture.scene import ModelMap

if TYPE_CHECKING:  # the first picture is drawn before torch is loaded
    from attention.text.pieces import Units
    from attention.trace import AttentionTrace


@dataclass(frozen=True)
class Reading:
    """A text as the tokenizer sees it, cut to what the page draws."""

    text: str  # what is drawn, without what was cut
    ids: tuple[int, ...]
    tokens: tuple[str, ...]  # readable, one an id
    total: int  # how many ids there were before the cut
    units: Units | None = None  # the pieces that tokens are merged to; None where none were
    ending: int = 0  # special tokens behind the text, as an encoder's [SEP]

    @property
    def cut(self) -> bool:
        return self.total > len(self.ids)

    def shown(self, raw: bool) -> tuple[str, ...]:
        """What stands beside the rows of the picture: merged pieces, or every token."""
        return self.tokens if raw or self.units is None else tuple(self.units.texts)

    def last(self, raw: bool) -> int:
        """The last of what is shown that belongs to the text."""
        return max(len(self.shown(raw)) - 1 - self.ending, 0)

    def merged(self, raw: bool) -> Units | None:
        """The units that are shown, None where every token is."""
        return None if raw else self.units


@dataclass(frozen=True)
class Cache:
    """The KV cache of a text, all layers, in bytes."""

    measured: int  # in a real cache
    formula: int
    number_bytes: int
    mha: int  # as it would be with a KV head for each head
    mqa: int  # and with one for all
    product: bool = True  # the formula is one product, for every layer keeps every token alike


@dataclass(frozen=True, eq=False)
class Look:
    """All that the page shows of one layer, as plain values; the rest is made when asked for.

    Arrays count what is shown: merged pieces or tokens.
    """

    config: AttentionConfig
    n_layers: int
    tiles: np.ndarray  # float32 [n_heads, tile, tile]
    pool: int
    chosen: np.ndarray | None  # float32 [side, side], of the head that is shown
    chosen_pool: int
    heads: tuple[tuple[str, float], ...]  # (name, value) of each head's strongest score
    cache: Cache | None  # None: the model keeps none
    split_error: float | None  # largest |x·W_Q^i − (x·W_Q cut) i|; None without a W_Q of its own
    device: str
    number_format: str  # "float32"
    weights: Callable[[], np.ndarray]  # float32 [n, n], the shown head, every weight
    trace: Callable[[int], AttentionTrace]  # of one token's query: every intermediate of the layer
    model_map: ModelMap | None = None
