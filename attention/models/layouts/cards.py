"""The cards of the trained layouts: which there are, and what was measured of each. No torch."""

import json
from pathlib import Path
from typing import Any

from attention.assets import asset
from attention.errors import HeadcountError

LAYOUTS = asset("layouts")
Card = dict[str, Any]


class LayoutError(HeadcountError):
    """A layout that is not in the family. The message says which are."""


def available_layouts(folder: Path = LAYOUTS) -> tuple[tuple[int, int], ...]:
    """``(n_heads, n_kv_heads)`` of every trained layout at hand, ascending."""
    names = [path.stem.split("x") for path in folder.glob("[0-9]*x*[0-9].safetensors")]
    return tuple(sorted((int(n_heads), int(n_kv_heads)) for n_heads, n_kv_heads in names))


def load_card(n_heads: int, n_kv_heads: int, folder: Path = LAYOUTS) -> Card:
    """What was measured of a layout when it was trained.

    Raises:
        LayoutError: there is no such layout.
    """
    _require_layout(n_heads, n_kv_heads, folder)
    return json.loads((folder / f"{n_heads}x{n_kv_heads}.json").read_text("utf-8"))


def all_cards(folder: Path = LAYOUTS) -> list[Card]:
    """The cards of :func:`available_layouts`, in its order."""
    return [load_card(*layout, folder) for layout in available_layouts(folder)]


def _require_layout(n_heads: int, n_kv_heads: int, folder: Path) -> None:
    there = available_layouts(folder)
    if (n_heads, n_kv_heads) in there:
        return
    if not there:
        raise LayoutError(
            "No trained layout is in {folder}: run python -m attention train.", folder=folder
        )
    heads = sorted({h for h, _ in there})
    if n_heads not in heads:
        raise LayoutError(
            "No layout was trained with n_heads {n_heads}: choose {heads}.",
            n_heads=n_heads,
            heads=_listed(heads),
        )
    kv_heads = [g for h, g in there if h == n_heads]
    raise LayoutError(
        "No layout was trained with n_heads {n_heads} and n_kv_heads {n_kv_heads}: choose "
        "n_kv_heads {kv_heads}.",
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        kv_heads=_listed(kv_heads),
    )


def _listed(values: list[int]) -> str:
    *most, last = map(str, values)
    return f"{', '.join(most)} or {last}" if most else last
