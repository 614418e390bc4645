"""The controls of the page "Memory". Values come from the session, so nothing passes a default."""

import streamlit as st

from app.i18n import Words, language_names, languages
from app.memory import compute
from app.memory.asking import fill, understood_html
from app.memory.choices import built_facts, context_choices, kv_choices
from app.memory.drop import show_drop
from app.memory.fields import MemorySession, count, draw_fields, field
from app.memory.keys import CHANGE_KEYS, Keys
from app.memory.settings import (
    ENGINES,
    FILE,
    FORMATS,
    LIST,
    MOST_GPUS,
    NAMED,
    PAGE,
    PASTE,
    SOURCES,
    UNITS,
)
from app.session import put, settings_left
from attention.kv.shape import ModelShape

PASTE_HEIGHT = 120


def draw_question(session: MemorySession, words: Words) -> None:
    """One line that fills the controls, and what of it was understood."""
    st.text_input(
        words("memory.question.label"),
        key=session.widget(Keys.QUESTION),
        placeholder=words("memory.question.example"),
        help=words("memory.help.question"),
        on_change=_fill,
    )
    if session.settings.question:
        html = understood_html(session.settings.question, words)
        st.html(f'<p class="hc-understood" lang="{words.lang}" role="status">{html}</p>')


def _fill() -> None:
    """The visitor has asked: the controls take it over, whatever they show."""
    settings = fill(settings_left(PAGE), st.session_state[Keys.QUESTION] or "")
    changed = {name: getattr(settings, name) for name in ("now", "fit", "section", "question")}
    put(PAGE, fresh=True, **changed)


def draw_controls(
    session: MemorySession, built: ModelShape | None, words: Words, *, local: bool
) -> None:
    """Model, heads, what is asked of the cache, the engine; every field behind a switch.

    Args:
        built: the model before anything was set by hand; None where it cannot be read.
        local: whether the visitor may name files of this machine.
    """
    settings = session.settings
    with st.container(key="memory_controls", horizontal=True):
        _source(session, words, local=local)
        if built is not None:
            _heads(session, built, words)
        _asked(session, built, words)
        _engine(session, words)
        st.toggle(
            words("memory.more"), key=session.widget(Keys.MORE), help=words("memory.help.more")
        )
        _choices(session, Keys.UNITS, UNITS, words("memory.units.label"), "memory.units", words)
        _languages(session, words)
    if settings.more:
        with st.container(key="memory_fields", horizontal=True):
            draw_fields(session, built, words)


def _source(session: MemorySession, words: Words, *, local: bool) -> None:
    _choices(session, Keys.SOURCE, SOURCES, words("memory.source.label"), "memory.source", words)
    kind = session.settings.now.source.kind
    if kind == LIST:
        st.selectbox(
            words("controls.model"),
            tuple(dict.fromkeys((*compute.model_names(), session.settings.now.source.model))),
            key=session.widget(Keys.MODEL),
            accept_new_options=True,
            help=words("memory.help.model"),
        )
    elif kind == PASTE:
        label, help_text = words("memory.paste"), words("memory.help.paste")
        st.text_area(label, key=session.widget(Keys.TEXT), height=PASTE_HEIGHT, help=help_text)
    elif kind == FILE:
        show_drop(session.settings.now.source.file, words)
    elif kind == NAMED:
        where = "memory.place" if local else "memory.place_hub"
        st.text_input(
            words(where),
            key=session.widget(Keys.PLACE),
            placeholder=words("controls.other_placeholder"),
            help=words("memory.help.place"),
        )


def _heads(session: MemorySession, built: ModelShape, words: Words) -> None:
    facts = built_facts(built)
    fields = facts | dict(session.settings.now.changes)
    field(session, "n_heads", facts, words)
    options = kv_choices(fields["n_heads"], fields["n_kv_heads"])

    def shown(n: int) -> str:
        if not n:
            return words("memory.as_built")
        return words("memory.kv_built", n=n) if n == facts["n_kv_heads"] else str(n)

    st.select_slider(
        words("memory.field.n_kv_heads"),
        options,
        key=session.widget(CHANGE_KEYS["n_kv_heads"]),
        format_func=shown,
        disabled=len(options) == 1,
        help=words("help.kv_heads"),
    )


def _asked(session: MemorySession, built: ModelShape | None, words: Words) -> None:
    now, most = session.settings.now, None
    if built is not None:
        most = dict(now.changes).get("max_context", built.max_context)
    st.select_slider(
        words("memory.context"),
        context_choices(most, now.context),
        key=session.widget(Keys.CONTEXT),
        format_func=words.number,
        help=words("memory.help.context"),
    )
    count(session, Keys.USERS, words("memory.users"), words("memory.help.users"))
    count(session, Keys.PREFIX, words("memory.prefix"), words("memory.help.prefix"), least=0)
    st.selectbox(
        words("memory.k"), FORMATS, key=session.widget(Keys.K), help=words("memory.help.formats")
    )
    st.selectbox(
        words("memory.v"),
        ("", *FORMATS),
        key=session.widget(Keys.V),
        format_func=lambda name: name or words("memory.as_k"),
    )


def _engine(session: MemorySession, words: Words) -> None:
    st.selectbox(
        words("memory.engine.label"),
        ENGINES,
        key=session.widget(Keys.ENGINE),
        format_func=lambda name: words(f"memory.engine.{name}"),
        help=words("memory.help.engine"),
    )
    st.number_input(
        words("memory.n_gpus"), 1, MOST_GPUS, key=session.widget(Keys.N_GPUS), step=1,
        help=words("memory.help.n_gpus"),
    )  # fmt: skip


def _languages(session: MemorySession, words: Words) -> None:
    """Each language by its own name."""
    st.segmented_control(
        words("controls.language"),
        languages(),
        key=session.widget(Keys.LANG),
        required=True,
        format_func=language_names().__getitem__,
    )


def _choices(
    session: MemorySession,
    key: Keys,
    options: tuple[str, ...],
    label: str,
    prefix: str,
    words: Words,
) -> None:
    """A row of buttons of which one is always on."""
    st.segmented_control(
        label,
        options,
        key=session.widget(key),
        required=True,
        format_func=lambda name: words(f"{prefix}.{name}"),
    )
