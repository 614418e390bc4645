"""The only caches of the page. Each is bounded, and nothing that they return may be changed."""

import importlib
import json
from types import ModuleType
from typing import Any

import streamlit as st

from app.address import DEFAULT_HEADS, DEFAULT_KV_HEADS, Family
from app.examples import Example, load_examples, token_of_word
from app.i18n import ROOT, Words, languages, load_words
from app.look import Look, Reading

LAYOUTS = ROOT / "assets" / "layouts"
Card = dict[str, Any]


@st.cache_resource(max_entries=8, show_spinner=False)
def words(lang: str) -> Words:
    return load_words(lang)


@st.cache_resource(max_entries=1, show_spinner=False)
def examples() -> tuple[Example, ...]:
    return load_examples()


@st.cache_resource(max_entries=1, show_spinner=False)
def cards() -> dict[tuple[int, int], Card]:
    """The card of every layout on disk, by ``(n_heads, n_kv_heads)``."""
    found = [path for path in LAYOUTS.glob("*.json") if path.with_suffix(".safetensors").exists()]
    read = (json.loads(path.read_text(encoding="utf-8")) for path in found)
    return {(card["n_heads"], card["n_kv_heads"]): card for card in read}


@st.cache_resource(max_entries=1, show_spinner=False)
def family() -> Family:
    first = next(iter(cards().values()))
    return Family(
        layouts=tuple(sorted(cards())),
        n_layers=first["n_layers"],
        d_model=first["d_model"],
        languages=languages(),
        default_text=examples()[0].text,
        default_layer=examples()[0].layer,
    )


@st.cache_data(max_entries=64, show_spinner=False)
def read(text: str) -> Reading:
    return _shelf().read(text)


@st.cache_resource(max_entries=8, show_spinner=False)
def look(
    ids: tuple[int, ...],
    layout: tuple[int, int],
    causal: bool,
    layer: int,
    pairs: tuple[tuple[int, int], ...] = (),
) -> Look:
    """One layer of a layout on a text; pairs: see :func:`app.engine.make_look`."""
    passed, cache_bytes = _run(ids, layout, causal)
    model = _shelf().get(*layout)
    return _engine().make_look(model, passed.layers[layer], cache_bytes, layer, ids, pairs)


@st.cache_resource(max_entries=4, show_spinner=False)
def _run(ids: tuple[int, ...], layout: tuple[int, int], causal: bool) -> tuple[Any, int]:
    return _engine().run(_shelf().get(*layout), ids, causal=causal)


@st.cache_resource(max_entries=1, show_spinner=False)
def _shelf() -> Any:
    shelf = _engine().Shelf()
    wanted = (DEFAULT_HEADS, DEFAULT_KV_HEADS)
    shelf.get(*(wanted if wanted in shelf.layouts else shelf.layouts[0]))
    shelf.fill()
    return shelf


def _engine() -> ModuleType:
    # Not at the top: importing torch takes seconds, and the first picture needs none of it.
    return importlib.import_module("app.engine")


def token_pairs(example: Example | None, reading: Reading) -> tuple[tuple[int, int], ...]:
    """An example's dependencies as token positions."""
    if example is None:
        return ()
    tokens = list(reading.tokens)
    place = {
        word: token_of_word(tokens, example.text, word)
        for pair in example.dependencies
        for word in pair
    }
    return tuple((place[later], place[earlier]) for later, earlier in example.dependencies)


def telling_head(layout: tuple[int, int], layer: int, example: Example | None) -> int:
    """The head that shows most of what the example is for, by the layout's card.

    Without an example, or in another layer: most of what came by itself in layer 1 (induction), or
    of what layer 0 began with.
    """
    shows = "previous" if layer == 0 else "induction"
    if example is not None and example.layer == layer:
        shows = example.shows
    values = [head[shows] for head in cards()[layout]["heads"][layer]]
    return max(range(len(values)), key=values.__getitem__)
