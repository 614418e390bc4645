"""The trained layouts as they lie on disk: read once, for all visitors, and never changed."""

import json
from typing import Any

import streamlit as st

from app.explore.examples import load_examples, ordered
from app.explore.offer import Family
from app.i18n import languages
from attention.assets import asset

LAYOUTS = asset("layouts")
Card = dict[str, Any]


@st.cache_resource(max_entries=1, show_spinner=False)
def cards() -> dict[tuple[int, int], Card]:
    """The card of every layout on disk, by ``(n_heads, n_kv_heads)``."""
    found = [path for path in LAYOUTS.glob("*.json") if path.with_suffix(".safetensors").exists()]
    read = (json.loads(path.read_text(encoding="utf-8")) for path in found)
    return {(card["n_heads"], card["n_kv_heads"]): card for card in read}


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
