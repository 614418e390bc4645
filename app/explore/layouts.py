"""The trained layouts as they lie on disk: read once, for all visitors, and never changed."""

import json

import streamlit as st

from app.explore.examples import load_examples, ordered
from app.explore.offer import Family
from app.i18n import languages
from attention.models.layouts.cards import LAYOUTS, Card, all_cards


@st.cache_resource(max_entries=1, show_spinner=False)
def cards() -> dict[tuple[int, int], Card]:
    """The card of every layout on disk, by ``(n_heads, n_kv_heads)``."""
    return {(card["n_heads"], card["n_kv_heads"]): card for card in all_cards()}


@st.cache_resource(max_entries=1, show_spinner=False)
def sharing_rows() -> list[Card]:
    """Figures of more seeds and of wider MLPs, as they were measured beside the cards."""
    path = LAYOUTS / "sharing.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


@st.cache_resource(max_entries=1, show_spinner=False)
def family() -> Family:
    first = next(iter(cards().values()))
    return Family(
        layouts=tuple(sorted(cards())),
        n_layers=first["n_layers"],
        d_model=first["d_model"],
        languages=languages(),
        openings={lang: ordered(load_examples(), lang)[0].text for lang in languages()},
    )
