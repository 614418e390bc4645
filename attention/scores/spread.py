"""Spread: how evenly a head looks."""

from torch import Tensor

from attention.scores.base import Layer, Rows, Score, register


@register
class Spread(Score):
    """Entropy of the weights over that of even weights on the allowed keys: 1 is even, 0 one key.

    Averaged over the queries that may see two keys or more.
    """

    name, rank, role = "spread", 6, "broad"
    # In a sentence of three tokens even attention gives the previous one 0.4, too: its spread is 1.
    # From 0.85 on no place stands out: 0.42 of ten keys and an even rest have a spread of 0.85.
    clear, decides, across = 0.85, True, True

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self._sum = layer.zeros(layer.n_heads)
        self._most = layer.n if layer.n_keys is None else layer.n_keys
        allowed = layer.zeros(layer.n) + self._most
        if layer.causal:
            allowed = (layer.zeros(layer.n) + 1).cumsum(0)
        # A query that sees one key counts for nothing; its logarithm is 0.
        self._share = allowed.log().reciprocal_().nan_to_num_(posinf=0)

    def take(self, rows: Rows) -> None:
        self._sum[rows.heads] += rows.entropy @ self._share[rows.queries]

    def value(self) -> Tensor | None:
        n_queries = self.layer.n - 1 if self.layer.causal else self.layer.n
        # Rounding can carry an even row past 1.
        return (self._sum / n_queries).clamp(0, 1) if self._most > 1 else None
