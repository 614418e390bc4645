"""The controls of the page "Heads": the model, its heads, the language, the section."""

import streamlit as st

from app.explore import compute
from app.explore.offer import OFFERED, OTHER, ModelFacts
from app.heads.keys import Keys
from app.heads.settings import SECTIONS, HeadsSettings
from app.i18n import Words
from app.session import Session
from attention.models.store.names import NAMED


def draw_controls(session: Session[HeadsSettings], words: Words, facts: ModelFacts | None) -> None:
    """One row above all sections.

    Args:
        facts: of the model; None where it is not loaded.
    """
    family, settings = compute.family(), session.settings
    with st.container(key="heads_controls", horizontal=True, vertical_alignment="bottom"):
        titles = {name: known.title for name, known in NAMED.items()}
        st.selectbox(
            words("controls.model"),
            (*OFFERED, OTHER),
            key=session.widget(Keys.MODEL),
            help=words("help.model"),
            format_func=lambda name: titles.get(name) or words(f"model.{name}"),
        )
        if settings.model not in OFFERED:
            st.text_input(
                words("controls.other_model"),
                key=session.widget(Keys.OTHER),
                placeholder=words("controls.other_placeholder"),
                help=words("help.other_model"),
            )
        if facts is not None and facts.layouts:
            _steps(session, Keys.N_HEADS, family.head_counts, words("controls.heads"))
            kv_counts = family.kv_counts(settings.n_heads)
            _steps(session, Keys.N_KV_HEADS, kv_counts, words("controls.kv_heads"))
        names = compute.language_names()
        st.segmented_control(
            words("controls.language"),
            family.languages,
            key=session.widget(Keys.LANG),
            required=True,
            format_func=lambda lang: names[lang],
        )


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


def _steps(
    session: Session[HeadsSettings], key: Keys, options: tuple[int, ...], label: str
) -> None:
    """One option cannot slide: it is shown and disabled."""
    only = len(options) == 1
    st.select_slider(label, options, key=session.widget(key), disabled=only)
