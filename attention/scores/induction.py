"""Induction: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits".

The score is "prefix matching" of Olsson et al. 2022, arXiv 2209.11895.
"""

import numpy as np
import torch
from torch import Tensor

from attention.scores.base import Counted, Layer, register


@register
class Induction(Counted):
    """Weight on the token after each earlier occurrence of the query's own token.

    Summed over these occurrences, then averaged over the queries that have one.
    """

    name, rank = "induction", 4

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self._n_queries = layer.n - int(layer.codes.max()) - 1
        # Of every key the token before it; -1 is none.
        self._before = torch.cat((layer.codes.new_full((1,), -1), layer.codes[:-1]))

    @classmethod
    def places(cls, layer: Layer) -> int:
        """Different tokens that come again: a word that is said five times is one occasion.

        None where no two tokens come again in a row: "the" alone, said twice, foretells nothing.
        """
        codes = layer.codes.cpu().numpy()
        rows = np.stack((codes[:-1], codes[1:]), axis=1)  # [n - 1, 2]
        if len(np.unique(rows, axis=0)) == len(rows):
            return 0
        return int((np.bincount(codes) > 1).sum())

    def counts(self, queries: slice, keys: slice) -> Tensor | None:
        if not self._n_queries:
            return None
        follows = self.layer.codes[queries, None] == self._before[keys]
        if not self.layer.causal:  # an earlier occurrence: a causal mask sees to that
            follows = follows.tril(queries.start - keys.start)
        return follows.float()

    def value(self) -> Tensor | None:
        return self._sum / self._n_queries if self._n_queries else None
