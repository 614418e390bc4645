"""The app: ``python -m streamlit run app/main.py`` from the root of the repository."""

import importlib
from pathlib import Path

import streamlit as st

from app import compute, state
from app.i18n import DEFAULT_LANG, languages
from app.memory import state as memory
from app.views import explore

CSS = Path(__file__).with_name("page.css")
NAVIGATION_CSS = Path(__file__).with_name("navigation.css")
ICON = Path(__file__).with_name("icon.svg")

if not compute.cards():
    st.error(compute.words(DEFAULT_LANG)("page.no_layouts"))
    st.stop()

words = compute.words(memory.language(languages()))
st.set_page_config(page_title=words("page.browser_title"), page_icon=str(ICON), layout="wide")


def explore_page() -> None:
    memory.leave()
    settings, notices = state.begin(compute.family(), compute.examples(), compute.facts)
    explore.draw(settings, notices, compute.words(settings.lang))


def memory_page() -> None:
    importlib.import_module("app.views.memory").draw()


st.html(CSS)
st.html(NAVIGATION_CSS)
pages = [
    st.Page(explore_page, title=words("page.explore"), url_path="explore", default=True),
    st.Page(memory_page, title=words("memory.title"), url_path="memory"),
]
shown = st.navigation(pages, position="hidden")
with st.container(key="pages", horizontal=True):
    for page in pages:
        st.page_link(page, label=page.title)
shown.run()
