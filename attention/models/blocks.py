"""The blocks of a model that has others than attention layers (a hybrid), and what those are."""

from collections.abc import Sequence
from dataclasses import dataclass

#: What a block has beside attention or instead of it; locale files name each under ``block``.
KINDS = ("linear", "conv", "mamba", "recurrent", "mlp", "moe")


@dataclass(frozen=True)
class Block:
    """One block of the whole stack.

    Args:
        kind: one of :data:`KINDS`, or what its own code calls it; "" of attention alone.
        layer: which of the model's attention layers it has, from 0; None where it has none.
    """

    kind: str
    layer: int | None


def number_of(layer: int, blocks: Sequence[Block]) -> int:
    """The number in the whole stack of an attention layer.

    Args:
        blocks: none of a model of attention layers alone.
    """
    return next((i for i, block in enumerate(blocks) if block.layer == layer), layer)
