"""Positional: Voita et al. 2019, "Analyzing Multi-Head Self-Attention", arXiv 1905.09418."""

import torch
from torch import Tensor

from attention.scores.base import Layer, Rows, Score, register


@register
class Positional(Score):
    """The share of queries whose largest weight lies at the one offset where it lies most often.

    Over the queries from 1 on; of several largest weights each counts a part. From 0.9 on the
    paper calls a head positional (section 4).
    """

    name, rank, clear, shown = "positional", 9, 0.9, False

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        # Offsets key − query from −(n − 1) to n − 1.
        self._at = layer.zeros(layer.n_heads, 2 * layer.n - 1)

    def take(self, rows: Rows) -> None:
        rows = rows.after_first()
        weights, device = rows.weights, rows.weights.device
        _, n_queries, n_keys = weights.shape
        if not n_queries:
            return
        largest = (weights == weights.amax(-1, keepdim=True)).float()
        largest /= largest.sum(-1, keepdim=True)
        queries = torch.arange(rows.queries.start, rows.queries.start + n_queries, device=device)
        keys = torch.arange(rows.keys.start, rows.keys.start + n_keys, device=device)
        offsets = (keys - queries[:, None] + self.layer.n - 1).flatten()
        self._at[rows.heads] = self._at[rows.heads].index_add(1, offsets, largest.flatten(1))

    def value(self) -> Tensor | None:
        return self._at.amax(1) / (self.layer.n - 1) if self.layer.n > 1 else None
