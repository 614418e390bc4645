"""The page "Explore": the sentence in words, the controls, the picture, and what is below it."""

import importlib
from dataclasses import replace

import streamlit as st

from app import compute, state
from app.address import Family, Notice, Settings
from app.controls import draw_controls, draw_real
from app.examples import Example, find_example, token_of_word
from app.first import first_picture
from app.i18n import Words
from app.look import Reading
from app.picture import show_picture
from app.scene import RealChoice, build_scene, split_config
from app.sentences import explain, footer_html, heading_html
from app.shown import Shown
from app.state import Keys
from attention.config import AttentionConfig
from attention.picture.payload import encode

SECTIONS = ("steps", "curve", "sharing", "numbers")  # each a module of app.views


def draw(settings: Settings, notices: tuple[Notice, ...], words: Words) -> None:
    """Run the whole page once: the picture first, then what may wait for torch."""
    family, real = compute.family(), state.real_choice()
    picture = first_picture(settings, real, family)
    if picture is not None:
        section = _above(settings, notices, real, words, picture)
    shown, more, auto = _compute(settings, real, family, words)
    if picture is None:
        scene = build_scene(shown.settings, shown.reading, shown.look, real, family.n_layers, words)
        section = _above(shown.settings, (*notices, *more), real, words, encode(scene))
    if section in SECTIONS:
        importlib.import_module(f"app.views.{section}").draw(shown)
    card = compute.cards()[settings.layout]
    st.html(footer_html(card, shown.look.device, shown.look.number_format, words))
    _finish(settings, shown, family, auto)


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


def _compute(
    settings: Settings, real: RealChoice, family: Family, words: Words
) -> tuple[Shown, tuple[Notice, ...], tuple[int, int]]:
    """Read and trace; where no head or token was chosen, choose the telling ones.

    Returns:
        what is shown, notices about the text, and the head and token that the page would choose.
    """
    reading, notices = _read(settings, family.default_text)
    settings, moved = state.settle(settings, len(reading.ids))
    example = find_example(compute.examples(), reading.text)
    pairs = compute.token_pairs(example, reading)
    look = compute.look(reading.ids, settings.layout, settings.causal, settings.layer, pairs)
    head = compute.telling_head(settings.layout, settings.layer, example)
    token = _telling_token(example, reading)
    decided = replace(
        settings,
        head=head if settings.head is None else settings.head,
        token=token if settings.token is None else settings.token,
    )
    return Shown(decided, reading, look, real, words), (*notices, *moved), (head, token)


def _read(settings: Settings, default_text: str) -> tuple[Reading, tuple[Notice, ...]]:
    """The text that is drawn, and what there is to say about it."""
    if not settings.text.strip():
        return compute.read(default_text), (Notice("notice.empty"),)
    reading = compute.read(settings.text)
    if reading.total > len(reading.ids):
        values = {"total": f"{reading.total:,}", "kept": f"{len(reading.ids):,}"}
        return reading, (Notice("notice.cut", values),)
    if len(reading.ids) == 1:
        return reading, (Notice("notice.one_token"),)
    return reading, ()


def _telling_token(example: Example | None, reading: Reading) -> int:
    if example is None or example.word is None:
        return len(reading.ids) - 1
    return token_of_word(list(reading.tokens), reading.text, example.word)


def _standing(settings: Settings, missing: int) -> tuple[Notice, ...]:
    """What is to be said for as long as it holds."""
    notices = () if settings.causal else (Notice("notice.bidirectional"),)
    if missing:
        form = "one" if missing == 1 else "other"
        notices = (*notices, Notice(f"notice.missing.{form}", {"n": missing}))
    return notices


def _finish(settings: Settings, shown: Shown, family: Family, auto: tuple[int, int]) -> None:
    reading = shown.reading
    # An address need not carry what was cut off; and a token past the end was moved to the last.
    text = reading.text if reading.total > len(reading.ids) else settings.text
    token = None if settings.token is None else shown.settings.token
    state.finish(replace(settings, text=text, token=token), family, auto)
