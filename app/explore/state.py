"""The session: widget keys and Settings in, clicks parsed, address written.

The only module that reads or writes ``st.session_state`` and ``st.query_params``. A run goes
through :func:`begin` before any widget exists, and through :func:`finish` at its end.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

import streamlit as st

from app.explore import address
from app.explore.address import Notice, Settings
from app.explore.examples import Example, find_example
from app.explore.following import Before, FactsOf, follow
from app.explore.keys import NOT_WIDGETS, Keys
from app.explore.offer import OFFERED, OTHER, Family, ModelFacts
from app.explore.real import DEFAULT_REAL, RealChoice, context_choices, find_real
from app.explore.shown import Shown
from app.picture import parse_clicks


def begin(
    family: Family, examples: tuple[Example, ...], facts_of: FactsOf
) -> tuple[Settings, tuple[Notice, ...]]:
    """Settings for this run, and what had to change. Call before any widget is made.

    Args:
        facts_of: gives the facts of a language model by name, None where it is not loaded.
    """
    before: Before | None = st.session_state.get(Keys.BEFORE)
    if before is None or _went_back(before):
        params = st.query_params.to_dict()
        model, _ = address.read_model(params)
        settings, notices = address.read(params, family, facts_of(model))
    else:
        settings, notices = follow(before, st.session_state, family, facts_of)
    _fill(settings, find_example(examples, settings.text), family)
    return settings, (*st.session_state.pop(Keys.CARRIED, ()), *notices)


def finish(settings: Settings, shown: Shown, family: Family) -> None:
    """Remember this run and bring the address up to date (nothing is sent if it is).

    Args:
        settings: as :func:`begin` gave them; shown: what the page made of them.
    """
    token, auto = None if settings.token is None else shown.settings.token, shown.auto
    st.session_state[Keys.HEAD], st.session_state[Keys.TOKEN] = settings.head, token
    told = replace(
        settings,
        # A choice that the page would make itself is no difference from the default, and an
        # address need not carry what was cut off.
        layer=None if shown.facts and settings.layer == auto.layer else settings.layer,
        head=None if settings.head == auto.head else settings.head,
        token=None if token == auto.token else token,
        text=shown.reading.text if shown.reading.cut else settings.text,
    )
    _remember(settings, shown.settings, address.write(told, family))


def finish_without(settings: Settings, family: Family) -> None:
    """The same where nothing was drawn, because the model is not loaded."""
    _remember(settings, settings, address.write(settings, family))


def address_left() -> Mapping[str, str]:
    """The parameters of this page's address in its last run; none before its first."""
    before: Before | None = st.session_state.get(Keys.BEFORE)
    return {} if before is None else before.params


def show_layer(decided: Settings, facts: ModelFacts) -> None:
    """Put the layer that was decided, and its heads, into the widgets of a language model."""
    config = facts.configs[decided.layer]
    _put(
        {
            Keys.MODEL_LAYER: decided.layer,
            Keys.BUILT_HEADS: config.n_heads,
            Keys.BUILT_KV_HEADS: config.n_kv_heads,
        }
    )


def offer_sections(sections: tuple[str, ...]) -> None:
    """Close a section that the last model had and this one has not. Before the widget is made."""
    if st.session_state.get(Keys.SECTION) not in (None, *sections):
        st.session_state[Keys.SECTION] = None


def failure(model: str) -> str | None:
    """Why this model could not be loaded, if it was tried: not at every key that is typed."""
    failed, sentence = st.session_state.get(Keys.FAILED, ("", ""))
    return sentence if failed == model else None


def fail(model: str, sentence: str) -> None:
    """Remember that."""
    st.session_state[Keys.FAILED] = (model, sentence)


def forget_failure() -> None:
    """A widget callback: it is to be tried again."""
    st.session_state.pop(Keys.FAILED, None)


def run_again(notices: tuple[Notice, ...]) -> NoReturn:
    """End this run and begin another, which is to say ``notices`` once more."""
    st.session_state[Keys.CARRIED] = notices
    st.rerun()


def choose_example(examples: tuple[Example, ...]) -> None:
    """A widget callback: put the example that was just chosen into the controls."""
    name = st.session_state[Keys.EXAMPLE]
    chosen = next((example for example in examples if example.name == name), None)
    if chosen is None:
        return
    st.session_state[Keys.TEXT] = chosen.text
    if Keys.LAYER in st.session_state:  # the trained family is shown
        st.session_state[Keys.LAYER] = chosen.layer
    st.session_state[Keys.HEAD] = None
    st.session_state[Keys.TOKEN] = None
    before: Before | None = st.session_state.get(Keys.BEFORE)
    if before is not None and not before.settings.trained:  # the page picks the layer, too
        settings = replace(before.settings, layer=None)
        st.session_state[Keys.BEFORE] = replace(before, settings=settings)


def real_choice() -> RealChoice:
    """The real model and how it is run, from the widgets beneath the picture."""
    state = st.session_state
    model = find_real(state.setdefault(Keys.REAL, DEFAULT_REAL.model.name))
    wanted = state.setdefault(Keys.CONTEXT, DEFAULT_REAL.context)
    context = address.nearest(context_choices(model), wanted)
    if context != wanted:
        state[Keys.CONTEXT] = context
    batch = state.setdefault(Keys.BATCH, DEFAULT_REAL.batch)
    number_format = state.setdefault(Keys.FORMAT, DEFAULT_REAL.number_format)
    return RealChoice(model, context, batch, number_format)


def _remember(settings: Settings, shown: Settings, params: dict[str, str]) -> None:
    if params != st.query_params.to_dict():
        st.query_params.from_dict(params)
    clicks = parse_clicks(st.session_state.get(Keys.PICTURE))
    st.session_state[Keys.BEFORE] = Before(settings, shown, params, _session(), clicks)


def _went_back(before: Before) -> bool:
    """Whether the visitor used the browser's Back or Forward.

    Then the address is another one and nothing else is. A widget moved so quickly that the
    browser had not yet written the last address also sends an old one, but with a new value.
    """
    params = st.query_params.to_dict()
    return params != before.params and _session() == before.session


def _session() -> dict[str, object]:
    """The values of all widgets, as they are now. A button is on for one run only: left out."""
    state = st.session_state
    values = {key: state[key] for key in state if key not in NOT_WIDGETS}
    return {
        key: value
        for key, value in values.items()
        if key == Keys.RAW or not isinstance(value, bool)
    }


def _fill(settings: Settings, example: Example | None, family: Family) -> None:
    """Put the settings into the widgets, before these are made."""
    named = settings.model in OFFERED
    values = {
        Keys.TEXT: settings.text,
        Keys.MODEL: settings.model if named else OTHER,
        Keys.RAW: settings.raw,
        Keys.LANG: settings.lang,
        Keys.EXAMPLE: example.name if example else None,
        Keys.HEAD: settings.head,
        Keys.TOKEN: settings.token,
    }
    if not named:
        values |= {Keys.OTHER: "" if settings.model == OTHER else settings.model}
    if settings.trained:
        values |= {
            Keys.HEADS: settings.n_heads,
            Keys.KV_HEADS: settings.n_kv_heads,
            Keys.LAYER: settings.layer,
            Keys.MASK: settings.mask,
            Keys.WIDTH: settings.width or family.d_model,
        }
    _put(values)


def _put(values: Mapping[str, object]) -> None:
    for key, value in values.items():
        # Writing a widget's value sends it to the browser: only where it is another one.
        if key not in st.session_state or st.session_state[key] != value:
            st.session_state[key] = value
