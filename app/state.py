"""The session: widget keys and Settings in, clicks parsed, address written.

The only module that reads or writes ``st.session_state`` and ``st.query_params``. A run goes
through :func:`begin` before any widget exists, and through :func:`finish` at its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import streamlit as st

from app import address
from app.address import Family, Notice, Settings
from app.examples import Example, find_example
from app.picture import parse_choice
from app.real import DEFAULT_REAL, RealChoice, context_choices
from app.shown import Shown
from attention.architectures import list_architectures

Click = tuple[int | None, int | None]  # the last head and token chosen in the picture


class Keys(StrEnum):
    """Keys of the session state; those of widgets are also the widgets' keys."""

    TEXT = "text"
    HEADS = "heads"
    KV_HEADS = "kv_heads"
    LAYER = "layer"
    MASK = "mask"
    WIDTH = "width"
    LANG = "lang"
    EXAMPLE = "example"
    PICTURE = "picture"
    SECTION = "section"
    MODEL = "model"
    CONTEXT = "context"
    BATCH = "batch"
    FORMAT = "format"
    # Not widgets: what the visitor chose in the picture (None: the page picks), and the run before.
    HEAD = "chosen_head"
    TOKEN = "chosen_token"
    BEFORE = "before"


@dataclass(frozen=True)
class Before:
    """What the last run left, to tell what changed since."""

    settings: Settings
    params: Mapping[str, str]  # written to the address
    session: Mapping[str, object]  # every other value of the session
    click: Click


def begin(family: Family, examples: tuple[Example, ...]) -> tuple[Settings, tuple[Notice, ...]]:
    """Settings for this run, and what had to change. Call before any widget is made."""
    before: Before | None = st.session_state.get(Keys.BEFORE)
    if before is None or _went_back(before):
        settings, notices = address.read(st.query_params.to_dict(), family)
    else:
        settings, notices = _follow(before, family)
    _fill(settings, find_example(examples, settings.text), family)
    return settings, notices


def finish(settings: Settings, shown: Shown, family: Family) -> None:
    """Remember this run and bring the address up to date (nothing is sent if it is).

    Args:
        settings: as :func:`begin` gave them; shown: what the page made of them.
    """
    token = None if settings.token is None else shown.settings.token
    st.session_state[Keys.HEAD], st.session_state[Keys.TOKEN] = settings.head, token
    told = replace(
        settings,
        # A choice that the page would make itself is no difference from the default, and an
        # address need not carry what was cut off.
        head=None if settings.head == shown.auto[0] else settings.head,
        token=None if token == shown.auto[1] else token,
        text=shown.reading.text if shown.reading.cut else settings.text,
    )
    params = address.write(told, family)
    if params != st.query_params.to_dict():
        st.query_params.from_dict(params)
    st.session_state[Keys.BEFORE] = Before(settings, params, _session(), _click())


def choose_example(examples: tuple[Example, ...]) -> None:
    """A widget callback: put the example that was just chosen into the controls."""
    name = st.session_state[Keys.EXAMPLE]
    chosen = next((example for example in examples if example.name == name), None)
    if chosen is None:
        return
    st.session_state[Keys.TEXT] = chosen.text
    st.session_state[Keys.LAYER] = chosen.layer
    st.session_state[Keys.HEAD] = None
    st.session_state[Keys.TOKEN] = None


def real_choice() -> RealChoice:
    """The real model and how it is run, from the widgets beneath the picture."""
    state = st.session_state
    models = {model.name: model for model in list_architectures()}
    model = models[state.setdefault(Keys.MODEL, DEFAULT_REAL.model.name)]
    wanted = state.setdefault(Keys.CONTEXT, DEFAULT_REAL.context)
    context = address.nearest(context_choices(model), wanted)
    if context != wanted:
        state[Keys.CONTEXT] = context
    batch = state.setdefault(Keys.BATCH, DEFAULT_REAL.batch)
    number_format = state.setdefault(Keys.FORMAT, DEFAULT_REAL.number_format)
    return RealChoice(model, context, batch, number_format)


def _follow(before: Before, family: Family) -> tuple[Settings, tuple[Notice, ...]]:
    """Settings from the widgets, with what no longer fits moved to the nearest that does."""
    state = st.session_state
    old = before.settings
    notices: list[Notice] = []
    n_heads = state[Keys.HEADS]
    n_kv_heads = address.nearest(family.kv_counts(n_heads), state[Keys.KV_HEADS])
    if n_kv_heads != state[Keys.KV_HEADS]:
        values = {"given": state[Keys.KV_HEADS], "value": n_kv_heads, "heads": n_heads}
        notices.append(Notice("notice.kv_moved", values))
    head, token = state[Keys.HEAD], state[Keys.TOKEN]
    click = _click()
    if click != before.click:
        head, token = _clicked(click, before.click, head, token)
    if head is not None and head >= n_heads:
        notices.append(Notice("notice.head_moved", {"given": head, "value": n_heads - 1}))
        head = n_heads - 1
    width = state[Keys.WIDTH]
    settings = Settings(
        text=state[Keys.TEXT] or "",
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        layer=state[Keys.LAYER],
        mask=state[Keys.MASK] or old.mask,
        width=old.width if width is None else (None if width == family.d_model else width),
        lang=state[Keys.LANG] or old.lang,
        head=head,
        token=token,
    )
    return settings, tuple(notices)


def _clicked(
    click: Click, before: Click, head: int | None, token: int | None
) -> tuple[int | None, int | None]:
    """Head and token after a click. The picture repeats the last of each, so only what moved
    counts."""
    new_head = click[0] if click[0] is not None and click[0] != before[0] else head
    new_token = click[1] if click[1] is not None and click[1] != before[1] else token
    return new_head, new_token


def _click() -> Click:
    choice = parse_choice(st.session_state.get(Keys.PICTURE))
    return choice.head, choice.token


def _went_back(before: Before) -> bool:
    """Whether the visitor used the browser's Back or Forward.

    Then the address is another one and nothing else is. A widget moved so quickly that the
    browser had not yet written the last address also sends an old one, but with a new value.
    """
    params = st.query_params.to_dict()
    return params != before.params and _session() == before.session


def _session() -> dict[str, object]:
    """The values of all widgets, as they are now."""
    ours = (Keys.HEAD, Keys.TOKEN, Keys.BEFORE)
    return {key: st.session_state[key] for key in st.session_state if key not in ours}


def _fill(settings: Settings, example: Example | None, family: Family) -> None:
    """Put the settings into the widgets, before these are made."""
    values = {
        Keys.TEXT: settings.text,
        Keys.HEADS: settings.n_heads,
        Keys.KV_HEADS: settings.n_kv_heads,
        Keys.LAYER: settings.layer,
        Keys.MASK: settings.mask,
        Keys.WIDTH: settings.width or family.d_model,
        Keys.LANG: settings.lang,
        Keys.EXAMPLE: example.name if example else None,
        Keys.HEAD: settings.head,
        Keys.TOKEN: settings.token,
    }
    for key, value in values.items():
        # Writing a widget's value sends it to the browser: only where it is another one.
        if key not in st.session_state or st.session_state[key] != value:
            st.session_state[key] = value
