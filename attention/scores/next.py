"""Next token: of models that see what comes."""

from torch import Tensor

from attention.scores.base import Layer, Rows, Score, register


@register
class Next(Score):
    """Mean weight on the next token, over the queries that have one; None behind a causal mask."""

    name, rank, shown = "next", 7, False

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self._sum = layer.zeros(layer.n_heads)

    def take(self, rows: Rows) -> None:
        offset = rows.queries.start + 1 - rows.keys.start
        self._sum[rows.heads] += rows.weights.diagonal(offset, 1, 2).sum(1)

    def value(self) -> Tensor | None:
        n_queries = self.layer.n - 1
        return None if self.layer.causal or n_queries < 1 else self._sum / n_queries
