"""The page "Heads": what a model's heads do, and what becomes of it without them."""

import importlib
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.explore import layouts, registry, waiting
from app.glossary import glossary_html
from app.heads.controls import choose_section, draw_controls
from app.heads.parameters import HeadsPage
from app.heads.settings import PAGE, HeadsSettings
from app.heads.subject import Subject
from app.i18n import Words, load_words
from app.markup import heading_html
from app.parameters import Notice
from app.session import Session
from app.share import show_share
from app.take import show_take
from attention.errors import sentence_of

CSS = Path(__file__).with_name("heads.css")


def draw(head: Callable[[Words], object]) -> None:
    """Run the whole page once.

    Args:
        head: draws what every page begins with.
    """
    page = HeadsPage(layouts.family(), registry.facts)
    session: Session[HeadsSettings] = Session(PAGE)
    settings, notices = session.begin(page)
    session.show(settings, page.table(settings.model))
    words, facts = load_words(settings.lang), page.facts(settings)
    head(words)
    st.html(CSS)
    bare, section = bool(st.context.is_embedded), settings.section
    if not bare:
        of_two = facts is not None and facts.part
        standing = (Notice("heads.encoder"),) if of_two else ()
        st.html(heading_html(words("heads.lead"), (*notices, *standing), words))
        draw_controls(session, words, facts)
        section = choose_section(session, words)
    session.finish()
    if facts is None:
        waiting.until_loaded(session, settings.model, notices, words)
        return
    on_wait = waiting.Waiting(words("waiting.running", title=facts.title), words)
    try:
        subject = Subject(settings, facts, words, on_wait)
        if bare and subject.place is not None:
            _draw_card(subject)
        else:
            importlib.import_module(f"app.heads.sections.{section}").draw(subject, session)
    except ValueError as error:  # of the library: one sentence
        waiting.failed(sentence_of(error), words)
    finally:
        on_wait.over()
    if bare:
        return
    show_take(words)
    show_share(words)
    st.html(glossary_html(words))
    session.finish()


def _draw_card(subject: Subject) -> None:
    """The chosen head's card and nothing else, for a frame on another page."""
    atlases, chosen = (
        importlib.import_module(f"app.heads.{name}") for name in ("atlases", "chosen")
    )
    atlas = atlases.known(subject)
    if atlas is not None:
        chosen.draw_card(subject, atlas, bare=True)
