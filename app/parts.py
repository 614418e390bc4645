"""The scripts that draw pictures and save files, sent to the browser once a run of a whole page.
What they come in has the page run again when its colours change.

A component's script goes with every change of its data. Those of the picture and of the menu would
be ten times as large as what changes, at every step of a slider: they stand in a component of their
own that draws nothing, and the others use what it leaves in the window.
"""

from pathlib import Path

import streamlit as st

from attention import picture

_LEAVE = """
window.headcount = { drawPicture, showTake, savePage };
dispatchEvent(new Event("headcount"));
export default function ({ parentElement, setTriggerValue }) {
  watchTheme(parentElement, () => setTriggerValue("theme", true));
}
"""
_WATCH = Path(__file__).with_name("theme.js").read_text(encoding="utf-8")

#: For the script of a component that uses them.
WITH_PARTS = Path(__file__).with_name("parts.js").read_text(encoding="utf-8")

# Once, when the module is imported: to register a changed definition again warns.
_mount = st.components.v2.component("headcount_parts", js=picture.take_script() + _WATCH + _LEAVE)


def send_parts() -> None:
    """Once in the run of a whole page, above what uses them."""
    _mount(key="parts")
