"""Whether the parts of a scene fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attention.errors import HeadcountError
from attention.kv.equal_layers import cache_bytes
from attention.picture.scene import MEASURES
from attention.picture.words import PICTURE_WORDS

if TYPE_CHECKING:
    import numpy as np

    from attention.picture.scene import Scene


class SceneError(HeadcountError):
    """A scene whose parts do not fit together."""


def check_scene(scene: Scene) -> None:
    """Raises:
    SceneError: shapes, choices, cache figures, map or words do not fit together.
    """
    n_tokens, n_heads = len(scene.tokens), scene.config.n_heads
    if n_tokens == 0:
        raise SceneError("a scene needs at least one token")
    longer = max(n_tokens, len(scene.keys or ()))
    _check_shape("tiles", scene.tiles, (n_heads,), scene.pool, longer)
    if scene.chosen is not None:
        _check_shape("chosen", scene.chosen, (), scene.chosen_pool, longer)
    _check_range("head", scene.head, n_heads)
    for head in scene.off:
        _check_range("head", head, n_heads)
    if scene.token is not None:
        _check_range("token", scene.token, n_tokens)
    for token in scene.also:
        _check_range("token", token, n_tokens)
    if scene.generated is not None:
        _check_range("generated", scene.generated, n_tokens)
    for name in ("head_short", "head_long"):
        _check_count(name, len(getattr(scene, name)), n_heads, "heads")
    if scene.counts is not None:
        _check_count("counts", len(scene.counts), n_tokens, "tokens")
    missing = [key for key in PICTURE_WORDS if key not in scene.words]
    if missing:
        raise SceneError(f"words lack {', '.join(missing)}")
    if scene.patches is not None:
        _check_count("patches", len(scene.patches.labels), n_tokens, "tokens")
    if scene.joined is not None:
        _check_count("contexts", len(scene.joined.contexts), n_heads, "heads")
        _check_count("output", len(scene.joined.output), scene.config.d_model, "numbers")
    _check_cache(scene)
    _check_map(scene)


def _check_shape(
    name: str, values: np.ndarray, heads: tuple[int, ...], pool: int, n_tokens: int
) -> None:
    side = -(-n_tokens // pool)
    expected = (*heads, side, side)
    if values.shape != expected:
        raise SceneError(
            f"{name} have shape {values.shape}; {n_tokens} tokens pooled by {pool} need {expected}"
        )


def _check_count(name: str, count: int, expected: int, what: str) -> None:
    if count != expected:
        raise SceneError(f"{name} has {count} entries for {expected} {what}")


def _check_range(name: str, value: int, count: int) -> None:
    if not 0 <= value < count:
        raise SceneError(f"{name} {value} is outside 0 to {count - 1}")


def _check_cache(scene: Scene) -> None:
    cache, config = scene.cache, scene.split or scene.config
    if cache is None or cache.formula:
        return
    formula = cache_bytes(
        n_layers=cache.n_layers,
        n_kv_heads=config.n_kv_heads,
        head_dim=config.head_dim,
        tokens=cache.seq_len,
        number_bytes=cache.number_bytes,
    )
    if cache.now_bytes != formula:
        raise SceneError(f"the cache holds {cache.now_bytes} bytes; the formula gives {formula}")


def _check_map(scene: Scene) -> None:
    if scene.model_map is None:
        return
    shapes = {name: [len(row) for row in getattr(scene.model_map, name)] for name in MEASURES}
    heads = shapes["entropy"]
    for name, shape in shapes.items():
        if shape != heads:
            raise SceneError(f"the map's {name} has heads {shape} a layer, its entropy {heads}")
    _check_range("layer", scene.layer, len(heads))
    layers = [row for row in scene.model_map.rows if isinstance(row, int)]
    if scene.model_map.rows and layers != list(range(len(heads))):
        raise SceneError(f"the map's rows have the layers {layers} of {len(heads)}")
    if heads[scene.layer] != scene.config.n_heads:
        raise SceneError(
            f"the map has {heads[scene.layer]} heads in layer {scene.layer}; "
            f"the scene has {scene.config.n_heads}"
        )
