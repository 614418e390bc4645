"""The trained layouts: which there are, their cards, and each loaded."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from attention.assets import asset
from attention.config import AttentionConfig
from attention.devices import parse_dtype, pick_device
from attention.errors import HeadcountError
from attention.models.layouts.decoder import Decoder, DecoderConfig
from attention.models.layouts.model import LayoutModel

LAYOUTS = asset("layouts")
EMBEDDING = "embedding.safetensors"  # of all layouts of a folder, kept once


class LayoutError(HeadcountError):
    """A layout that is not in the family. The message says which are."""


def available_layouts(folder: Path = LAYOUTS) -> tuple[tuple[int, int], ...]:
    """``(n_heads, n_kv_heads)`` of every trained layout at hand, ascending."""
    names = [path.stem.split("x") for path in folder.glob("[0-9]*x*[0-9].safetensors")]
    return tuple(sorted((int(n_heads), int(n_kv_heads)) for n_heads, n_kv_heads in names))


def load_card(n_heads: int, n_kv_heads: int, folder: Path = LAYOUTS) -> dict:
    """What was measured of a layout when it was trained.

    Raises:
        LayoutError: there is no such layout.
    """
    _require_layout(n_heads, n_kv_heads, folder)
    return json.loads((folder / f"{n_heads}x{n_kv_heads}.json").read_text("utf-8"))


def all_cards(folder: Path = LAYOUTS) -> list[dict]:
    """The cards of :func:`available_layouts`, in its order."""
    return [load_card(*layout, folder) for layout in available_layouts(folder)]


def load_layout(
    n_heads: int, n_kv_heads: int, *, device: str = "auto", dtype: str = "float32",
    folder: Path = LAYOUTS,
) -> LayoutModel:  # fmt: skip
    """A trained layout, ready to be traced.

    >>> from attention import load_layout
    >>> model = load_layout(8, 2)
    >>> model.n_layers, model.config.group_size
    (3, 4)

    Args:
        folder: where ``python -m attention train --out`` wrote it.

    Raises:
        LayoutError: there is no such layout.
        DeviceError: there is no such device or number format.
    """
    card = load_card(n_heads, n_kv_heads, folder)
    device, wanted = pick_device(device), parse_dtype(dtype)
    config = DecoderConfig(
        vocab_size=card["vocab_size"],
        attention=AttentionConfig(d_model=card["d_model"], n_heads=n_heads, n_kv_heads=n_kv_heads),
        mlp_dim=card["mlp_dim"],
        rope_bases=tuple(card["rope_bases"]),
    )
    with torch.device("meta"):
        decoder = Decoder(config)
    weights = load_file(folder / f"{n_heads}x{n_kv_heads}.safetensors", device=device)
    weights |= load_file(folder / EMBEDDING, device=device)
    decoder.load_state_dict({k: v.to(wanted) for k, v in weights.items()}, assign=True)
    return LayoutModel(decoder.eval().requires_grad_(False), card, device)


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
