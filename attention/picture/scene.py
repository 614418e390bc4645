"""What the attention picture draws: plain data, and the check that its parts fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from attention.errors import HeadcountError
from attention.kv.equal_layers import cache_bytes
from attention.picture.words import PICTURE_WORDS

if TYPE_CHECKING:
    from attention.config import AttentionConfig
    from attention.models.look import JoinedHeads
    from attention.models.patches import Patches

#: Above this many tokens a tile of the gallery is pooled.
MAX_TILE = 128
#: What the map of the model can be coloured by.
MEASURES = ("entropy", "distance", "first", "previous")

Values = Sequence[Sequence[float | None]]


class SceneError(HeadcountError):
    """A scene whose parts do not fit together."""


@dataclass(frozen=True)
class CacheFigures:
    """The KV cache of the model on this text, in bytes.

    `now_bytes` is what the real cache was measured to hold. Where every layer keeps every token it
    must equal `2 * n_layers * n_kv_heads * head_dim * seq_len * number_bytes`, which is drawn
    factor by factor. Where layers differ (sliding windows), `formula` is the localized text that is
    drawn instead, and there is nothing to check here. `seq_len` counts tokens, also where several
    are shown as one readable piece. Without `measured`, `now_bytes` is computed, and said to be.
    """

    n_layers: int
    seq_len: int
    number_bytes: int
    now_bytes: int
    mha_bytes: int
    mqa_bytes: int
    bytes_per_token: int
    formula: str = ""
    measured: bool = True


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
class ModelMap:
    """What every head of the model did with this text: a value a layer and head, by measure.

    Each field is `[n_layers][n_heads of that layer]`; None where the text gives no occasion.
    `entropy` is :func:`attention.probes.spread` (1 is even weights), `distance` the mean distance
    in tokens between a query and the keys that it weighs, `first` and `previous` the mean weights
    on the first and on the previous token.
    """

    entropy: Values
    distance: Values
    first: Values
    previous: Values
    roles: Sequence[Sequence[str]] = ()  # each head's role in a word; none where not measured yet
    # Of a model with blocks without attention every block: the layer, or in words what it is.
    rows: Sequence[int | str] = ()


@dataclass(frozen=True)
class Scene:
    """Everything that the picture draws, of one layer.

    `tokens` are the readable pieces, one a row; `counts` says how many tokens each stands for (all
    one, where it is None); `goes_on` has those that go on with the word before them; from
    `generated` on the model wrote them itself (None: it wrote none). `tiles` is float32
    [n_heads, tile, tile], rows are queries; each value is the largest of `pool` x `pool` weights,
    so `tile` is `len(tokens) / pool`, rounded up. :func:`scene_weights` makes both. `chosen` is the
    head `head` in full, float32
    [n_tokens, n_tokens], or pooled by `chosen_pool`; None where every head is read from its tile.

    `head_role` is each head's key in `glossary`, which gives every term's word and sentence.
    `head_short`, `head_long`, `head_here` and `head_about` are what :mod:`attention.picture.heads`
    says of it: a few words, a line, its end, and the figure on held-out text. `token` is the chosen
    query, by default the last one; `also` are others that are chosen beside it. `cache` is None for
    a model that keeps none (an encoder).
    `split` is the layout that the split shows when it is not the model's own ("shape only"); the
    cache is then that layout's, computed. `check` is the localized sentence of the check on the
    real numbers, with places for the chosen `head` and the `first` and `last` of its columns of
    W_Q. `joined` is what becomes of the chosen token.
    `model_map` adds the map of the model, coloured by `measure` first. `part` is the one that the
    presenter's view shows, by its name in ``present.js``; None is the whole picture. `off` are the
    layer's heads that are switched off, and `cache_note` says what that does to the cache. `words`
    holds :data:`PICTURE_WORDS` in the language `lang`. `keys` are the pieces along the columns
    where those are another text's (cross-attention), `keys_go_on` as `goes_on`; tiles and `chosen`
    are then made square by :func:`squared`. `patches` is the picture whose patches the tokens are.
    """

    config: AttentionConfig
    tokens: tuple[str, ...]
    tiles: np.ndarray
    pool: int
    chosen: np.ndarray | None
    layer: int
    head: int
    head_short: tuple[str, ...]
    head_long: tuple[str, ...]
    cache: CacheFigures | None
    words: Mapping[str, str]
    chosen_pool: int = 1
    check: str = ""
    token: int | None = None
    also: tuple[int, ...] = ()
    counts: tuple[int, ...] | None = None
    goes_on: tuple[int, ...] = ()
    generated: int | None = None
    split: AttentionConfig | None = None
    real: RealModel | None = None
    model_map: ModelMap | None = None
    joined: JoinedHeads | None = None
    measure: str = MEASURES[0]  # that the map is coloured by first
    part: str | None = None
    off: tuple[int, ...] = ()
    cache_note: str = ""
    lang: str = "en"
    head_role: tuple[str, ...] = ()
    head_here: tuple[str, ...] = ()
    head_about: tuple[str, ...] = ()
    glossary: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    patches: Patches | None = None
    keys: tuple[str, ...] | None = None
    keys_go_on: tuple[int, ...] = ()


def scene_weights(weights: np.ndarray, side: int = MAX_TILE) -> tuple[np.ndarray, int]:
    """The tiles of a layer, each at most `side` values wide, and how much they are pooled.

    Args:
        weights: float32 [n_heads, n_tokens, n_tokens].

    Returns:
        float32 [n_heads, tile, tile], each value the largest of `pool` x `pool` weights; `pool`.
    """
    pool = max(1, -(-weights.shape[-1] // side))
    if pool == 1:
        return weights, 1
    missing = -weights.shape[-1] % pool
    padded = np.pad(weights, ((0, 0), (0, missing), (0, missing)))
    rows = np.maximum.reduce([padded[:, start::pool] for start in range(pool)])  # [n, t/pool, t]
    return np.maximum.reduce([rows[:, :, start::pool] for start in range(pool)]), pool


def squared(weights: np.ndarray) -> np.ndarray:
    """`[..., rows, columns]` with 0 below, or to the right, up to the longer side."""
    rows, columns = weights.shape[-2:]
    side = max(rows, columns)
    none = [(0, 0)] * (weights.ndim - 2)
    return np.pad(weights, [*none, (0, side - rows), (0, side - columns)])


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
