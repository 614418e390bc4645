"""What a score is: it takes a layer's weights a block at a time, and gives a number a head."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

import numpy as np
import torch
from torch import Tensor

from attention.errors import HeadcountError

# A score of 0.4 on one place is several times what even attention gives any place of a sentence of
# ten tokens or more, and leaves no second place a like share often.
MOSTLY = 0.4

Pairs = Sequence[tuple[int, int]]  # positions (query, key)


class SurveyError(HeadcountError):
    """Queries, keys, tokens or pairs that do not fit together."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """The layer and the text that a score is taken on, as far as they are known before the weights.

    A position is a token, or a unit of tokens that is shown as one.
    """

    n_heads: int
    codes: Tensor  # int32 [n], from 0 without a gap: equal numbers are equal tokens
    causal: bool
    pairs: np.ndarray  # [n_pairs, 2]: (query, key) of the text's dependencies
    n_keys: int | None = None  # positions of the text of the keys, where that is another one

    @property
    def n(self) -> int:
        """Positions of the text."""
        return len(self.codes)

    def zeros(self, *shape: int) -> Tensor:
        """float32, beside the weights."""
        return torch.zeros(shape, device=self.codes.device)


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Weights of some heads: those of some queries, over some keys. No other key is seen."""

    weights: Tensor  # [heads, queries, keys]
    entropy: Tensor  # [heads, queries], in nats
    heads: slice
    queries: slice
    keys: slice

    def after_first(self) -> "Rows":
        """Without query 0, if it is among them."""
        if self.queries.start:
            return self
        return replace(
            self,
            weights=self.weights[:, 1:],
            entropy=self.entropy[:, 1:],
            queries=slice(1, self.queries.stop),
        )


class Score(ABC):
    """One number a head, from 0 to 1; None where the text gives no occasion for it.

    Attributes:
        name: its key, also of its words in the locale files.
        rank: its place among the scores; of two that are equal the first names the head.
        clear: from this value on it may name what the head mostly does.
        decides: where it is clear, no other score is looked at.
        from_text: the text alone gives the occasion; False: its dependencies must be known.
        column: its heading in a table; left out, the name.
        role: what a head is called that it is taken of; left out, the name.
        least: independent places that it takes to say anything of a head.
        across: it means something where the keys are another text's than the queries.
        shown: it is taken of every text; False: only of texts that are made for such scores, see
            :mod:`attention.atlas`.
    """

    name: ClassVar[str]
    rank: ClassVar[int]
    clear: ClassVar[float] = MOSTLY
    decides: ClassVar[bool] = False
    from_text: ClassVar[bool] = True
    column: ClassVar[str] = ""
    role: ClassVar[str] = ""
    least: ClassVar[int] = 3
    across: ClassVar[bool] = False
    shown: ClassVar[bool] = True

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    @classmethod
    def places(cls, layer: Layer) -> int:
        """Places of the text that it is averaged over, as far as they are independent."""
        return layer.n - 1

    @abstractmethod
    def take(self, rows: Rows) -> None:
        """Add what these rows say. Every head and query comes once, queries in order."""

    @abstractmethod
    def value(self) -> Tensor | None:
        """``[n_heads]``, once every row was taken."""


class OnePlace(Score):
    """Mean weight on one place, over the queries from 1 on: query 0 of a causal pass sees itself
    alone."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self._sum = layer.zeros(layer.n_heads)

    @abstractmethod
    def place(self, rows: Rows) -> Tensor:
        """``[heads, queries]``: the weight of each query whose place is among the keys.

        Query 0 is none of the rows'.
        """

    def take(self, rows: Rows) -> None:
        self._sum[rows.heads] += self.place(rows.after_first()).sum(1)

    def value(self) -> Tensor | None:
        return self._sum / (self.layer.n - 1) if self.layer.n > 1 else None


class Counted(Score):
    """A sum over all weights, each times what its place counts for."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self._sum = layer.zeros(layer.n_heads)
        self._at: tuple[slice, slice] | None = None
        self._flat: Tensor | None = None

    @abstractmethod
    def counts(self, queries: slice, keys: slice) -> Tensor | None:
        """float32 ``[queries, keys]``; None where nothing counts."""

    def take(self, rows: Rows) -> None:
        if (rows.queries, rows.keys) != self._at:  # the heads of a block share it
            table = self.counts(rows.queries, rows.keys)
            self._at = (rows.queries, rows.keys)
            self._flat = None if table is None else table.flatten()
        if self._flat is not None:
            self._sum[rows.heads] += rows.weights.flatten(1) @ self._flat


KNOWN: dict[str, type[Score]] = {}
Kind = TypeVar("Kind", bound=type[Score])


def register(kind: Kind) -> Kind:
    """Make a score known: every survey takes it, every table and tile tells it."""
    KNOWN[kind.name] = kind
    return kind
