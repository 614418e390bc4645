"""The blocks of a model that has others than attention layers (a hybrid), and what those are."""

from collections.abc import Sequence
from dataclasses import dataclass

from attention.errors import HeadcountError
from attention.interventions.off import Off

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


class BlockError(HeadcountError):
    """A block that has no attention. The message names those that have."""


def number_of(layer: int, blocks: Sequence[Block]) -> int:
    """The number in the whole stack of an attention layer.

    Args:
        blocks: none of a model of attention layers alone.
    """
    return next((i for i, block in enumerate(blocks) if block.layer == layer), layer)


def numbers_of(n_layers: int, blocks: Sequence[Block]) -> tuple[int, ...]:
    """Of every attention layer its number in the whole stack."""
    return tuple(number_of(layer, blocks) for layer in range(n_layers))


def layer_of(number: int, blocks: Sequence[Block]) -> int:
    """The attention layer that has this number in the whole stack: :func:`number_of` undone.

    Raises:
        BlockError: there is no such block, or it has no attention.
    """
    if not blocks:
        return number
    layer = blocks[number].layer if 0 <= number < len(blocks) else None
    if layer is None:
        there = [str(i) for i, block in enumerate(blocks) if block.layer is not None]
        raise BlockError(
            "block {number} of {n} has no attention: choose {works}.",
            number=number,
            n=len(blocks),
            works=", ".join(there),
        )
    return layer


def head_name(layer: int, head: int, blocks: Sequence[Block]) -> str:
    """What a head is called wherever one is named: the number of its block, a point, its own."""
    return f"{number_of(layer, blocks)}.{head}"


def head_named(name: str, blocks: Sequence[Block]) -> tuple[int, int]:
    """The attention layer and the head of a name of :func:`head_name`."""
    number, head = map(int, name.split("."))
    return layer_of(number, blocks), head


def by_layer(off: Off, blocks: Sequence[Block]) -> Off:
    """Heads that were given by the numbers of their blocks, by their attention layers.

    Raises:
        BlockError: a block has no attention.
    """
    heads = frozenset((layer_of(number, blocks), head) for number, head in sorted(off.heads))
    return Off(heads, off.kind)
