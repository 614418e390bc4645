"""Arithmetic that opens: a row for each figure, which unfolds into how it is made."""

import streamlit as st

from app.glossary import explained
from app.i18n import Words
from app.memory.amounts import Amounts
from app.memory.answer import Answer
from app.memory.arithmetic import figures
from app.memory.settings import MemorySettings
from app.session import Session


def draw(session: Session[MemorySettings], told: Answer, amounts: Amounts, words: Words) -> None:
    """One expander for each figure; the first stands open."""
    for figure in figures(told, amounts, words):
        # A label is Markdown, so the model has no part in it.
        label = f"{words(f'memory.figure.name_{figure.name}')}   **{figure.value}**"
        key = f"memory_figure_{figure.name}"
        with st.expander(label, key=key, expanded=figure.name == "total"):
            html = explained(figure.html, words, figure.name)
            st.html(f'<div class="hc-figure" lang="{words.lang}">{html}</div>')
