"""Layers that are alike, taken together. Pure."""

from dataclasses import dataclass

from attention.kv.allocation import Allocation, LayerBytes
from attention.kv.layer import Layer
from attention.kv.shape import ModelShape

MOST_RUNS = 6


@dataclass(frozen=True)
class Group:
    """Layers of one shape that take the same bytes."""

    indices: tuple[int, ...]
    layer: Layer
    held: LayerBytes  # of the first of them

    @property
    def n_layers(self) -> int:
        return len(self.indices)

    @property
    def bytes_each(self) -> int | float:
        return self.held.bytes_total

    @property
    def where(self) -> str:
        """``"0–4, 6–10 …"``: the layers, counted from 0."""
        runs: list[list[int]] = []
        for index in self.indices:
            if runs and runs[-1][1] == index - 1:
                runs[-1][1] = index
            else:
                runs.append([index, index])
        texts = [str(a) if a == b else f"{a}–{b}" for a, b in runs[:MOST_RUNS]]
        return ", ".join(texts) + (" …" if len(runs) > MOST_RUNS else "")


def group(shape: ModelShape, allocation: Allocation) -> tuple[Group, ...]:
    """Every group, in the order of its first layer."""
    found: dict[tuple, list[int]] = {}
    for index, layer in enumerate(shape.layers):
        held = allocation.per_layer[index]
        # A layer that reads another's cache is alike whichever it reads.
        key = (layer.kind, layer.window, layer.n_heads, layer.n_kv_heads, held.parts,
               held.tokens_held)  # fmt: skip
        found.setdefault(key, []).append(index)
    return tuple(
        Group(tuple(indices), shape.layers[indices[0]], allocation.per_layer[indices[0]])
        for indices in found.values()
    )
