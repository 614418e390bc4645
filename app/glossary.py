"""Terms in what the pages say: buttons that open their sentence, in HTML alone. Pure.

A string of the locale files marks a term as ``<t kv_head>key–value head</t>``.
"""

import re
from functools import lru_cache
from html import escape

from app.i18n import Words

TERM = re.compile(r"<t (\w+)>(.*?)</t>")


def with_terms(html: str, place: str) -> str:
    """Every marked term as a button; :func:`definitions_html` has what it opens.

    Args:
        place: of the page, a word that no other place has.
    """
    target = rf"hc-term-{place}-\1"
    button = rf'<button type="button" class="hc-term" popovertarget="{target}">\2</button>'
    return TERM.sub(button, html)


def plain_of(text: str) -> str:
    """The same where nothing can be opened."""
    return TERM.sub(r"\2", text)


def explained(html: str, words: Words, place: str) -> str:
    """``html`` with its terms as buttons, and what they open."""
    return with_terms(html, place) + definitions_html(html, words, place)


def definitions_html(html: str, words: Words, place: str) -> str:
    """What the terms of ``html`` open: Escape closes it, and so does a click beside it."""
    names = dict.fromkeys(name for name, _ in TERM.findall(html))
    return "".join(
        f'<div popover id="hc-term-{place}-{name}" class="hc-definition"><b>{escape(word)}</b>'
        f"<p>{escape(says)}</p></div>"
        for name in names
        for word, says in [words.term(name)]
    )


@lru_cache(maxsize=8)
def glossary_html(words: Words) -> str:
    """All terms and their sentences, folded."""
    names = dict.fromkeys(key.split(".")[0] for key in words.section("glossary") if "." in key)
    rows = (words.term(name) for name in names)
    listed = "".join(f"<dt>{escape(word)}</dt><dd>{escape(says)}</dd>" for word, says in rows)
    title = escape(words("glossary.title"))
    return (
        f'<details class="hc-glossary" lang="{words.lang}"><summary>{title}</summary>'
        f"<dl>{listed}</dl></details>"
    )
