"""From what a model showed of a text to the scenes that the picture draws."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attention.amounts import in_units
from attention.kv.equal_layers import cache_bytes
from attention.picture.blocks import rows_of
from attention.picture.consistency import SceneError, check_scene
from attention.picture.scene import CacheFigures, ModelMap, Scene
from attention.picture.tiles import squared
from attention.picture.words import TERMS, words_for
from attention.words import Words

if TYPE_CHECKING:
    import numpy as np

    from attention.config import AttentionConfig
    from attention.models.base import Model
    from attention.models.look import JoinedHeads, Look, Reading
    from attention.models.roles import Roles


def scene_of(
    look: Look,
    reading: Reading,
    layer: int,
    head: int,
    words: Words,
    *,
    raw: bool = False,
    roles: Roles | None = None,
    link: str = "subject",
    uneven: str = "check.cache",
    split: AttentionConfig | None = None,
    **more: Any,
) -> Scene:
    """One layer; a head is read from its tile, unless ``chosen`` is among ``more``.

    Args:
        raw: tokens are shown, and no merged pieces.
        roles: of every head of the model; None where they are not measured yet.
        link: the role that the text's known dependencies show.
        uneven: key of what stands for the cache's product where layers do not keep the same.
        split: the layout that is drawn instead of the model's own, and whose cache is computed.
        more: fields of the scene beside those of model and text.
    """
    words = words_for(reading, words)
    here, units = look.layers[layer], reading.merged(raw)
    kept = reading if reading.over is None else reading.over  # whose keys and values are cached
    cache = _cache_figures(look, layer, len(kept.ids), words, uneven)
    if cache is not None and split is not None and split != look.configs[layer]:
        cache = _computed(cache, split)
    said = importlib.import_module("attention.picture.heads")  # with torch, unlike this module
    places = said.places_of(look, reading, raw)
    called = {"agreement": link} if reading.patches is None else reading.patches.roles
    heads = [
        said.told_of(scores, places, roles[layer][i] if roles else None, words, called)
        for i, scores in enumerate(here.scores)
    ]
    scene = Scene(
        config=look.configs[layer],
        tokens=reading.shown(raw),
        counts=None if units is None else units.counts,
        goes_on=reading.goes_on(raw),
        keys=None if reading.over is None else reading.over.tokens,
        keys_go_on=() if reading.over is None else reading.over.goes_on(raw=True),
        generated=reading.generated(raw),
        tiles=squared(here.tiles),
        pool=here.pool,
        chosen=None,
        layer=layer,
        head=head,
        head_role=tuple(each.role for each in heads),
        head_short=tuple(each.short for each in heads),
        head_long=tuple(each.long for each in heads),
        head_here=tuple(each.here for each in heads),
        head_about=tuple(each.about for each in heads),
        cache=cache,
        off=tuple(sorted(look.off.within(layer))),
        cache_note=_cache_note(look, reading, layer, words) if cache else "",
        split=split,
        words=words.section("picture"),
        patches=reading.patches,
        glossary={term: words.term(term) for term in TERMS},
        lang=words.lang,
    )
    if more.get("chosen") is not None:
        more["chosen"] = squared(more["chosen"])
    return replace(scene, **more)


def opened_scene(
    model: Model,
    reading: Reading,
    look: Look,
    words: Words,
    *,
    layer: int,
    head: int,
    token: int | None = None,
) -> Scene:
    """One layer and head of a look at a text, exact where the look kept what that takes.

    Raises:
        SceneError: there is no such layer, head or token.
    """
    if not 0 <= layer < len(look.configs):
        raise SceneError(f"layer {layer} is outside 0 to {len(look.configs) - 1}")
    here = (layer, head) == (look.layer, look.head)
    chosen = look.chosen if here else _exact(look, layer, head)
    token = reading.opening(raw=False) if token is None else token
    joined = []
    if 0 <= token < len(reading.shown(raw=False)):
        joined = joined_of(model, look, layer, [reading.followed(token, raw=False)])
    scene = scene_of(
        look,
        reading,
        layer,
        head,
        words,
        roles=model.roles(),
        uneven="saved.cache",
        token=token,
        joined=joined[0] if joined else None,
        chosen=chosen,
        chosen_pool=look.chosen_pool if here else 1,
        model_map=map_of(look, reading, model.roles(), words),
    )
    check_scene(scene)
    return scene


def _exact(look: Look, layer: int, head: int) -> np.ndarray | None:
    """None where there is no such head, which the scene's check says."""
    return look.weights(layer, head) if 0 <= head < look.configs[layer].n_heads else None


