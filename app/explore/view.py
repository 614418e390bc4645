"""The page "Explore": the sentence in words, the controls, the picture, and what is below it."""

import importlib

import streamlit as st

from app.explore import compute, state, waiting
from app.explore.address import Notice, Settings, defaults
from app.explore.controls import draw_controls, draw_real
from app.explore.first import read_first
from app.explore.keys import Keys
from app.explore.offer import ModelFacts
from app.explore.real import DEFAULT_REAL, RealChoice
from app.explore.scene import build_scene, split_config
from app.explore.sentences import (
    explain,
    explain_model,
    footer_html,
    heading_html,
    model_footer_html,
)
from app.explore.shown import Decided, Shown, decide, show
from app.i18n import Words
from app.picture import show_picture
from attention.config import AttentionConfig
from attention.picture.payload import encode

SECTIONS = ("steps", "curve", "sharing", "numbers")  # each a module of .sections
NEXT_TOKEN = "generate"  # one more, for models that predict one


def draw(settings: Settings, notices: tuple[Notice, ...], words: Words) -> None:
    """Run the whole page once."""
    facts = compute.facts(settings.model)
    if settings.trained:
        _draw_family(settings, notices, words)
    elif facts is None:
        waiting.draw(settings, notices, words)
    else:
        _draw_model(settings, notices, words, facts)


def _draw_family(settings: Settings, notices: tuple[Notice, ...], words: Words) -> None:
    """The picture first, then what may wait for torch."""
    family, real = compute.family(), state.real_choice()
    at_first = settings == defaults(family) and real == DEFAULT_REAL
    picture = read_first() if at_first else None
    if picture is not None:
        section = _above(settings, notices, real, words, picture, splits=False)
    decided = decide(settings, None, _nobody_waits)
    shown = show(decided, real, words, None, _nobody_waits)
    if picture is None:
        scene, splits = encode(build_scene(shown)), decided.reading.units is not None
        told = (*notices, *decided.notices)
        section = _above(settings, told, real, words, scene, splits=splits)
    _below(shown, section)
    card = compute.cards()[settings.layout]
    st.html(footer_html(card, shown.device, shown.number_format, words))
    state.finish(settings, shown, family)


def _above(
    settings: Settings,
    notices: tuple[Notice, ...],
    real: RealChoice,
    words: Words,
    picture: bytes,
    *,
    splits: bool,
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
    draw_controls(family, examples, settings, words, facts=None, splits=splits)
    show_picture(picture, key=Keys.PICTURE)
    draw_real(real, words)
    return _section(SECTIONS, words)


def _draw_model(
    settings: Settings, notices: tuple[Notice, ...], words: Words, facts: ModelFacts
) -> None:
    """Heading and controls at once; the picture when the pass is done, which may take a while."""
    head = st.container(key="head")
    on_wait = waiting.Waiting(words("waiting.running", title=facts.title), words)
    try:
        decided = decide(settings, facts, on_wait)
        state.show_layer(decided.settings, facts)
        with head:
            _heading(decided, notices, words, facts)
        shown = show(decided, DEFAULT_REAL, words, facts, on_wait)
    except ValueError as error:
        on_wait.over()
        waiting.failed(str(error), words)
        state.finish_without(settings, compute.family())
        return
    on_wait.over()
    show_picture(encode(build_scene(shown)), key=Keys.PICTURE)
    sections = (*SECTIONS, NEXT_TOKEN) if facts.predicts else SECTIONS
    _below(shown, _section(sections, words))
    st.html(model_footer_html(facts, words))
    state.finish(settings, shown, compute.family())


def _heading(
    decided: Decided, notices: tuple[Notice, ...], words: Words, facts: ModelFacts
) -> None:
    settings = decided.settings
    said = explain_model(facts, settings.layer, words)
    st.html(heading_html(said, (*notices, *decided.notices), words))
    splits = decided.reading.units is not None
    draw_controls(compute.family(), compute.examples(), settings, words, facts=facts, splits=splits)


def _section(sections: tuple[str, ...], words: Words) -> str | None:
    state.offer_sections(sections)
    return st.segmented_control(
        words("section.label"),
        sections,
        format_func=lambda name: words(f"section.{name}"),
        key=Keys.SECTION,
        label_visibility="collapsed",
    )


def _below(shown: Shown, section: str | None) -> None:
    if section is not None:
        importlib.import_module(f"app.explore.sections.{section}").draw(shown)


def _standing(settings: Settings, missing: int) -> tuple[Notice, ...]:
    """What is to be said for as long as it holds."""
    notices = () if settings.causal else (Notice("notice.bidirectional"),)
    if missing:
        form = "one" if missing == 1 else "other"
        notices = (*notices, Notice(f"notice.missing.{form}", {"n": missing}))
    return notices


def _nobody_waits(ahead: int) -> None:
    """The trained layouts are small and do not queue."""
