"""The page "Explore": the sentence in words, the controls, the picture, and what is below it."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.explore import compute, layouts, registry, waiting
from app.explore.controls import draw_controls, draw_real
from app.explore.first import read_first
from app.explore.keys import Keys
from app.explore.offer import ModelFacts
from app.explore.parameters import ExplorePage
from app.explore.scene import build_scene, split_config, whole_page
from app.explore.sentences import explain, explain_model, footer_html, model_footer_html, scheme
from app.explore.settings import (
    PAGE,
    VIEWS,
    Settings,
    above_sections,
    defaults,
    sections_of,
)
from app.explore.shown import Decided, Shown, decide, show
from app.glossary import glossary_html
from app.i18n import Words, load_words
from app.markup import heading_html
from app.parameters import Notice
from app.picture import show_picture
from app.session import Session, again, put
from app.share import show_share
from app.take import show_take
from attention.errors import sentence_of
from attention.picture.payload import decode, encode

Notices = tuple[Notice, ...]

_PRESENT = Path(__file__).with_name("present.css").read_text(encoding="utf-8")
PRESENT_STYLE = f"<style>{_PRESENT}</style>"


def draw(head: Callable[[Words], DeltaGenerator]) -> None:
    """Run the whole page once.

    Args:
        head: draws what every page begins with, and gives the row of its links.
    """
    page = ExplorePage(layouts.family(), registry.facts)
    session: Session[Settings] = Session(PAGE)
    settings, notices = session.begin(page)
    session.show(settings, page.table(settings.model))
    words, facts = load_words(settings.lang), page.facts(settings)
    row = head(words)
    if facts is not None or settings.presented is None:
        _present(settings, row, words)
    if facts is None:  # nothing to present yet: the page itself says what is missing
        waiting.draw(session, notices, words)
    elif facts.layouts:
        _draw_chosen(session, notices, words, facts)
    else:
        _draw_built(session, notices, words, facts)


def _present(settings: Settings, row: DeltaGenerator, words: Words) -> None:
    """The mark of the presenter's view and its style sheet, or the button that leads there."""
    if settings.presented is not None:
        st.html(PRESENT_STYLE)
        st.html(f'<div class="hc-presenting" data-part="{settings.presented}"></div>')
    else:
        enter = partial(put, PAGE, view=VIEWS[1])
        row.button(words("controls.present"), key=Keys.PRESENT, on_click=enter, type="tertiary")


def _draw_chosen(
    session: Session[Settings], notices: Notices, words: Words, facts: ModelFacts
) -> None:
    """A layout, of which no pass has to be waited for: the picture first, then what may wait for
    torch."""
    settings, family = session.settings, layouts.family()
    at_first = above_sections(settings) == defaults(family)
    picture = read_first() if at_first else None
    if picture is not None:
        layer = decode(picture)[0]["layer"]
        section = _above(session, notices, words, facts, picture, layer)
    decided = decide(settings, facts, _nobody_waits)
    shown = show(decided, settings.real, words, _nobody_waits)
    if picture is None:
        scene = encode(build_scene(shown))
        notices = (*notices, *_of_text(session, decided))
        layer = decided.at.layer
        under = partial(_effect, shown)
        section = _above(session, notices, words, facts, scene, layer, under=under)
    _below(shown, session, section)
    card = layouts.cards()[settings.layout]
    model, measured = shown.model, shown.look.cache is not None and settings.width is None
    st.html(footer_html(card, model.device, model.number_format, words, measured=measured))
    st.html(glossary_html(words))
    _finish(session, decided)


def _above(
    session: Session[Settings],
    notices: Notices,
    words: Words,
    facts: ModelFacts,
    picture: bytes,
    layer: int,
    *,
    under: Callable[[], None] = lambda: None,
) -> str | None:
    """Everything down to the choice of a section, which is returned.

    Args:
        under: draws what stands right below the picture.
    """
    settings = session.settings
    trained = replace(facts.configs[0], causal=settings.causal is not False)
    notices = (*notices, *_standing(settings, layouts.family().missing()))
    split = split_config(settings, facts, trained)
    said = explain(split, words, shape_only=split.d_model != trained.d_model)
    st.html(heading_html(said, notices, words, badge=scheme(split, words)))
    draw_controls(session, words, facts=facts, layer=layer)
    show_picture(picture, key=session.source(Keys.PICTURE))
    under()
    draw_real(session, words)
    return _section(session, facts, words)


