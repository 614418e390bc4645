"""The app: ``python -m streamlit run app/main.py`` from the root of the repository."""

import importlib
from pathlib import Path

import streamlit as st

from app import compute, state
from app.i18n import DEFAULT_LANG, Words
from app.memory import state as memory
from app.views import explore

CSS = Path(__file__).with_name("page.css")
NAVIGATION_CSS = Path(__file__).with_name("navigation.css")
ICON = Path(__file__).with_name("icon.svg")

if not compute.cards():
    st.error(compute.words(DEFAULT_LANG)("page.no_layouts"))
    st.stop()


def explore_page() -> None:
    settings, notices = state.begin(compute.family(), compute.examples(), compute.facts)
    memory.leave(settings.lang)
    words = compute.words(settings.lang)
    head(words)
    explore.draw(settings, notices, words)


def memory_page() -> None:
    importlib.import_module("app.views.memory").draw(head)


FIRST = compute.words(DEFAULT_LANG)
PAGES = {
    "page.explore": st.Page(
        explore_page, title=FIRST("page.explore"), url_path="explore", default=True
    ),
    "memory.title": st.Page(memory_page, title=FIRST("memory.title"), url_path="memory"),
}


def head(words: Words) -> None:
    """What both pages begin with: the window's title, and a link to each in the page's language."""
    st.set_page_config(page_title=words("page.browser_title"), page_icon=str(ICON), layout="wide")
    st.html(CSS)
    st.html(NAVIGATION_CSS)
    # A page that was not seen yet knows its language from the address alone.
    params = {} if words.lang == DEFAULT_LANG else {"lang": words.lang}
    with st.container(key="pages", horizontal=True):
        for key, page in PAGES.items():
            st.page_link(page, label=words(key), query_params=params)


st.navigation(list(PAGES.values()), position="hidden").run()
