"""What both pages say in HTML. Pure; whatever a visitor gave is escaped."""

from collections.abc import Iterable
from html import escape

from app.glossary import definitions_html, with_terms
from app.i18n import Words
from app.parameters import Notice


def heading_html(
    said: str, notices: Iterable[Notice], words: Words, style: str = "", badge: str = ""
) -> str:
    """Title, the sentence ``said``, and the notices.

    ``said`` is HTML, and so is ``badge``, which stands beside the title; both may mark terms.

    Args:
        style: a class of the page's own.
    """
    parts = []
    for notice in notices:
        values = {name: escape(str(value)) for name, value in notice.values.items()}
        parts.append(words(notice.key, **values))
    told = f'<p class="hc-notice" role="status">{" ".join(parts)}</p>' if parts else ""
    beside = f'<div class="hc-badge" aria-live="polite">{with_terms(badge)}</div>' if badge else ""
    classes = f"hc-top {style}".rstrip()
    return (
        f'<div class="{classes}" lang="{words.lang}"><h1>{words("page.title")}</h1>'
        f'{beside}<p aria-live="polite">{with_terms(said)}</p>{told}'
        f"{definitions_html(badge + said, words)}</div>"
    )


def failure(error: ValueError) -> str:
    """The library's sentence, as one."""
    sentence = str(error)
    return escape(sentence[:1].upper() + sentence[1:])


def failure_html(error: ValueError) -> str:
    """The same in a paragraph."""
    return f'<p class="hc-failed">{failure(error)}</p>'
