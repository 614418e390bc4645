"""The link to what is on the page: copied in the browser, or as a QR code that is made here."""

import importlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app.i18n import Words
from attention.extras import named_if_missing

LONGEST = 2953  # bytes that the largest QR code holds (ISO/IEC 18004, version 40-L)
# Not of the page's settings: what is asked here says nothing of where the visitor is.
_KEY, _ASKED = "_share", "_share_asked"
_LABELS = ("copy", "show", "close", "save", "copied", "not_copied", "too_long", "alt")

_mount = st.components.v2.component(
    "headcount_share",
    css=Path(__file__).with_name("share.css").read_text(encoding="utf-8"),
    js=Path(__file__).with_name("share.js").read_text(encoding="utf-8"),
)


@st.fragment
def show_share(words: Words, left_out: Sequence[str] = ()) -> None:
    """Two buttons. A fragment: a code that is asked for costs no run of the page.

    Args:
        left_out: what no address holds, such as a file: keys of the locale files below ``share``.
    """
    url = st.session_state.pop(_ASKED, None)
    data: dict[str, Any] = {"labels": {"lang": words.lang}}
    data["labels"] |= {name: words(f"share.{name}") for name in _LABELS}
    data["labels"]["left_out"] = left_out_of(left_out, words)
    if isinstance(url, str):
        data["code"] = {"url": url, "image": qr_code(url), "made": time.time_ns() // 1000}
    _mount(key=_KEY, data=data, on_code_change=_heard)


def left_out_of(names: Sequence[str], words: Words) -> str:
    """What the link lacks, as one sentence; empty where it is the whole screen."""
    if not names:
        return ""
    *first, last = (words(f"share.{name}") for name in names)
    together = words("share.and", first=", ".join(first), last=last) if first else last
    return words("share.left_out", what=together)


def qr_code(url: str) -> str | None:
    """An address as the SVG of a QR code, in a ``data:`` address; None where it is too long.

    Error correction is at least level M, as far as the size that takes allows it higher.
    """
    if not url.startswith(("http://", "https://")) or len(url.encode("utf-8")) > LONGEST:
        return None
    with named_if_missing():
        segno = importlib.import_module("segno")
    try:
        code = segno.make(url, error="m", micro=False)
    except segno.DataOverflowError:
        code = segno.make(url, error="l", micro=False)
    return code.svg_data_uri(scale=8, border=4, light="#fff", dark="#000")


def _heard() -> None:
    st.session_state[_ASKED] = getattr(st.session_state.get(_KEY), "code", None)
