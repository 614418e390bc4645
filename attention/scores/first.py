"""First token, the "attention sink": Xiao et al. 2023, arXiv 2309.17453."""

from torch import Tensor

from attention.scores.base import OnePlace, Rows, register


@register
class First(OnePlace):
    """Mean weight on token 0, over the queries from 1 on."""

    name, rank, across = "first", 2, True

    def place(self, rows: Rows) -> Tensor:
        if rows.keys.start:
            return rows.weights[:, :0, 0]
        return rows.weights[:, :, 0]
