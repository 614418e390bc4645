"""The caches of the page Explore. Each is bounded, and nothing that they return may be changed."""

import importlib
import json
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.explore.examples import Example, load_examples, token_of_word
from app.explore.look import Look, Reading
from app.explore.offer import TRAINED, Family, Known, ModelFacts
from app.explore.settings import DEFAULT_HEADS, DEFAULT_KV_HEADS, Settings
from app.i18n import ROOT, Words, languages, load_words
from app.jobs import Passes

if TYPE_CHECKING:
    from app.explore.language import Models
    from app.fetching import Fetches

LAYOUTS = ROOT / "assets" / "layouts"
PASSES_BYTES = 512 * 2**20  # of results that are kept for the language models
PROBE = "copied"  # the example on which a model's telling heads are taken: its words come again
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


@st.cache_resource(max_entries=1, show_spinner=False)
def models() -> "Models":
    """The language models that all visitors share. Loads torch."""
    probe = next(example.text for example in examples() if example.name == PROBE)
    return importlib.import_module("app.explore.language").Models(
        Passes(PASSES_BYTES), _known(), probe
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def _known() -> Known:
    return Known()


@st.cache_resource(max_entries=1, show_spinner=False)
def fetches() -> "Fetches":
    """The downloads that are under way."""

    def from_hub(name: str) -> object:
        return importlib.import_module("attention.models.store.hub").download(name)

    return importlib.import_module("app.fetching").Fetches(from_hub)


def facts(model: str) -> ModelFacts | None:
    """What is known of a language model; None where it was not loaded, and for the family."""
    return None if model == TRAINED else _known().get(model)


def read(model: str, text: str, on_wait: Callable[[int], None]) -> Reading:
    """A text as the tokenizer of a model (or of the trained family) sees it."""
    return _read(text) if model == TRAINED else models().read(model, text, on_wait)


def look(reading: Reading, settings: Settings, pairs: tuple[tuple[int, int], ...] = ()) -> Look:
    """One layer of a layout on a text.

    Args:
        pairs: for the agreement score, see :func:`app.explore.engine.short_layer`.
    """
    layout, causal, layer = settings.layout, settings.causal, settings.layer
    model, units = _shelf().get(*layout), reading.merged(settings.raw)
    which = (reading.ids, layout, causal, layer)
    if len(reading.ids) <= _engine().SHORT_TOKENS:
        found = _short(*which, pairs, units is None, units)
    else:
        found = _long(*which, units is None, settings.head, units)
    return Look(
        config=replace(model.config, causal=causal),
        n_layers=model.n_layers,
        tiles=found.tiles,
        pool=found.pool,
        chosen=found.weights(settings.head),
        chosen_pool=1,
        heads=found.heads,
        cache=found.cache,
        split_error=found.split_error,
        device=model.device,
        number_format=str(model.decoder.embedding.weight.dtype).removeprefix("torch."),
        weights=lambda: found.weights(settings.head),
        trace=found.trace,
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _read(text: str) -> Reading:
    return _shelf().read(text)


@st.cache_resource(max_entries=8, show_spinner=False)
def _short(
    ids: tuple[int, ...],
    layout: tuple[int, int],
    causal: bool,
    layer: int,
    pairs: tuple[tuple[int, int], ...],
    raw: bool,
    _units: Any,  # follows from ids and raw
) -> Any:
    passed = _run(ids, layout, causal)
    return _engine().short_layer(_shelf().get(*layout), passed, layer, ids, pairs, _units)


@st.cache_resource(max_entries=4, show_spinner=False)
def _long(
    ids: tuple[int, ...],
    layout: tuple[int, int],
    causal: bool,
    layer: int,
    raw: bool,
    _head: int,  # the one that is computed on the way
    _units: Any,
) -> Any:
    return _engine().long_layer(_shelf().get(*layout), layer, _head, ids, causal, _units)


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
    return importlib.import_module("app.explore.engine")


def token_pairs(example: Example | None, tokens: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """An example's dependencies as positions of what is shown."""
    if example is None:
        return ()
    place = {
        word: token_of_word(list(tokens), example.text, word)
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
