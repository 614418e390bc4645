"""The page "Memory": the answer in a sentence, controls and curve, and one section below."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import streamlit as st

from app.glossary import glossary_html
from app.i18n import Words, languages, load_words
from app.markup import failure, heading_html
from app.memory import compute, fitting
from app.memory.amounts import Amounts
from app.memory.answer import Answer, answer, schemes, sentence
from app.memory.asking import FIT, verdict
from app.memory.choices import built_facts, move_kv_heads
from app.memory.controls import draw_controls, draw_question
from app.memory.figure import draw_figure
from app.memory.keys import Keys
from app.memory.parameters import left_out, table
from app.memory.settings import PAGE, SECTIONS, MemorySettings
from app.session import Session
from app.share import show_share
from app.take import show_take
from app.visitor import may_name_models
from attention.kv.shape import ModelShape

CSS = Path(__file__).with_name("memory.css")


def draw(head: Callable[[Words], object]) -> None:
    """Run the whole page once. What cannot be counted is a sentence; the controls stay.

    Args:
        head: draws what both pages begin with.
    """
    local = may_name_models()
    names = languages(), compute.model_names(), compute.gpu_names()
    session: Session[MemorySettings] = Session(PAGE)
    settings, notices = session.begin(table(*names))
    words = load_words(settings.lang)
    head(words)
    st.html(CSS)
    built, told, said = None, None, ""
    try:
        built = compute.built(settings.now.source, local=local)
        now, moved = move_kv_heads(settings.now, built)
        settings, notices = replace(settings, now=now), (*notices, *moved)
        told = answer(now, built)
    except ValueError as error:  # of the library: one sentence
        said = f'<span class="hc-failed">{failure(error, words)}</span>'
    session.show(settings, table(*names, None if built is None else built_facts(built)))
    amounts = Amounts(settings.units, words)
    if told is not None:
        said = sentence(told, amounts, words, fitting.weights_on_each(told, settings.fit))
    badge = "" if told is None else schemes(told.shape, words)
    st.html(heading_html(said, notices, words, "hc-answer", badge))
    draw_question(session, words)
    if settings.section == FIT and told is not None:
        st.html(_verdict_html(told, settings, amounts, words))
    _body(session, built, told, amounts, words, local=local)
    show_take(words)
    show_share(words, left_out(session.settings))
    st.html(glossary_html(words))
    session.finish()


def _verdict_html(told: Answer, settings: MemorySettings, amounts: Amounts, words: Words) -> str:
    """Whether it fits, for as long as that is asked."""
    try:
        said = verdict(told, settings, amounts, words)
    except ValueError as error:
        said = f'<span class="hc-failed">{failure(error, words)}</span>'
    return f'<p class="hc-fits" lang="{words.lang}" aria-live="polite">{said}</p>'


def _body(
    session: Session[MemorySettings],
    built: ModelShape | None,
    told: Answer | None,
    amounts: Amounts,
    words: Words,
    *,
    local: bool,
) -> None:
    left, right = st.columns([5, 7], gap="medium")
    with left:
        draw_controls(session, built, words, local=local)
    with right:
        if told is not None:
            draw_figure(told, amounts, words)
    section = st.segmented_control(
        words("memory.section.label"),
        SECTIONS,
        format_func=lambda name: words(f"memory.section.{name}"),
        key=session.widget(Keys.SECTION),
        label_visibility="collapsed",
    )
    if section in SECTIONS and (told is not None or section in ("beside", "log")):
        module = importlib.import_module(f"app.memory.sections.{section}")
        module.draw(session, told, amounts, words)
