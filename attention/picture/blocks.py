"""The blocks of a hybrid in words: which have no attention, and what they are instead."""

from collections.abc import Sequence

from attention.models.blocks import KINDS, Block
from attention.words import Words


def rows_of(blocks: Sequence[Block], words: Words) -> tuple[int | str, ...]:
    """A row of the model's map each: an attention layer by its index, any other by what it is.

    None where every block has attention.
    """
    if all(block.layer is not None for block in blocks):
        return ()
    return tuple(_name(b.kind, words) if b.layer is None else b.layer for b in blocks)


def told(blocks: Sequence[Block], words: Words) -> list[str]:
    """Sentences: which blocks have no attention, and which have something beside it."""
    said = []
    for key, alone in (("block.without", True), ("block.beside", False)):
        numbers: dict[str, list[int]] = {}
        for i, block in enumerate(blocks):
            if block.kind and (block.layer is None) == alone:
                numbers.setdefault(block.kind, []).append(i)
        if numbers:
            each = (f"{_name(kind, words)} ({_ranges(of)})" for kind, of in numbers.items())
            said.append(words(key, blocks=", ".join(each)))
    return said


def _name(kind: str, words: Words) -> str:
    return words(f"block.{kind}") if kind in KINDS else kind.replace("_", " ")


def _ranges(numbers: Sequence[int]) -> str:
    """``0–2, 4``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
