"""Which of the two palettes the visitor sees."""

import streamlit as st

from attention.theme import DARK, LIGHT, Theme


def current_theme() -> Theme:
    """The palette of what Python colours; when the visitor changes it the page runs (theme.js)."""
    return DARK if st.context.theme.type == "dark" else LIGHT
