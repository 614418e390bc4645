"""Who has each model: what all visitors share. No visitor may change anything of it."""

import importlib
from typing import TYPE_CHECKING

import streamlit as st

from app.explore import layouts
from app.explore.examples import load_examples
from app.explore.offer import Known, ModelFacts
from app.jobs import OnWait, Passes
from attention.models.base import Model

if TYPE_CHECKING:
    from app.explore.language import LanguageModels
    from app.explore.shelf import Shelf
    from app.fetching import Fetches

PASSES_BYTES = 512 * 2**20  # of results that are kept for the language models
PROBE = "copied"  # the example on which a model's telling heads are taken: its words come again


@st.cache_resource(max_entries=1, show_spinner=False)
def models() -> "LanguageModels":
    """The language models that all visitors share. Loads torch."""
    module = importlib.import_module("app.explore.language")
    return module.LanguageModels(Passes(PASSES_BYTES), _known(), probe())


@st.cache_resource(max_entries=1, show_spinner=False)
def fetches() -> "Fetches":
    """The downloads that are under way."""

    def from_hub(name: str) -> object:
        return importlib.import_module("attention.models.store.hub").download(name)

    return importlib.import_module("app.fetching").Fetches(from_hub)


def facts(model: str) -> ModelFacts | None:
    """What is known of a language model; None where it was not loaded."""
    return _known().get(model)


def model(facts: ModelFacts, on_wait: OnWait) -> Model:
    """The model that is shown; of one with two towers that for pictures."""
    model: Model = asked(facts).model(facts.name, on_wait)
    return model.vision or model if facts.sees else model


def asked(facts: ModelFacts) -> "Shelf | LanguageModels":
    """Who has the model. Layouts lie on a shelf, and whoever asks them need not queue."""
    if facts.layouts:
        return _shelf()
    return models().of(facts.part, facts.given) if facts.reads_target else models()


def probe() -> str:
    """A text on which every model is tried."""
    return next(example.text for example in load_examples() if example.name == PROBE)


@st.cache_resource(max_entries=1, show_spinner=False)
def _known() -> Known:
    return Known()


@st.cache_resource(max_entries=1, show_spinner=False)
def _shelf() -> "Shelf":
    # Not at the top: importing torch takes seconds, and the first picture needs none of it.
    shelf = importlib.import_module("app.explore.shelf").Shelf()
    shelf.fill(layouts.family().usual)
    return shelf
