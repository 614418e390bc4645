"""The place to drop a file on, as a component; see drop.js for what it sends of a file."""

from pathlib import Path

import streamlit as st

from app.i18n import Words
from app.memory.keys import Keys
from attention.kv.read.gguf.values import LONGEST_LIST

_HERE = Path(__file__).parent

# Once, when the module is imported: to register a changed definition again warns.
_mount = st.components.v2.component(
    "headcount_drop",
    css=(_HERE / "drop.css").read_text(encoding="utf-8"),
    js=(_HERE / "drop.js").read_text(encoding="utf-8"),
)


def show_drop(file: str, words: Words) -> None:
    """Draw it. A file arrives in the session under Keys.DROP, see :func:`parse_dropped`."""
    _mount(
        key=Keys.DROP,
        data={
            "title": words("memory.drop"),
            "hint": file or words("memory.drop_hint"),
            "reading": words("memory.drop_reading"),
            "longest": LONGEST_LIST,
        },
        on_dropped_change=_heard,
    )


def _heard() -> None:
    """A trigger needs a callback to exist; the page reads the value when it runs."""
