"""Which of the two palettes the visitor sees."""

import streamlit as st

from attention.theme import DARK, LIGHT, Theme


def current_theme() -> Theme:
    """The palette for Plotly; the page reruns when the visitor changes it."""
    return DARK if st.context.theme.type == "dark" else LIGHT
