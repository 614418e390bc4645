"""The token itself."""

from torch import Tensor

from attention.scores.base import OnePlace, Rows, register


@register
class Itself(OnePlace):
    """Mean weight of a token on itself, over the queries from 1 on."""

    name, rank, column = "self", 3, "itself"

    def place(self, rows: Rows) -> Tensor:
        return rows.weights.diagonal(rows.queries.start - rows.keys.start, 1, 2)