def _draw_built(
    session: Session[Settings], notices: Notices, words: Words, facts: ModelFacts
) -> None:
    """A model as it was built. Heading and controls at once; the picture when the pass is done,
    which may take a while."""
    head = st.container(key="head")
    on_wait = waiting.Waiting(words("waiting.running", title=facts.title), words)
    decided: Decided | None = None
    try:
        decided = decide(session.settings, facts, on_wait)
        with head:
            _heading(session, decided, notices, words, facts)
        shown = show(decided, None, words, on_wait)
    except ValueError as error:
        on_wait.over()
        if decided is None:  # it stands without what was not found, so that it can be mended
            with head:
                _heading(session, None, notices, words, facts)
        waiting.failed(sentence_of(error), words)
        session.finish()
        return
    on_wait.over()
    show_picture(encode(build_scene(shown)), key=session.source(Keys.PICTURE))
    _effect(shown)
    if shown.roles is None:
        _await_roles(facts)
    _below(shown, session, _section(session, facts, words))
    on_wait.over()
    st.html(model_footer_html(facts, shown.model, words))
    st.html(glossary_html(words))
    _finish(session, decided)


def _heading(
    session: Session[Settings],
    decided: Decided | None,
    notices: Notices,
    words: Words,
    facts: ModelFacts,
) -> None:
    """Heading and controls.

    Args:
        decided: None where the text could not be read.
    """
    auto = facts.default_layer if decided is None else decided.auto.layer
    chosen = session.settings.layer
    layer = auto if chosen is None else chosen
    said = explain_model(facts, layer, words)
    if decided is not None:
        notices = (*notices, *_of_text(session, decided))
    st.html(heading_html(said, notices, words, badge=scheme(facts.configs[layer], words)))
    draw_controls(session, words, facts=facts, layer=layer)


def _of_text(session: Session[Settings], decided: Decided) -> Notices:
    """What there is to say of text and token. A token that typing left behind is no surprise."""
    if session.from_address:
        return decided.notices
    return tuple(each for each in decided.notices if each.key != "notice.token_moved")


def _section(session: Session[Settings], facts: ModelFacts, words: Words) -> str | None:
    return st.segmented_control(
        words("section.label"),
        sections_of(facts),
        format_func=lambda name: words(f"section.{name}"),
        key=session.widget(Keys.SECTION),
        label_visibility="collapsed",
    )


def _effect(shown: Shown) -> None:
    """What heads that are off cost, where any is."""
    if shown.settings.off:
        importlib.import_module("app.explore.sections.off").draw_effect(shown)


def _below(shown: Shown, session: Session[Settings], section: str | None) -> None:
    if section is not None:
        importlib.import_module(f"app.explore.sections.{section}").draw(shown, session)
    show_take(shown.words, partial(whole_page, shown))
    show_share(shown.words)


def _finish(session: Session[Settings], decided: Decided) -> None:
    """Remember the run. A choice that the page would make itself is no difference from the default,
    and an address need not carry what was cut off."""
    settings, auto, at = session.settings, decided.auto, decided.at
    target = decided.target
    told = replace(
        settings,
        layer=None if settings.layer == auto.layer else settings.layer,
        head=None if settings.head == auto.head else settings.head,
        token=None if at.token == auto.token and not at.also else at.token,
        also=at.also,
        text=decided.source.text if decided.source.cut else settings.text,
        target=target.text if target is not None and target.cut else settings.target,
    )
    session.finish(told=told, drawn=decided.settings)


def _standing(settings: Settings, missing: int) -> Notices:
    """What is to be said for as long as it holds."""
    notices = () if settings.causal else (Notice("notice.bidirectional"),)
    if missing:
        notices = (*notices, Notice("notice.missing", count=missing))
    return notices


@st.fragment(run_every=1.0)
def _await_roles(facts: ModelFacts) -> None:
    """The picture stands without the heads' roles, and is drawn anew once they are measured."""
    if compute.roles(facts, _nobody_waits) is not None:
        again()


def _nobody_waits(ahead: int) -> None:
    """The trained layouts are small and do not queue."""
