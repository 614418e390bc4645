"""What is trained: the 21 layouts, what is measured beside them, and the runs that show forming."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from attention.config import divisors
from attention.errors import HeadcountError
from attention.training.recipe import Recipe

HEAD_COUNTS = (1, 2, 4, 8, 16, 32)
FAMILY = tuple((n_heads, kv) for n_heads in HEAD_COUNTS for kv in divisors(n_heads))
SEEDED = ((8, 8), (8, 4), (8, 2), (8, 1))  # trained with several seeds
EXTRA_SEEDS = (1, 2)
FORMING = ((8, 8), (8, 2), (8, 1))
SNAPSHOTS = 24

Layout = tuple[int, int]  # n_heads, n_kv_heads


class TrainError(HeadcountError):
    """Arguments that name nothing that can be trained."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One training.

    Args:
        name: of its files.
        kept: "layout": weights and card; "figures": a row of the card's figures; "forming": what
            its heads did at each of ``snapshots``; "embedding": that alone.
        snapshots: after how many steps its weights are kept.
    """

    name: str
    layout: Layout
    recipe: Recipe
    kept: Literal["layout", "figures", "forming", "embedding"] = "layout"
    snapshots: tuple[int, ...] = ()


def embedding_task(recipe: Recipe) -> Task:
    """The first training: its embedding is the whole family's."""
    own = replace(recipe, own_embedding=True)
    return Task(name="embedding", layout=(8, 8), recipe=own, kept="embedding")


def layout_tasks(recipe: Recipe, layouts: Iterable[Layout]) -> list[Task]:
    """A task a layout."""
    return [Task(name=name_of(layout), layout=layout, recipe=recipe) for layout in layouts]


def sharing_tasks(recipe: Recipe, layouts: Iterable[Layout]) -> list[Task]:
    """Of the layouts of :data:`SEEDED`, more seeds; and where KV heads are shared, once more with
    as many parameters as without, in a wider MLP.

    So compared Shazeer 2019 (arXiv 1911.02150, section 4) and Llama 2 (arXiv 2307.09288, A.2.1).
    """
    tasks = []
    for layout in layouts:
        for seed in EXTRA_SEEDS if layout in SEEDED else ():
            tasks.append((f"seed{seed}", layout, replace(recipe, seed=seed)))
        if layout in SEEDED and layout[0] != layout[1]:
            tasks.append(("wide", layout, replace(recipe, mlp_dim=wide_mlp(recipe, layout))))
    return [
        Task(name=f"{name_of(layout)}-{what}", layout=layout, recipe=changed, kept="figures")
        for what, layout, changed in tasks
    ]


def forming_tasks(recipe: Recipe, layouts: Iterable[Layout]) -> list[Task]:
    """A training from nothing: no heads that begin by looking back, and an embedding of its own."""
    bare = replace(recipe, look_back=False, own_embedding=True)
    return [
        Task(
            name=f"{name_of(layout)}-{recipe.text}",
            layout=layout,
            recipe=bare,
            kept="forming",
            snapshots=snapshot_steps(recipe.steps),
        )
        for layout in layouts
        if layout in FORMING
    ]


def wide_mlp(recipe: Recipe, layout: Layout) -> int:
    """MLP width at which a layout has the parameters that it would have without sharing."""
    n_heads, n_kv_heads = layout
    head_dim = recipe.d_model // n_heads
    saved = (n_heads - n_kv_heads) * head_dim * (2 * recipe.d_model + 1)  # W_K, W_V and k's bias
    return recipe.mlp_dim + round(saved / (2 * recipe.d_model))


def snapshot_steps(steps: int) -> tuple[int, ...]:
    """About 24 of the steps, the first and the last among them: half of them evenly apart, half by
    equal ratios, for what is abrupt comes early."""
    half = SNAPSHOTS // 2
    even = np.linspace(0, steps, half + 1)
    ratios = np.geomspace(min(20, steps), steps, half)
    return tuple(sorted({round(step) for step in (*even, *ratios)}))


def name_of(layout: Layout) -> str:
    return "{}x{}".format(*layout)


def parse_layouts(text: str) -> tuple[Layout, ...]:
    """``"8x2,4x1"`` or ``"all"``.

    Raises:
        TrainError: a layout that is not in the family.
    """
    if text == "all":
        return FAMILY
    known = {name_of(layout): layout for layout in FAMILY}
    for name in text.split(","):
        if name not in known:
            raise TrainError(f"layout {name!r} is not in the family: choose {', '.join(known)}.")
    return tuple(known[name] for name in text.split(","))
