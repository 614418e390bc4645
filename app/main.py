"""The app: ``python -m streamlit run app/main.py`` from the root of the repository."""

from pathlib import Path

import streamlit as st

from app import compute, state
from app.i18n import DEFAULT_LANG
from app.views import explore

CSS = Path(__file__).with_name("page.css")
ICON = Path(__file__).with_name("icon.svg")

if not compute.cards():
    st.error(compute.words(DEFAULT_LANG)("page.no_layouts"))
    st.stop()

settings, notices = state.begin(compute.family(), compute.examples(), compute.facts)
words = compute.words(settings.lang)
st.set_page_config(page_title=words("page.browser_title"), page_icon=str(ICON), layout="wide")


def explore_page() -> None:
    explore.draw(settings, notices, words)


st.html(CSS)
st.navigation(
    [st.Page(explore_page, title=words("page.explore"), default=True)], position="hidden"
).run()
