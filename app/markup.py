"""What both pages say in HTML. Pure; whatever a visitor gave is escaped."""

from collections.abc import Iterable
from html import escape

from app.i18n import Words
from app.parameters import Notice


def heading_html(said: str, notices: Iterable[Notice], words: Words, style: str = "") -> str:
    """Title, the sentence ``said``, which is HTML, and the notices.

    Args:
        style: a class of the page's own.
    """
    parts = []
    for notice in notices:
        values = {name: escape(str(value)) for name, value in notice.values.items()}
        parts.append(words(notice.key, **values))
    told = f'<p class="hc-notice" role="status">{" ".join(parts)}</p>' if parts else ""
    classes = f"hc-top {style}".rstrip()
    return (
        f'<div class="{classes}" lang="{words.lang}"><h1>{words("page.title")}</h1>'
        f'<p aria-live="polite">{said}</p>{told}</div>'
    )


def failure(error: ValueError) -> str:
    """The library's sentence, as one."""
    sentence = str(error)
    return escape(sentence[:1].upper() + sentence[1:])


def failure_html(error: ValueError) -> str:
    """The same in a paragraph."""
    return f'<p class="hc-failed">{failure(error)}</p>'


def fold_html(words: Words) -> str:
    """What opens and closes the controls that fold on a phone; elsewhere it is not shown."""
    summary = escape(words("controls.fold"))
    return f'<details class="hc-fold" lang="{words.lang}"><summary>{summary}</summary></details>'
