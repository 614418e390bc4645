"""Fields for exact numbers of the model, of what is asked and of the engine, mostly folded."""

import streamlit as st

from app.i18n import Words
from app.memory.choices import built_facts
from app.memory.keys import CHANGE_KEYS, SETTING_KEYS, Keys
from app.memory.settings import (
    CHANGES,
    ENGINE_SETTINGS,
    MOST_GPUS,
    EngineSetting,
    MemorySettings,
)
from app.session import Session
from attention.kv.checks import LARGEST_NUMBER
from attention.kv.shape import ModelShape

MemorySession = Session[MemorySettings]


def draw_fields(session: MemorySession, built: ModelShape | None, words: Words) -> None:
    """All that is behind the switch.

    Args:
        built: the model before anything was set by hand; None where it cannot be read.
    """
    if built is not None:
        _shape(session, built, words)
    count(session, Keys.CONTEXT_EXACT, words("memory.context_exact"))
    _ways(session, words)
    for setting in ENGINE_SETTINGS:
        if session.settings.now.engine in setting.engines:
            _setting(session, setting, words)


def _shape(session: MemorySession, built: ModelShape, words: Words) -> None:
    facts = built_facts(built)
    for name in CHANGES:
        has = facts[name] is not None or name in ("n_layers", "d_model", "max_context", "vocab",
                                                  "parameters", "head_dim")  # fmt: skip
        if has and name not in ("n_heads", "n_kv_heads"):
            field(session, name, facts, words)


def field(session: MemorySession, name: str, facts: dict[str, int | None], words: Words) -> None:
    """One number of the model: empty, it is as built."""
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


def count(
    session: MemorySession, key: Keys, label: str, help_text: str | None = None, *, least: int = 1
) -> None:
    """A number that is always asked for."""
    st.number_input(
        label, min_value=least, max_value=LARGEST_NUMBER, step=1, key=session.widget(key),
        help=help_text,
    )  # fmt: skip


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
