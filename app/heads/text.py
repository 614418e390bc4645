"""The text that heads are pruned, or shared, on."""

from typing import Any

import streamlit as st
from torch import Tensor

from app.explore import registry
from app.heads.keys import Keys
from app.heads.settings import TEXT_CHARS, HeadsSettings
from app.heads.subject import Subject
from app.session import Session
from attention import pruning

HEIGHT = 80


def choose_text(subject: Subject, session: Session[HeadsSettings]) -> None:
    """The field in which a visitor types his own."""
    words = subject.words
    st.text_area(
        words("heads.text"), key=session.widget(Keys.TEXT), max_chars=TEXT_CHARS,
        height=HEIGHT, placeholder=words("heads.text_held_out"), help=words("heads.help_text"),
    )  # fmt: skip


def own_text(subject: Subject) -> str | None:
    """The visitor's own; None: he typed none, and a text of ours stands for it."""
    return subject.settings.text if subject.settings.text.strip() else None


def text_of(subject: Subject) -> str:
    """The text, whosever it is."""
    return own_text(subject) or registry.model(subject.facts, subject.on_wait).reference_text


def rows_of(model: Any, text: str | None) -> Tensor:
    """Token ids ``[windows, window]`` of the visitor's own text, or of ours."""
    return pruning.held_out(model) if text is None else pruning.text_rows(model, text)
