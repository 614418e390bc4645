"""The controls of the model that a page is about, and the two kinds of widgets of a few options.

Widgets take their values from the session, so nothing here passes a default.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from app.explore import layouts
from app.explore.offer import OFFERED, OTHER, Family
from app.i18n import Words, language_names
from app.session import Session
from attention.models.store.names import NAMED
from attention.models.store.twins import base_of

T = TypeVar("T", int, str)


def choose_model(session: Session[Any], offered: str, named: str, words: Words) -> None:
    """Which model; for another than those offered a field to name it in.

    Args:
        offered, named: keys of the two.
    """
    titles = {name: known.title for name, known in NAMED.items()}
    st.selectbox(
        words("controls.model"),
        (*OFFERED, OTHER),
        key=session.widget(offered),
        help=words("help.model"),
        format_func=lambda name: titles.get(name) or words(f"model.{name}"),
    )
    if base_of(session.settings.model) not in OFFERED:
        st.text_input(
            words("controls.other_model"),
            key=session.widget(named),
            placeholder=words("controls.other_placeholder"),
            help=words("help.other_model"),
        )


def choose_layout(
    session: Session[Any], family: Family, heads: str, kv_heads: str, words: Words
) -> None:
    """How many heads, and KV heads; their keys."""
    counts, kv_counts = family.head_counts, family.kv_counts(session.settings.n_heads)
    steps(session.widget(heads), counts, words("controls.heads"), words("help.heads"))
    help_text = words("help.kv_heads")
    steps(session.widget(kv_heads), kv_counts, words("controls.kv_heads"), help_text)


def choose_language(session: Session[Any], key: str, words: Words) -> None:
    """The language of the page."""
    names, languages = language_names(), layouts.family().languages
    choices(session.widget(key), languages, words("controls.language"), None, names)


def steps(
    key: str,
    options: tuple[int, ...],
    label: str,
    help_text: str,
    format_func: Callable[[int], str] = str,
    on_change: Callable[[], None] | None = None,
) -> None:
    """A slider over a few numbers. One option cannot slide: it is shown and disabled."""
    only = len(options) == 1
    st.select_slider(
        label, options, key=key, help=help_text, disabled=only, format_func=format_func,
        on_change=on_change,
    )  # fmt: skip


def choices(
    key: str,
    options: Sequence[T],
    label: str,
    help_text: str | None,
    labels: Mapping[T, str] | None = None,
) -> None:
    """A row of buttons of which one is always on."""
    names: Mapping[T, str] = labels or {}
    st.segmented_control(
        label,
        options,
        key=key,
        help=help_text,
        required=True,
        format_func=lambda option: names.get(option, str(option)),
    )
