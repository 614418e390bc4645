"""How far a head looks: no share of anything, and so no score among the others."""

import torch
from torch import Tensor

from attention.scores.base import Counted, Layer


class Distance(Counted):
    """Mean over the queries of Σ weight · |query − key|, in positions."""

    name, rank = "distance", 10

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self._places = torch.arange(layer.n, dtype=torch.float32, device=layer.codes.device)

    def counts(self, queries: slice, keys: slice) -> Tensor:
        return (self._places[queries, None] - self._places[keys]).abs_()

    def value(self) -> Tensor:
        return self._sum / self.layer.n
