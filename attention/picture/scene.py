"""What the attention picture draws: plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from attention.config import AttentionConfig
    from attention.models.look import JoinedHeads
    from attention.models.patches import Patches

#: What the map of the model can be coloured by.
MEASURES = ("entropy", "distance", "first", "previous")

Values = Sequence[Sequence[float | None]]


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
    so `tile` is `len(tokens) / pool`, rounded up (:mod:`attention.picture.tiles` makes both).
    `chosen` is the head `head` in full, float32 [n_tokens, n_tokens], or pooled by `chosen_pool`;
    None where every head is read from its tile.

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
    holds :data:`attention.picture.words.PICTURE_WORDS` in the language `lang`. `keys` are the
    pieces along the columns where those are another text's (cross-attention), `keys_go_on` as
    `goes_on`; tiles and `chosen` are then made square by :func:`attention.picture.tiles.squared`.
    `patches` is the picture whose patches the tokens are.
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
