"""The menu that makes files of what is on the page: mounts ``take.js`` of the picture."""

import time
from collections.abc import Callable

import streamlit as st

from app.i18n import Words
from app.parts import WITH_PARTS
from attention import picture

# Files are made in the browser and cost no run, but the whole view as one page, which is asked for.
# The component is called again when the theme changes: a page is saved once.
_HOST = """
let saved = "";

export default function ({ parentElement, data, setTriggerValue }) {
  const on = data.whole ? { page: () => setTriggerValue("page", true) } : {};
  withParts(({ showTake, savePage }) => {
    showTake(parentElement, data.labels, on);
    if (data.page && data.made !== saved) {
      saved = data.made;
      savePage(data.page);
    }
  });
}
"""
_KEY, _ASKED = "take", "take_asked"

_mount = st.components.v2.component(
    "headcount_take", css=picture.take_style(), js=WITH_PARTS + _HOST
)


def show_take(words: Words, page: Callable[[], str] | None = None) -> None:
    """The menu for the picture and the charts on the page.

    Args:
        page: makes the whole view as one HTML file; called only where the visitor has asked.
    """
    asked = page is not None and st.session_state.pop(_ASKED, False)
    data = {"labels": words.section("take"), "whole": page is not None}
    if page is not None and asked:
        data |= {"page": page(), "made": str(time.time_ns())}
    _mount(key=_KEY, data=data, on_page_change=_heard)


def _heard() -> None:
    st.session_state[_ASKED] = True
