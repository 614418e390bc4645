"""The attention picture's one-piece binary form.

A :class:`Scene` goes to the browser as one `bytes` object, because a Streamlit component passes
exactly one efficiently::

    uint32   length of the header in bytes, little-endian
    header   UTF-8 JSON: tokens, shapes, words, figures
    uint8    tiles   [n_heads, tile, tile]   every head; 255 is `scale`, the largest weight
    uint16   chosen  [side, side]            the chosen head; 65535 is `scale`, little-endian

`tile` is the number of tokens over `pool`, rounded up: each value is the largest of `pool` x `pool`
weights. So is `side` over `chosen_pool`; it is 0 where the scene has no chosen head, and every head
is read from its tile. One scale serves every head, so that tiles can be compared.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from attention.picture.consistency import check_scene
from attention.picture.scene import MEASURES, ModelMap, Scene
from attention.picture.words import PICTURE_WORDS

if TYPE_CHECKING:
    from attention.config import AttentionConfig
    from attention.models.look import JoinedHeads
    from attention.models.patches import Patches


def encode(scene: Scene) -> bytes:
    """The scene in the form that the module's docstring describes.

    Raises:
        SceneError: if shapes, choices, cache figures, map or words do not fit together.
    """
    check_scene(scene)
    chosen = np.zeros((0, 0), np.float32) if scene.chosen is None else scene.chosen
    scale = max(float(scene.tiles.max()), float(chosen.max(initial=0)))
    tile_bytes = quantise(scene.tiles, scale, np.uint8).tobytes()
    header = header_of(scene) | {
        "scale": scale,
        "side": chosen.shape[-1],
        "tiles_id": zlib.crc32(tile_bytes),
    }
    text = json.dumps(header, ensure_ascii=False).encode("utf-8", "replace")
    fine = quantise(chosen, scale, np.dtype("<u2"))
    return b"".join((struct.pack("<I", len(text)), text, tile_bytes, fine.tobytes()))


def decode(payload: bytes) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """The inverse of :func:`encode`: header, tiles and chosen head as weights again.

    Returns:
        the header, float32 [n_heads, tile, tile], float32 [side, side]
    """
    text, tile_bytes, chosen_bytes = parts_of(payload)
    header = json.loads(text)
    n_heads, tile, side = header["shape"]["n_heads"], header["tile"], header["side"]
    tiles = np.frombuffer(tile_bytes, np.uint8).reshape(n_heads, tile, tile)
    chosen = np.frombuffer(chosen_bytes, "<u2")
    scale = np.float32(header["scale"])
    return (
        header,
        tiles.astype(np.float32) * (scale / np.float32(255)),
        chosen.reshape(side, side).astype(np.float32) * (scale / np.float32(65535)),
    )


def parts_of(payload: bytes) -> tuple[str, bytes, bytes]:
    """The header's text, the bytes of the tiles and those of the chosen head."""
    (length,) = struct.unpack_from("<I", payload)
    text = payload[4 : 4 + length].decode("utf-8")
    header = json.loads(text)
    end = 4 + length + header["shape"]["n_heads"] * header["tile"] ** 2
    return text, payload[4 + length : end], payload[end:]


def quantise(weights: np.ndarray, scale: float, kind: np.dtype | type) -> np.ndarray:
    """Weights from 0 to `scale` in the steps of a whole-number type, to the nearest."""
    steps = np.iinfo(kind).max / scale if scale > 0 else 0.0
    return (weights * np.float32(steps) + np.float32(0.5)).astype(kind)


def header_of(scene: Scene) -> dict[str, Any]:
    """What the scripts read beside the weights; `scale` and `side` are :func:`encode`'s."""
    split = scene.split or scene.config
    return {
        "lang": scene.lang,
        "tokens": scene.tokens,
        "counts": scene.counts,
        "goes_on": scene.goes_on,
        "generated": scene.generated,
        "shape": _shape(scene.config),
        "split": _shape(split),
        "shape_only": split.d_model != scene.config.d_model,
        "causal": scene.config.causal,
        "layer": scene.layer,
        "head": scene.head,
        "token": len(scene.tokens) - 1 if scene.token is None else scene.token,
        "tile": scene.tiles.shape[-1],
        "pool": scene.pool,
        "chosen_pool": scene.chosen_pool,
        "short": scene.head_short,
        "long": scene.head_long,
        "role": scene.head_role,
        "here": scene.head_here,
        "about": scene.head_about,
        "glossary": scene.glossary,
        "check": scene.check,
        "cache": asdict(scene.cache) if scene.cache else None,
        "real": asdict(scene.real) if scene.real else None,
        "joined": _joined(scene.joined) if scene.joined else None,
        "map": _map(scene.model_map) if scene.model_map else None,
        "part": scene.part,
        "off": scene.off,
        "cache_note": scene.cache_note,
        "words": {key: scene.words[key] for key in PICTURE_WORDS},
        **({"also": scene.also} if scene.also else {}),
        **({"patches": _patches(scene.patches)} if scene.patches else {}),
        **({"measure": scene.measure} if scene.model_map else {}),
        **({"keys": {"tokens": scene.keys, "goes_on": scene.keys_go_on}} if scene.keys else {}),
    }


def _shape(config: AttentionConfig) -> dict[str, int]:
    names = ("d_model", "n_heads", "n_kv_heads", "head_dim")
    return {name: getattr(config, name) for name in names}


def _patches(patches: Patches) -> dict[str, Any]:
    grid = {name: getattr(patches, name) for name in ("rows", "columns", "first")}
    return {"png": base64.b64encode(patches.png).decode("ascii"), **grid}


def _joined(joined: JoinedHeads) -> dict[str, list]:
    """Three decimals are more than a shade or a line of words can show."""
    parts = {"contexts": joined.contexts, "output": joined.output}
    return {name: part.astype(np.float64).round(3).tolist() for name, part in parts.items()}


def _map(model_map: ModelMap) -> dict[str, Any]:
    """Four digits are what a colour and a tooltip can show."""
    values = {
        name: [
            [None if value is None else round(float(value), 4) for value in row]
            for row in getattr(model_map, name)
        ]
        for name in MEASURES
    }
    rows = {"rows": model_map.rows} if model_map.rows else {}
    return values | {"roles": model_map.roles} | rows
