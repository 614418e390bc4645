"""The controls of what stands beside the chosen head: its model, layer and head."""

import streamlit as st

from app.explore import layouts
from app.explore.beside import ANY_LAYER, layout_of, offered
from app.explore.keys import Keys
from app.explore.offer import OTHER, ModelFacts
from app.explore.settings import Settings
from app.explore.shown import Shown
from app.session import Session
from attention.models.beside import LIKE
from attention.models.store.names import NAMED
from attention.models.store.twins import base_of


def choose_model(shown: Shown, session: Session[Settings], name: str) -> None:
    """The model beside; ``name`` as the address has it."""
    words, family = shown.words, layouts.family()
    options = offered(shown.facts, family)

    def called(option: str) -> str:
        if option in NAMED:
            return NAMED[option].title
        layout = layout_of(option, family)
        return "/".join(map(str, layout)) if layout else words(f"beside.model_{option}")

    known = base_of(name) in options
    st.selectbox(
        words("beside.model"),
        options,
        format_func=called,
        key=session.fill(Keys.BESIDE, base_of(name) if known else OTHER),
        help=words("beside.help_model"),
        width=220,
    )
    if not known or name == OTHER:
        st.text_input(
            words("controls.other_model"),
            key=session.fill(Keys.BESIDE_NAMED, "" if name == OTHER else name),
            placeholder=words("controls.other_placeholder"),
            help=words("help.other_model"),
        )


def choose_head(shown: Shown, session: Session[Settings], facts: ModelFacts) -> None:
    """Its layer and head."""
    words = shown.words
    layers = (ANY_LAYER, *range(facts.n_layers))
    st.selectbox(
        words("beside.layer"),
        layers,
        format_func=lambda at: words("beside.any") if at == ANY_LAYER else str(facts.number_of(at)),
        key=session.fill(Keys.BESIDE_LAYER, layer_of(shown, facts, ANY_LAYER)),
        help=words("beside.help_layer"),
        width=110,
    )
    most = max(config.n_heads for config in facts.configs)
    numbers = [str(n) for n in range(most)]
    if (like := shown.settings.beside.like) not in (*LIKE, *numbers):
        numbers.append(like)  # the sentence says that there is none
    st.selectbox(
        words("beside.head"),
        (*LIKE, *numbers),
        format_func=lambda name: words(f"beside.{name}") if name in LIKE else name,
        key=session.widget(Keys.LIKE),
        help=words("beside.help_head"),
        width=190,
    )


def layer_of(shown: Shown, facts: ModelFacts, nowhere: int | None = None) -> int | None:
    """That the head is looked for in, of those that the model has."""
    layer = shown.settings.beside.layer
    return nowhere if layer is None or layer >= facts.n_layers else layer