def joined_of(model: Model, look: Look, layer: int, tokens: Sequence[int]) -> list[JoinedHeads]:
    """What becomes of some tokens, in the order of the text; none where too little was kept."""
    return look.kept[layer].joined(tokens, model.w_o(layer)) if look.kept else []


def map_of(look: Look, reading: Reading, roles: Roles | None, words: Words) -> ModelMap:
    """What every head of every layer did, and is. Of a picture the place before is the patch on the
    left, and tokens have no distance."""
    distance, first, previous = "distance", "first", "previous"
    if reading.patches is not None:
        distance, previous = "", "agreement"
        first = first if first in reading.patches.roles else ""
    return ModelMap(
        entropy=look.values("spread"),
        distance=look.values(distance),
        first=look.values(first),
        previous=look.values(previous),
        roles=[[words(f"role.{head.name}.short") for head in layer] for layer in roles or ()],
        rows=rows_of(look.blocks, words),
    )


def _cache_figures(
    look: Look, layer: int, n_tokens: int, words: Words, uneven: str
) -> CacheFigures | None:
    """Factor by factor only where this layer's shape gives the sum over all layers."""
    cache, config, n_layers = look.cache, look.configs[layer], len(look.configs)
    if cache is None:
        return None
    product = cache_bytes(
        n_kv_heads=config.n_kv_heads,
        head_dim=config.head_dim,
        tokens=n_tokens,
        n_layers=n_layers,
        number_bytes=cache.number_bytes,
    )
    formula = ""
    if cache.state:
        kv, state = words.number(cache.formula - cache.state), words.number(cache.state)
        formula = words("block.cache", n=n_layers, kv=kv, state=state)
    elif product != cache.now:
        formula = words(uneven, n=n_layers, bytes=words.number(cache.formula))
    return CacheFigures(
        n_layers=n_layers,
        seq_len=n_tokens,
        number_bytes=cache.number_bytes,
        now_bytes=cache.now,
        mha_bytes=cache.mha,
        mqa_bytes=cache.mqa,
        bytes_per_token=(cache.now - cache.state) // n_tokens,
        formula=formula,
        measured=cache.measured is not None,
    )


def _cache_note(look: Look, reading: Reading, layer: int, words: Words) -> str:
    """The decoder's other cache, and what heads that are off save."""
    notes = (beside_note(look, reading, words), _off_note(look, layer, words))
    return " ".join(filter(None, notes))


def beside_note(look: Look, reading: Reading, words: Words) -> str:
    """The other cache of a decoder, which grows where this one does not, or the other way round;
    "" of a model that has one."""
    if look.beside is None:
        return ""
    units = words.section("picture")["byte_units"].split()
    size = in_units(look.beside.now, units, digits=words.digits)
    key = "pair.beside_cross" if reading.over is None else "pair.beside_decoder"
    return words(key, bytes=size)


def _off_note(look: Look, layer: int, words: Words) -> str:
    """What heads that are off save in the layer's cache: a KV head's bytes go with the last of its
    query heads, and not before."""
    off, config = look.off.within(layer), look.configs[layer]
    if not off:
        return ""
    kv_heads = sorted({config.kv_head_of(head) for head in off})
    asked = {config.kv_head_of(head) for head in set(range(config.n_heads)) - off}
    idle = [kv for kv in kv_heads if kv not in asked]
    said = [words.count("off.idle", len(idle), kv=", ".join(map(str, idle)))] if idle else []
    kept = [kv for kv in kv_heads if kv in asked]
    if kept:
        said.append(words.count("off.kept", len(kept), kv=", ".join(map(str, kept))))
    return " ".join(said)


def _computed(cache: CacheFigures, split: AttentionConfig) -> CacheFigures:
    """The same text in the same number of layers of another shape: nothing of it was measured."""

    def with_kv_heads(n_kv_heads: int, tokens: int = cache.seq_len) -> int:
        size = cache_bytes(
            n_kv_heads=n_kv_heads,
            head_dim=split.head_dim,
            tokens=tokens,
            n_layers=cache.n_layers,
            number_bytes=cache.number_bytes,
        )
        return int(size)

    return replace(
        cache,
        now_bytes=with_kv_heads(split.n_kv_heads),
        mha_bytes=with_kv_heads(split.n_heads),
        mqa_bytes=with_kv_heads(1),
        bytes_per_token=with_kv_heads(split.n_kv_heads, tokens=1),
        measured=False,
    )
