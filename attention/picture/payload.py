"""What the attention picture draws, and its one-piece binary form.

A :class:`Scene` goes to the browser as one `bytes` object, because a Streamlit component passes
exactly one efficiently::

    uint32   length of the header in bytes, little-endian
    header   UTF-8 JSON: tokens, shapes, words, figures
    uint8    tiles   [n_heads, tile, tile]   every head; 255 is `scale`, the largest weight
    uint16   chosen  [n_tokens, n_tokens]    the chosen head; 65535 is `scale`, little-endian

`tile` is `n_tokens`, or less above :data:`MAX_TILE` tokens: then each value is the largest of
`pool` x `pool` weights. One scale serves every head, so that tiles can be compared.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from attention.config import AttentionConfig

#: Above this many tokens a tile of the gallery is pooled; the chosen head never is.
MAX_TILE = 128

#: The keys of the localized strings that the scripts use; `{name}` in a string is filled in.
PICTURE_WORDS = (
    # the split
    "split_title", "split_headline", "split_lead", "split_shape_only", "split_whole",
    "split_cut", "split_parameters", "split_all", "split_alt",
    # every head at once
    "gallery_title", "gallery_hint", "gallery_label", "gallery_option", "gallery_pooled",
    "kv_head", "scale_label",
    # the chosen head
    "head", "heat_hint", "heat_alt", "heat_cell", "heat_masked", "heat_rows",
    # the sentence
    "sentence_title", "sentence_hint", "sentence_label", "sentence_token", "sentence_looks",
    "sentence_looked", "sentence_alt", "sentence_nobody",
    # the cache
    "cache_title", "cache_smaller", "cache_same", "cache_mha", "cache_now", "cache_mqa",
    "cache_per_token", "cache_measured", "cache_alt", "formula_k_and_v", "formula_layers",
    "formula_kv_heads", "formula_head_dim", "formula_tokens", "formula_bytes",
    "real_title", "real_built", "real_regrouped", "real_alt", "byte_units",
)  # fmt: skip


class SceneError(ValueError):
    """A scene whose parts do not fit together."""


@dataclass(frozen=True)
class CacheFigures:
    """The KV cache of the layout on this sentence, in bytes.

    `now_bytes` is what the real cache was measured to hold; it must equal the formula
    `2 * n_layers * n_kv_heads * head_dim * seq_len * number_bytes`.
    """

    n_layers: int
    seq_len: int
    number_bytes: int
    now_bytes: int
    mha_bytes: int
    mqa_bytes: int
    bytes_per_token: int


@dataclass(frozen=True)
class RealModel:
    """A real model's KV cache: as built, and with the visitor's group size.

    `setting` and `note` are localized sentences: context, batch and number format; and what the
    group size does to this model's heads, or why it does not divide them (then the two
    `regrouped` fields are None).
    """

    name: str
    setting: str
    n_heads: int
    n_kv_heads: int
    built_bytes: int
    mha_bytes: int
    regrouped_n_kv_heads: int | None = None
    regrouped_bytes: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Scene:
    """Everything that the picture draws.

    `weights` is float32 [n_heads, n_tokens, n_tokens], rows are queries. `head_short` and
    `head_long` hold a few words a head ("previous 0.83"; "mostly the previous token, 0.83").
    `token` is the chosen query, by default the last one. `split` is the layout that the split
    shows when it is not the trained one ("shape only"). `check` is the localized sentence of the
    check on the real numbers. `words` holds :data:`PICTURE_WORDS` in the language `lang`.
    """

    config: AttentionConfig
    tokens: tuple[str, ...]
    weights: np.ndarray
    layer: int
    head: int
    head_short: tuple[str, ...]
    head_long: tuple[str, ...]
    cache: CacheFigures
    words: Mapping[str, str]
    check: str = ""
    token: int | None = None
    split: AttentionConfig | None = None
    real: RealModel | None = None
    lang: str = "en"


def encode(scene: Scene) -> bytes:
    """The scene in the form that the module's docstring describes.

    Raises:
        SceneError: if shapes, choices, cache figures or words do not fit together.
    """
    _check(scene)
    n_tokens = len(scene.tokens)
    scale = float(scene.weights.max())
    pool = -(-n_tokens // MAX_TILE)
    tiles = _quantise(_pooled(scene.weights, pool), scale, np.uint8)
    chosen = _quantise(scene.weights[scene.head], scale, np.dtype("<u2"))
    tile_bytes = tiles.tobytes()
    header = _header(scene) | {
        "scale": scale,
        "pool": pool,
        "tile": tiles.shape[-1],
        "tiles_id": zlib.crc32(tile_bytes),
    }
    text = json.dumps(header, ensure_ascii=False).encode("utf-8", "replace")
    return b"".join((struct.pack("<I", len(text)), text, tile_bytes, chosen.tobytes()))


def decode(payload: bytes) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """The inverse of :func:`encode`: header, tiles and chosen head as weights again.

    Returns:
        the header, float32 [n_heads, tile, tile], float32 [n_tokens, n_tokens]
    """
    (length,) = struct.unpack_from("<I", payload)
    header = json.loads(payload[4 : 4 + length])
    n_heads, tile, n_tokens = header["shape"]["n_heads"], header["tile"], len(header["tokens"])
    start, size = 4 + length, n_heads * tile * tile
    tiles = np.frombuffer(payload, np.uint8, size, start).reshape(n_heads, tile, tile)
    chosen = np.frombuffer(payload, "<u2", n_tokens * n_tokens, start + size)
    scale = np.float32(header["scale"])
    return (
        header,
        tiles.astype(np.float32) * (scale / np.float32(255)),
        chosen.reshape(n_tokens, n_tokens).astype(np.float32) * (scale / np.float32(65535)),
    )


def _quantise(weights: np.ndarray, scale: float, kind: np.dtype | type) -> np.ndarray:
    steps = np.iinfo(kind).max / scale if scale > 0 else 0.0
    return (weights * np.float32(steps) + np.float32(0.5)).astype(kind)


def _pooled(weights: np.ndarray, pool: int) -> np.ndarray:
    """The largest of each `pool` x `pool` block: [n, t, t] -> [n, ceil(t/pool), ceil(t/pool)]."""
    if pool == 1:
        return weights
    missing = -weights.shape[-1] % pool
    padded = np.pad(weights, ((0, 0), (0, missing), (0, missing)))
    rows = np.maximum.reduce([padded[:, start::pool] for start in range(pool)])  # [n, t/pool, t]
    return np.maximum.reduce([rows[:, :, start::pool] for start in range(pool)])


def _header(scene: Scene) -> dict[str, Any]:
    split = scene.split or scene.config
    return {
        "lang": scene.lang,
        "tokens": scene.tokens,
        "shape": _shape(scene.config),
        "split": _shape(split),
        "shape_only": split.d_model != scene.config.d_model,
        "causal": scene.config.causal,
        "layer": scene.layer,
        "head": scene.head,
        "token": len(scene.tokens) - 1 if scene.token is None else scene.token,
        "short": scene.head_short,
        "long": scene.head_long,
        "check": scene.check,
        "cache": asdict(scene.cache),
        "real": asdict(scene.real) if scene.real else None,
        "words": {key: scene.words[key] for key in PICTURE_WORDS},
    }


def _shape(config: AttentionConfig) -> dict[str, int]:
    names = ("d_model", "n_heads", "n_kv_heads", "head_dim")
    return {name: getattr(config, name) for name in names}


def _check(scene: Scene) -> None:
    n_tokens, n_heads = len(scene.tokens), scene.config.n_heads
    expected = (n_heads, n_tokens, n_tokens)
    if scene.weights.shape != expected:
        raise SceneError(
            f"weights have shape {scene.weights.shape}; {n_heads} heads over {n_tokens} tokens "
            f"need {expected}"
        )
    if n_tokens == 0:
        raise SceneError("a scene needs at least one token")
    _check_range("head", scene.head, n_heads)
    if scene.token is not None:
        _check_range("token", scene.token, n_tokens)
    for name in ("head_short", "head_long"):
        if len(getattr(scene, name)) != n_heads:
            raise SceneError(f"{name} has {len(getattr(scene, name))} entries for {n_heads} heads")
    missing = [key for key in PICTURE_WORDS if key not in scene.words]
    if missing:
        raise SceneError(f"words lack {', '.join(missing)}")
    _check_cache(scene)


def _check_range(name: str, value: int, count: int) -> None:
    if not 0 <= value < count:
        raise SceneError(f"{name} {value} is outside 0 to {count - 1}")


def _check_cache(scene: Scene) -> None:
    cache, config = scene.cache, scene.config
    formula = (
        2 * cache.n_layers * config.n_kv_heads * config.head_dim * cache.seq_len
        * cache.number_bytes
    )  # fmt: skip
    if cache.now_bytes != formula:
        raise SceneError(f"the cache holds {cache.now_bytes} bytes; the formula gives {formula}")
