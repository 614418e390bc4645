"""Duplicate token: Wang et al. 2022, "Interpretability in the Wild", arXiv 2211.00593."""

import numpy as np
from torch import Tensor

from attention.scores.base import Counted, Layer, register


@register
class Duplicate(Counted):
    """Weight on the earlier occurrences of the query's own token.

    Summed over these occurrences, then averaged over the queries that have one.
    """

    name, rank, shown = "duplicate", 8, False

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self._n_queries = layer.n - int(layer.codes.max()) - 1

    @classmethod
    def places(cls, layer: Layer) -> int:
        """Different tokens that come again."""
        return int((np.bincount(layer.codes.cpu().numpy()) > 1).sum())

    def counts(self, queries: slice, keys: slice) -> Tensor | None:
        if not self._n_queries:
            return None
        codes = self.layer.codes
        same = codes[queries, None] == codes[keys]
        return same.tril(queries.start - keys.start - 1).float()

    def value(self) -> Tensor | None:
        return self._sum / self._n_queries if self._n_queries else None
