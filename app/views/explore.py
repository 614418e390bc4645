"""The page "Explore": the sentence in words, the controls, the picture, and what is below it."""

import importlib

import streamlit as st

from app import compute, state
from app.address import Notice, Settings, defaults
from app.controls import draw_controls, draw_real
from app.first import read_first
from app.i18n import Words
from app.picture import show_picture
from app.real import DEFAULT_REAL, RealChoice
from app.scene import build_scene, split_config
from app.sentences import explain, footer_html, heading_html
from app.shown import show
from app.state import Keys
from attention.config import AttentionConfig
from attention.picture.payload import encode

SECTIONS = ("steps", "curve", "sharing", "numbers")  # each a module of app.views


def draw(settings: Settings, notices: tuple[Notice, ...], words: Words) -> None:
    """Run the whole page once: the picture first, then what may wait for torch."""
    family, real = compute.family(), state.real_choice()
    at_first = settings == defaults(family) and real == DEFAULT_REAL
    picture = read_first() if at_first else None
    if picture is not None:
        section = _above(settings, notices, real, words, picture)
    shown = show(settings, real, words)
    if picture is None:
        scene = encode(build_scene(shown, family.n_layers))
        section = _above(settings, (*notices, *shown.notices), real, words, scene)
    if section in SECTIONS:
        importlib.import_module(f"app.views.{section}").draw(shown)
    card = compute.cards()[settings.layout]
    st.html(footer_html(card, shown.look.device, shown.look.number_format, words))
    state.finish(settings, shown, family)


def _above(
    settings: Settings,
    notices: tuple[Notice, ...],
    real: RealChoice,
    words: Words,
    picture: bytes,
) -> str | None:
    """Everything down to the choice of a section, which is returned."""
    family, examples = compute.family(), compute.examples()
    notices = (*notices, *_standing(settings, family.missing()))
    trained = AttentionConfig(
        d_model=family.d_model, n_heads=settings.n_heads, n_kv_heads=settings.n_kv_heads
    )
    split = split_config(settings, trained)
    said = explain(split, words, shape_only=split.d_model != trained.d_model)
    st.html(heading_html(said, notices, words))
    draw_controls(family, examples, settings, words)
    show_picture(picture, key=Keys.PICTURE)
    draw_real(real, words)
    return st.segmented_control(
        words("section.label"),
        SECTIONS,
        format_func=lambda name: words(f"section.{name}"),
        key=Keys.SECTION,
        label_visibility="collapsed",
    )


def _standing(settings: Settings, missing: int) -> tuple[Notice, ...]:
    """What is to be said for as long as it holds."""
    notices = () if settings.causal else (Notice("notice.bidirectional"),)
    if missing:
        form = "one" if missing == 1 else "other"
        notices = (*notices, Notice(f"notice.missing.{form}", {"n": missing}))
    return notices
