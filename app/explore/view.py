"""The page "Explore": the sentence in words, the controls, the picture, and what is below it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.explore import built_view, layout_view, layouts, registry, waiting
from app.explore.keys import Keys
from app.explore.parameters import ExplorePage
from app.explore.run import Run
from app.explore.settings import PAGE, VIEWS, Settings
from app.explore.shelf import nobody_waits
from app.i18n import Words, load_words
from app.session import Session, put

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
        layout_view.draw(Run(session, notices, facts, nobody_waits))
    else:
        built_view.draw(session, notices, facts, words)


def _present(settings: Settings, row: DeltaGenerator, words: Words) -> None:
    """The mark of the presenter's view and its style sheet, or the button that leads there."""
    if settings.presented is not None:
        st.html(PRESENT_STYLE)
        st.html(f'<div class="hc-presenting" data-part="{settings.presented}"></div>')
    else:
        enter = partial(put, PAGE, view=VIEWS[1])
        row.button(words("controls.present"), key=Keys.PRESENT, on_click=enter, type="tertiary")
