"""Previous token: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits"."""

from torch import Tensor

from attention.scores.base import OnePlace, Rows, register


@register
class Previous(OnePlace):
    """Mean weight on the token before, over the queries from 1 on."""

    name, rank = "previous", 1

    def place(self, rows: Rows) -> Tensor:
        # Where the first query's own key is the first one, a window of 1 hides the one before.
        return rows.weights.diagonal(rows.queries.start - 1 - rows.keys.start, 1, 2)
