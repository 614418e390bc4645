"""The controls of the page "Heads": the model, its heads, the language, the section."""

import streamlit as st

from app.explore import layouts
from app.explore.offer import ModelFacts
from app.heads.keys import Keys
from app.heads.settings import SECTIONS, HeadsSettings
from app.i18n import Words
from app.model.controls import choose_language, choose_layout, choose_model
from app.session import Session


def draw_controls(session: Session[HeadsSettings], words: Words, facts: ModelFacts | None) -> None:
    """One row above all sections.

    Args:
        facts: of the model; None where it is not loaded.
    """
    with st.container(key="heads_controls", horizontal=True):
        choose_model(session, Keys.MODEL, Keys.OTHER, words)
        if facts is not None and facts.layouts:
            choose_layout(session, layouts.family(), Keys.N_HEADS, Keys.N_KV_HEADS, words)
        choose_language(session, Keys.LANG, words)


def choose_section(session: Session[HeadsSettings], words: Words) -> str:
    """The section that is open."""
    chosen = st.segmented_control(
        words("heads.section.label"),
        SECTIONS,
        format_func=lambda name: words(f"heads.section.{name}"),
        key=session.widget(Keys.SECTION),
        required=True,
        label_visibility="collapsed",
    )
    return chosen or SECTIONS[0]
