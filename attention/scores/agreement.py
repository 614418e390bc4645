"""Agreement: whether a head looks from the place that predicts a verb at its subject."""

import numpy as np
from torch import Tensor

from attention.scores.base import Layer, Rows, Score, register


@register
class Agreement(Score):
    """Weight from the position that predicts a verb to its subject.

    A subject of several tokens has a pair for each, which are summed; then averaged over the
    queries.
    """

    name, rank, from_text = "agreement", 5, False
    role, least = "subject", 1

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self._sum = layer.zeros(layer.n_heads)

    def take(self, rows: Rows) -> None:
        queries, keys = self.layer.pairs.T  # [n_pairs] each
        here = (queries >= rows.queries.start) & (queries < rows.queries.stop)
        here &= (keys >= rows.keys.start) & (keys < rows.keys.stop)
        places = queries[here] - rows.queries.start, keys[here] - rows.keys.start
        self._sum[rows.heads] += rows.weights[:, places[0], places[1]].sum(1)

    @classmethod
    def places(cls, layer: Layer) -> int:
        return len(np.unique(layer.pairs[:, 0]))

    def value(self) -> Tensor | None:
        n_queries = self.places(self.layer)
        return self._sum / n_queries if n_queries else None
