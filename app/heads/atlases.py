"""The atlases of the page, one queue for the layouts and one for the language models."""

import importlib
from typing import TYPE_CHECKING

import streamlit as st

from app.explore import compute
from app.explore.offer import ModelFacts

if TYPE_CHECKING:
    from app.explore.language import LanguageModels
    from app.explore.shelf import Shelf
    from app.heads.measuring import Atlases
    from attention.models.base import Model


def of(facts: ModelFacts) -> "Atlases":
    """Those of models of its kind."""
    return _atlases(bool(facts.layouts), compute.asked(facts))


@st.cache_resource(max_entries=1, show_spinner=False, scope="session")
def visitor() -> object:
    """Stands for whoever looks at the page."""
    return object()


@st.cache_resource(max_entries=2, show_spinner=False)
def _atlases(layouts: bool, _models: "Shelf | LanguageModels") -> "Atlases":
    # Not at the top: torch is loaded with it.
    module = importlib.import_module("app.heads.measuring")

    def model_of(name: str) -> "Model":
        return _models.model(name, _nobody_waits)

    if layouts:
        return module.Atlases(model_of)
    language = importlib.import_module("app.explore.language")
    return module.Atlases(model_of, _models.store, language.THREADS)


def _nobody_waits(ahead: int) -> None:
    """A measurement is asked how far it is; it tells nobody by itself."""
