"""The caches of the page Explore. Each is bounded, and nothing that they return may be changed."""

import importlib
import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.explore.examples import Example, load_examples, token_of_word
from app.explore.offer import TRAINED, Family, Known, ModelFacts, name_of
from app.explore.settings import DEFAULT_HEADS, DEFAULT_KV_HEADS, Settings
from app.i18n import Words, languages, load_words
from app.jobs import OnWait, Passes
from attention.assets import asset
from attention.models.base import Model
from attention.models.look import Look, Reading

if TYPE_CHECKING:
    from app.explore.language import LanguageModels
    from app.explore.models import Models
    from app.explore.shelf import Shelf
    from app.fetching import Fetches
    from attention.trace import AttentionTrace

LAYOUTS = asset("layouts")
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
def models() -> "LanguageModels":
    """The language models that all visitors share. Loads torch."""
    module = importlib.import_module("app.explore.language")
    return module.LanguageModels(Passes(PASSES_BYTES), _known(), _probe())


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


def read(settings: Settings, text: str, on_wait: OnWait) -> Reading:
    """A text as the tokenizer of the model sees it."""
    asked, name = _asked(settings)
    return asked.read(name, text, on_wait)


def look(
    settings: Settings,
    reading: Reading,
    layer: int,
    head: int,
    example: Example | None,
    on_wait: OnWait,
) -> Look:
    """What the model did with a text.

    Args:
        layer, head: shown first; of a long text only these may be there in full.
        example: whose dependencies the agreement score is taken on.
    """
    asked, name = _asked(settings)
    pairs = _pairs(example, reading.tokens) if settings.trained else None
    return asked.look(
        name, reading, layer, head, settings.raw, on_wait, causal=settings.causal, pairs=pairs
    )


def split_error(settings: Settings, look: Look, layer: int, on_wait: OnWait) -> float | None:
    """The check of the split, on this look or once on an example."""
    asked, name = _asked(settings)
    return asked.split_error(name, look, layer, _probe(), on_wait)


def row(
    settings: Settings, reading: Reading, layer: int, token: int, on_wait: OnWait
) -> "AttentionTrace":
    """Every intermediate of one query in a layer."""
    asked, name = _asked(settings)
    return asked.row(name, reading, layer, token, on_wait, causal=settings.causal)


def model(settings: Settings, on_wait: OnWait) -> Model:
    """The model that is shown."""
    asked, name = _asked(settings)
    return asked.model(name, on_wait)


def _asked(settings: Settings) -> tuple["Models", str]:
    """Who is asked, and for which model: of the layouts the visitor chooses one by its numbers."""
    if settings.trained:
        return _shelf(), name_of(*settings.layout)
    return models(), settings.model


@st.cache_resource(max_entries=1, show_spinner=False)
def _shelf() -> "Shelf":
    # Not at the top: importing torch takes seconds, and the first picture needs none of it.
    shelf = importlib.import_module("app.explore.shelf").Shelf()
    shelf.fill((DEFAULT_HEADS, DEFAULT_KV_HEADS))
    return shelf


def _probe() -> str:
    return next(example.text for example in examples() if example.name == PROBE)


def _pairs(example: Example | None, tokens: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """An example's dependencies as positions of tokens."""
    if example is None:
        return ()
    place = {
        word: token_of_word(list(tokens), example.text, word)
        for pair in example.dependencies
        for word in pair
    }
    return tuple((place[later], place[earlier]) for later, earlier in example.dependencies)
