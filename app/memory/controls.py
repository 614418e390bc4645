"""The controls of the page "Memory". Values come from the session, so nothing passes a default."""

import streamlit as st

from app.explore import compute as page
from app.i18n import Words, languages
from app.memory import compute
from app.memory.asking import fill, understood_html
from app.memory.choices import built_facts, context_choices, kv_choices
from app.memory.drop import show_drop
from app.memory.keys import CHANGE_KEYS, SETTING_KEYS, Keys
from app.memory.settings import (
    CHANGES,
    ENGINE_SETTINGS,
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
    EngineSetting,
    MemorySettings,
)
from app.session import Session, put, settings_left
from attention.kv.checks import LARGEST_NUMBER
from attention.kv.shape import ModelShape

PASTE_HEIGHT = 120
MemorySession = Session[MemorySettings]


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
            if built is not None:
                _fields(session, built, words)
            _count(session, Keys.CONTEXT_EXACT, words("memory.context_exact"))
            _ways(session, words)
            for setting in ENGINE_SETTINGS:
                if settings.now.engine in setting.engines:
                    _setting(session, setting, words)


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
    _field(session, "n_heads", facts, words)
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
    _count(session, Keys.USERS, words("memory.users"), words("memory.help.users"))
    _count(session, Keys.PREFIX, words("memory.prefix"), words("memory.help.prefix"), least=0)
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


def _fields(session: MemorySession, built: ModelShape, words: Words) -> None:
    facts = built_facts(built)
    for name in CHANGES:
        has = facts[name] is not None or name in ("n_layers", "d_model", "max_context", "vocab",
                                                  "parameters", "head_dim")  # fmt: skip
        if has and name not in ("n_heads", "n_kv_heads"):
            _field(session, name, facts, words)


def _field(session: MemorySession, name: str, facts: dict[str, int | None], words: Words) -> None:
    as_built = facts[name]
    if as_built is None:
        placeholder = words("memory.as_built")
    else:
        placeholder = words("memory.kv_built", n=words.number(as_built))
    st.number_input(
        words(f"memory.field.{name}"),
        key=session.widget(CHANGE_KEYS[name]),
        min_value=1,
        max_value=LARGEST_NUMBER,
        step=1,
        placeholder=placeholder,
        help=words(f"memory.help.{name}"),
    )


def _ways(session: MemorySession, words: Words) -> None:
    """How devices share the model, and what users have in common."""
    st.number_input(
        words("memory.hit"), 0, 100, key=session.widget(Keys.HIT), step=10,
        help=words("memory.help.hit"),
    )  # fmt: skip
    for key, name in ((Keys.PP, "pp"), (Keys.DP, "dp")):
        st.number_input(
            words(f"memory.{name}"), 1, MOST_GPUS, key=session.widget(key), step=1,
            placeholder=words("memory.own"), help=words(f"memory.help.{name}"),
        )  # fmt: skip
    st.toggle(words("memory.ep"), key=session.widget(Keys.EP), help=words("memory.help.ep"))


def _setting(session: MemorySession, setting: EngineSetting, words: Words) -> None:
    key, name = session.widget(SETTING_KEYS[setting.name]), words(f"memory.setting.{setting.name}")
    help_text = words(f"memory.help.{setting.name}")
    if setting.kind == "switch":
        st.toggle(name, key=key, help=help_text)
    elif setting.kind == "choice":
        st.selectbox(
            name, setting.options, key=key, help=help_text,
            format_func=lambda option: option or words("memory.own"),
        )  # fmt: skip
    elif setting.kind == "ratio":
        st.number_input(name, 0.01, 1.0, key=key, step=0.05, help=help_text)
    else:
        st.number_input(
            name, 1, LARGEST_NUMBER, key=key, step=1, placeholder=words("memory.own"),
            help=help_text,
        )  # fmt: skip


def _count(
    session: MemorySession, key: Keys, label: str, help_text: str | None = None, *, least: int = 1
) -> None:
    st.number_input(
        label, min_value=least, max_value=LARGEST_NUMBER, step=1, key=session.widget(key),
        help=help_text,
    )  # fmt: skip


def _languages(session: MemorySession, words: Words) -> None:
    """Each language by its own name."""
    st.segmented_control(
        words("controls.language"),
        languages(),
        key=session.widget(Keys.LANG),
        required=True,
        format_func=page.language_names().__getitem__,
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
