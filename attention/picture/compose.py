"""From what a model showed of a text to the scenes that the picture draws."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attention.kv.equal_layers import cache_bytes
from attention.picture.scene import CacheFigures, ModelMap, Scene
from attention.picture.words import TERMS
from attention.words import Words

if TYPE_CHECKING:
    from attention.models.look import Look, Reading
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
    **more: Any,
) -> Scene:
    """One layer; a head is read from its tile, unless ``chosen`` is among ``more``.

    Args:
        raw: tokens are shown, and no merged pieces.
        roles: of every head of the model; None where they are not measured yet.
        link: the role that the text's known dependencies show.
        uneven: key of what stands for the cache's product where layers do not keep the same.
        more: fields of the scene beside those of model and text.
    """
    here, units = look.layers[layer], reading.merged(raw)
    said = importlib.import_module("attention.picture.heads")  # with torch, unlike this module
    places = said.places_of(look, reading, raw)
    heads = [
        said.told_of(scores, places, roles[layer][i] if roles else None, words, link)
        for i, scores in enumerate(here.scores)
    ]
    scene = Scene(
        config=look.configs[layer],
        tokens=reading.shown(raw),
        counts=None if units is None else units.counts,
        tiles=here.tiles,
        pool=here.pool,
        chosen=None,
        layer=layer,
        head=head,
        head_role=tuple(each.role for each in heads),
        head_short=tuple(each.short for each in heads),
        head_long=tuple(each.long for each in heads),
        head_here=tuple(each.here for each in heads),
        head_about=tuple(each.about for each in heads),
        cache=_cache_figures(look, layer, len(reading.ids), words, uneven),
        words=words.section("picture"),
        glossary={term: words.term(term) for term in TERMS},
        lang=words.lang,
    )
    return replace(scene, **more)


def map_of(look: Look, roles: Roles | None, words: Words) -> ModelMap:
    """What every head of every layer did, and is."""
    return ModelMap(
        entropy=look.values("spread"),
        distance=look.values("distance"),
        first=look.values("first"),
        previous=look.values("previous"),
        roles=[[words(f"role.{head.name}.short") for head in layer] for layer in roles or ()],
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
    if product != cache.now:
        formula = words(uneven, n=n_layers, bytes=f"{cache.formula:,}")
    return CacheFigures(
        n_layers=n_layers,
        seq_len=n_tokens,
        number_bytes=cache.number_bytes,
        now_bytes=cache.now,
        mha_bytes=cache.mha,
        mqa_bytes=cache.mqa,
        bytes_per_token=cache.now // n_tokens,
        formula=formula,
        measured=cache.measured is not None,
    )
