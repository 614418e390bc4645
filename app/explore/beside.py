"""Which layout stands beside the one that is shown, and which of its heads. Pure; no Streamlit."""

import math
from dataclasses import dataclass

from app.explore.offer import Family
from attention.models.look import Look
from attention.picture.pair import likeness

Layout = tuple[int, int]


@dataclass(frozen=True)
class Like:
    """A head of the other layout, and how alike it looks at the text; NaN where nothing varies."""

    layer: int
    head: int
    correlation: float


def usual_other(family: Family, layout: Layout) -> Layout:
    """One KV head for all beside one for each; of layouts with one KV head the other way round."""
    n_heads, n_kv_heads = layout
    wanted = (n_heads, n_heads if n_kv_heads == 1 else 1)
    others = [other for other in family.layouts if other != layout] or [layout]
    return min(others, key=lambda other: (abs(other[0] - wanted[0]), abs(other[1] - wanted[1])))


def likest(look: Look, layer: int, head: int, other: Look) -> Like:
    """The head of the other layout, in any layer, whose weights go most with these."""
    best = Like(min(layer, len(other.layers) - 1), 0, math.nan)
    for at, values in enumerate(_alike(look, layer, head, other)):
        for number, value in enumerate(values):
            if value > best.correlation or (math.isnan(best.correlation) and not math.isnan(value)):
                best = Like(at, number, float(value))
    return best


def same_head(look: Look, layer: int, head: int, other: Look) -> Like | None:
    """The head with the same numbers; None where the other layout has none."""
    if layer >= len(other.layers) or head >= other.configs[layer].n_heads:
        return None
    values = _alike(look, layer, head, other)
    return Like(layer, head, float(values[layer][head]))


def _alike(look: Look, layer: int, head: int, other: Look) -> list:
    # Both looks are at one text, so that long ones are pooled alike.
    one, causal = look.layers[layer].tiles[head], look.configs[layer].causal
    return likeness(one, [survey.tiles for survey in other.layers], causal=causal)
