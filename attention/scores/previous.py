"""Previous token: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits"."""

from torch import Tensor

from attention.scores.base import OnePlace, Rows, register


@register
class Previous(OnePlace):
    """Mean weight on the token before, over the queries from 1 on."""

    name, rank = "previous", 1

    def place(self, rows: Rows) -> Tensor:
        # Where the first query's own key is the first one, the one before is not among the keys:
        # there is none, or a window of 1 hides it.
        offset = max(rows.queries.start - rows.keys.start, 0) - 1
        return rows.weights.diagonal(offset, 1, 2)
