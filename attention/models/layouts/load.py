"""A trained layout, loaded from its weights and its card."""

from pathlib import Path

import torch
from safetensors.torch import load_file

from attention.config import AttentionConfig
from attention.devices import parse_dtype, pick_device
from attention.models.layouts.cards import LAYOUTS, load_card
from attention.models.layouts.decoder import Decoder, DecoderConfig
from attention.models.layouts.model import LayoutModel

EMBEDDING = "embedding.safetensors"  # of all layouts of a folder, kept once


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
