"""Bytes against context: the points of a curve, and the strip of layers beside it."""

from dataclasses import dataclass, replace
from itertools import groupby

from attention.kv import engines
from attention.kv.allocation import Allocation
from attention.kv.layer import LayerKind
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

STEPS = 32  # points of a curve beside those where it bends


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What a cache takes as its context grows.

    Args:
        points: (tokens of a sequence, bytes of one device), from 1 token on.
        bends: contexts at which a window is full, in order; from the last on, none grows.
    """

    points: tuple[tuple[int, int | float], ...]
    bends: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Run:
    """Neighbouring layers of one kind that take the same.

    Args:
        kind: theirs.
        first, count: the first of them, from 0, and how many.
        bytes_each: what one of them takes.
        window: theirs, or None.
    """

    kind: LayerKind
    first: int
    count: int
    bytes_each: int | float
    window: int | None


def cache_curve(
    shape: ModelShape, workload: Workload, longest: int, *, engine: str = "logical"
) -> Curve:
    """The curve from 1 to ``longest`` tokens, as the engine allocates it.

    Args:
        workload: its context does not matter; a longer shared prefix is cut to the context.

    Raises:
        As the engine's ``allocate``.
    """
    allocate = engines.get(engine)
    windows = sorted({layer.window for layer in shape.layers if layer.window})
    bends = tuple(window for window in windows if window < longest)
    steps = {max(1, longest * i // STEPS) for i in range(1, STEPS + 1)}
    points = []
    for context in sorted({1, *steps, *bends}):
        shared = min(workload.shared_prefix, context)
        asked = replace(workload, context=context, shared_prefix=shared)
        points.append((context, allocate(shape, asked).allocated_bytes))
    return Curve(points=tuple(points), bends=bends)


def strip(shape: ModelShape, allocation: Allocation) -> tuple[Run, ...]:
    """The model's layers in order, neighbours that are alike taken together."""
    layers = [
        (layer.kind, found.bytes_total, layer.window)
        for layer, found in zip(shape.layers, allocation.per_layer, strict=True)
    ]
    runs, first = [], 0
    for (kind, size, window), group in groupby(layers):
        count = len(list(group))
        runs.append(Run(kind=kind, first=first, count=count, bytes_each=size, window=window))
        first += count
    return tuple(runs)
