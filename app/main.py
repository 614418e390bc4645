"""The app: ``headcount``, or ``python -m streamlit run app/main.py`` in the repository."""

import importlib
from functools import partial

import streamlit as st

from app import garbage, navigation
from app.explore import layouts
from app.explore import view as explore
from app.i18n import DEFAULT_LANG, load_words

garbage.watch()
if not layouts.cards():
    st.error(load_words(DEFAULT_LANG)("page.no_layouts"))
    st.stop()


def explore_page() -> None:
    explore.draw(partial(navigation.draw, pages=PAGES, here="page.explore"))


def memory_page() -> None:
    head = partial(navigation.draw, pages=PAGES, here="memory.title")
    importlib.import_module("app.memory.view").draw(head)


def heads_page() -> None:
    head = partial(navigation.draw, pages=PAGES, here="heads.title")
    importlib.import_module("app.heads.view").draw(head)


FIRST = load_words(DEFAULT_LANG)
PAGES = {
    "page.explore": st.Page(
        explore_page, title=FIRST("page.explore"), url_path="explore", default=True
    ),
    "heads.title": st.Page(heads_page, title=FIRST("heads.title"), url_path="heads"),
    "memory.title": st.Page(memory_page, title=FIRST("memory.title"), url_path="memory"),
}

st.navigation(list(PAGES.values()), position="hidden").run()
