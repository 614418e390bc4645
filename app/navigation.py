"""What every page begins with: the window's title, a link to each page, what draws pictures."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.i18n import DEFAULT_LANG, Words
from app.parts import send_parts
from app.session import address_left

# Streamlit's own page says lang="en" whatever it holds.
SAY_LANG = "<script>document.documentElement.lang = {lang}</script>"

STYLES = ("page.css", "sizes.css")
ICON = Path(__file__).with_name("icon.svg")


def draw(words: Words, pages: Mapping[str, st.Page], here: str) -> DeltaGenerator:
    """Draw it. The link to this page leads to its beginning, the other one to where it was left.

    That link has the page's whole address: a page that wrote it on arrival would put two steps
    between the visitor and the page that he came from.

    Args:
        pages: by the key of their title, which is their name in the session, too.
        here: key of the page that is drawn.

    Returns:
        The row of links, for what else a page has there.
    """
    st.set_page_config(page_title=words("page.browser_title"), page_icon=str(ICON), layout="wide")
    st.html(_style())
    row = st.container(key="pages", horizontal=True, vertical_alignment="center")
    with row:
        # Within a frame of another page nothing leads away.
        for key, page in ({} if st.context.is_embedded else pages).items():
            params = {} if key == here else dict(address_left(key))
            params.pop("lang", None)  # the language is the one of this page
            if words.lang != DEFAULT_LANG:
                params["lang"] = words.lang
            st.page_link(page, label=words(key), query_params=params)
        st.html(SAY_LANG.format(lang=json.dumps(words.lang)), unsafe_allow_javascript=True)
    send_parts()
    return row


@cache
def _style() -> str:
    """The style sheets of both pages, as one."""
    sheets = ((Path(__file__).parent / name).read_text(encoding="utf-8") for name in STYLES)
    return f"<style>{''.join(sheets)}</style>"
