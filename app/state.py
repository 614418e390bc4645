"""The session: widget keys and Settings in, clicks parsed, address written.

The only module that reads or writes ``st.session_state`` and ``st.query_params``. A run goes
through :func:`begin` before any widget exists, and through :func:`finish` at its end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NoReturn

import streamlit as st

from app import address
from app.address import Notice, Settings
from app.examples import Example, find_example
from app.offer import OFFERED, OTHER, Family, ModelFacts
from app.picture import Click, Clicks, parse_clicks
from app.real import DEFAULT_REAL, RealChoice, context_choices
from app.shown import Shown
from attention.architectures import list_architectures

FactsOf = Callable[[str], ModelFacts | None]


class Keys(StrEnum):
    """Keys of the session state; those of widgets are also the widgets' keys."""

    TEXT = "text"
    MODEL = "model"
    OTHER = "other_model"
    HEADS = "heads"
    KV_HEADS = "kv_heads"
    BUILT_HEADS = "built_heads"
    BUILT_KV_HEADS = "built_kv_heads"
    LAYER = "layer"
    MODEL_LAYER = "model_layer"
    MASK = "mask"
    WIDTH = "width"
    RAW = "raw_pieces"
    LANG = "lang"
    EXAMPLE = "example"
    PICTURE = "picture"
    SECTION = "section"
    REAL = "real_model"
    CONTEXT = "context"
    BATCH = "batch"
    FORMAT = "format"
    # Not widgets: what the visitor chose in the picture (None: the page picks), and the run before.
    HEAD = "chosen_head"
    TOKEN = "chosen_token"
    BEFORE = "before"
    FAILED = "failed"  # the model that could not be loaded, and why
    CARRIED = "carried"  # notices of a run that ended before anybody could read them


NOT_WIDGETS = (Keys.HEAD, Keys.TOKEN, Keys.BEFORE, Keys.FAILED, Keys.CARRIED)


@dataclass(frozen=True)
class Before:
    """What the last run left, to tell what changed since."""

    settings: Settings
    shown: Settings  # the same with what the page chose: the layer and the head that were drawn
    params: Mapping[str, str]  # written to the address
    session: Mapping[str, object]  # every other value of the session
    clicks: Clicks


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
        settings, notices = _follow(before, family, facts_of)
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


def real_choice() -> RealChoice:
    """The real model and how it is run, from the widgets beneath the picture."""
    state = st.session_state
    models = {model.name: model for model in list_architectures()}
    model = models[state.setdefault(Keys.REAL, DEFAULT_REAL.model.name)]
    wanted = state.setdefault(Keys.CONTEXT, DEFAULT_REAL.context)
    context = address.nearest(context_choices(model), wanted)
    if context != wanted:
        state[Keys.CONTEXT] = context
    batch = state.setdefault(Keys.BATCH, DEFAULT_REAL.batch)
    number_format = state.setdefault(Keys.FORMAT, DEFAULT_REAL.number_format)
    return RealChoice(model, context, batch, number_format)


def _follow(
    before: Before, family: Family, facts_of: FactsOf
) -> tuple[Settings, tuple[Notice, ...]]:
    """Settings from the widgets, with what no longer fits moved to the nearest that does.

    A widget that the last run did not draw has no value: what it would say is as it was.
    """
    state, old = st.session_state, before.settings
    model = _model(old)
    settings = replace(
        old,
        text=state.get(Keys.TEXT, old.text) or "",
        model=model,
        lang=state.get(Keys.LANG) or old.lang,
        pieces=address.PIECES[state.get(Keys.RAW, old.raw)],
        head=state.get(Keys.HEAD),
        token=state.get(Keys.TOKEN),
    )
    if settings.model != old.model:  # layers, heads and tokens of another model are others
        layer = family.default_layer if settings.trained else None
        settings = replace(settings, layer=layer, head=None, token=None)
    elif settings.pieces != old.pieces:  # tokens are counted differently now
        settings = replace(settings, token=None)
    same = settings.model == old.model
    if settings.trained:
        return _follow_family(settings, before, family, same=same)
    facts = facts_of(model)
    if facts is None:
        return settings, ()
    if same:
        layer = state.get(Keys.MODEL_LAYER, old.layer)
        if layer == before.shown.layer:  # the slider was not moved
            layer = old.layer
        settings = _clicked(replace(settings, layer=layer), before)
    return address.fit(settings, family, facts)


def _follow_family(
    settings: Settings, before: Before, family: Family, *, same: bool
) -> tuple[Settings, tuple[Notice, ...]]:
    state, old = st.session_state, before.settings
    notices: list[Notice] = []
    n_heads, kv_given = state.get(Keys.HEADS, old.n_heads), state.get(Keys.KV_HEADS, old.n_kv_heads)
    n_kv_heads = address.nearest(family.kv_counts(n_heads), kv_given)
    if n_kv_heads != kv_given:
        values = {"given": kv_given, "value": n_kv_heads, "heads": n_heads}
        notices.append(Notice("notice.kv_moved", values))
    width = state.get(Keys.WIDTH)
    settings = replace(
        settings,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        mask=state.get(Keys.MASK) or old.mask,
        width=old.width if width is None else (None if width == family.d_model else width),
    )
    if same:
        settings = replace(settings, layer=state.get(Keys.LAYER, old.layer))
        settings = _clicked(settings, before)
    layer = min(settings.layer, family.n_layers - 1)
    head = settings.head
    if head is not None and head >= n_heads:
        notices.append(Notice("notice.head_moved", {"given": head, "value": n_heads - 1}))
        head = n_heads - 1
    return replace(settings, layer=layer, head=head), tuple(notices)


def _model(old: Settings) -> str:
    """The model that the two widgets name."""
    chosen = st.session_state.get(Keys.MODEL)
    if chosen is None:
        return old.model
    if chosen != OTHER:
        return chosen
    named = st.session_state.get(Keys.OTHER, "" if old.model in OFFERED else old.model)
    return (named or "").strip() or OTHER


def _clicked(settings: Settings, before: Before) -> Settings:
    """Layer, head and token after what the visitor chose in the picture.

    The picture repeats the last choice of each kind, so only one made since the last run counts.
    """
    clicks = parse_clicks(st.session_state.get(Keys.PICTURE))

    def fresh(name: str) -> int | None:
        click: Click | None = getattr(clicks, name)
        return click.value if click and click != getattr(before.clicks, name) else None

    layer, head, token = fresh("layer"), fresh("head"), fresh("token")
    if layer is not None and head is None:  # one layer on, by keyboard: the head stays
        head = before.shown.head
    return replace(
        settings,
        layer=settings.layer if layer is None else layer,
        head=settings.head if head is None else head,
        token=settings.token if token is None else token,
    )


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
