"""The page "Memory": the answer in a sentence, controls and curve, and one section below."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path

import streamlit as st

from app.explore import compute as page
from app.explore.address import Notice
from app.i18n import Words, languages
from app.memory import compute, state
from app.memory.amounts import Amounts
from app.memory.answer import Answer, answer, sentence
from app.memory.controls import draw_controls
from app.memory.figure import draw_figure
from app.memory.follow import settle
from app.memory.keys import Keys, drawn
from app.memory.settings import SECTIONS, MemorySettings
from app.visitor import may_name_models
from attention.kv.shape import ModelShape

CSS = Path(__file__).with_name("memory.css")


def draw(head: Callable[[Words], None]) -> None:
    """Run the whole page once. What cannot be counted is a sentence; the controls stay.

    Args:
        head: draws what both pages begin with.
    """
    local = may_name_models()
    settings, notices = state.begin(languages(), compute.model_names(), compute.gpu_names())
    words = page.words(settings.lang)
    head(words)
    st.html(CSS)
    built, told, failed = None, None, ""
    try:
        built = compute.built(settings.now.source, local=local)
        now, moved = settle(settings.now, built)
        settings, notices = replace(settings, now=now), (*notices, *moved)
        told = answer(now, built)
    except ValueError as error:  # of the library: one sentence
        failed = str(error)
    shown = drawn(settings, has_model=built is not None, has_answer=told is not None)
    state.fill(settings, built, shown)
    amounts = Amounts(settings.units, words)
    said = sentence(told, amounts, words) if told else _failed(failed, words)
    st.html(heading_html(said, notices, words))
    _body(settings, built, told, amounts, words, local=local)
    state.finish(settings, built, shown)


def _body(
    settings: MemorySettings,
    built: ModelShape | None,
    told: Answer | None,
    amounts: Amounts,
    words: Words,
    *,
    local: bool,
) -> None:
    left, right = st.columns([5, 7], gap="medium")
    with left:
        draw_controls(settings, built, words, local=local)
    with right:
        if told is not None:
            draw_figure(told, amounts, words)
    section = st.segmented_control(
        words("memory.section.label"),
        SECTIONS,
        format_func=lambda name: words(f"memory.section.{name}"),
        key=Keys.SECTION,
        label_visibility="collapsed",
    )
    if section in SECTIONS and (told is not None or section in ("beside", "log")):
        module = importlib.import_module(f"app.memory.sections.{section}")
        module.draw(settings, told, amounts, words)


def heading_html(said: str, notices: tuple[Notice, ...], words: Words) -> str:
    """Title, the answer, and the notices; what a visitor gave is escaped."""
    parts = []
    for notice in notices:
        values = {name: escape(str(value)) for name, value in notice.values.items()}
        parts.append(words(notice.key, **values))
    told = f'<p class="hc-notice" role="status">{" ".join(parts)}</p>' if parts else ""
    return (
        f'<div class="hc-top hc-answer" lang="{words.lang}"><h1>{words("page.title")}</h1>'
        f'<p aria-live="polite">{said}</p>{told}</div>'
    )


def _failed(said: str, words: Words) -> str:
    sentence = said[:1].upper() + said[1:]
    return f'<span class="hc-failed">{escape(sentence)}</span>'
