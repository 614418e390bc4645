"""What both pages say in HTML. Pure; whatever a visitor gave is escaped."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from app.glossary import definitions_html, with_terms
from app.i18n import Words
from app.parameters import Notice
from attention.errors import sentence_of


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
        values = {name: _filled(value, words) for name, value in notice.values.items()}
        if notice.count is None:
            parts.append(words(notice.key, **values))
        else:
            parts.append(words.count(notice.key, notice.count, **values))
    told = f'<p class="hc-notice" role="status">{" ".join(parts)}</p>' if parts else ""
    shown = with_terms(badge, "top")
    beside = f'<div class="hc-badge" aria-live="polite">{shown}</div>' if badge else ""
    classes = f"hc-top {style}".rstrip()
    return (
        f'<div class="{classes}" lang="{words.lang}"><h1>{words("page.title")}</h1>'
        f'{beside}<p aria-live="polite">{with_terms(said, "top")}</p>{told}'
        f"{definitions_html(badge + said, words, 'top')}</div>"
    )


def _filled(value: object, words: Words) -> str:
    """A count as the language writes it; anything else as it was given."""
    if isinstance(value, int) and not isinstance(value, bool):
        return words.number(value)
    return escape(words.told(value) if isinstance(value, str) else str(value))


def failure(error: ValueError, words: Words) -> str:
    """The library's sentence, as one, in the language of the page."""
    sentence = words.told(sentence_of(error))
    return escape(sentence[:1].upper() + sentence[1:])


def failure_html(error: ValueError, words: Words) -> str:
    """The same in a paragraph."""
    return f'<p class="hc-failed">{failure(error, words)}</p>'


def rows_attribute(rows: Sequence[Sequence[object]]) -> str:
    """The numbers of a chart in HTML, its header first: "Take it along" makes its CSV of them."""
    return f' data-rows="{escape(json.dumps(rows, ensure_ascii=False))}"'


def table_html(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    words: Words,
    style: str = "",
) -> str:
    """A table whose first column names the rows.

    Args:
        style: "hc-words" where its cells are words and no numbers.
    """
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="hc-wide {style}" role="region" tabindex="0" '
        f'aria-label="{escape(caption, quote=True)}"><table class="hc-keys" lang="{words.lang}">'
        f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def fold_html(words: Words) -> str:
    """What opens and closes the controls that fold on a phone; elsewhere it is not shown."""
    summary = escape(words("controls.fold"))
    return f'<details class="hc-fold" lang="{words.lang}"><summary>{summary}</summary></details>'


def chart_config(words: Words) -> dict[str, Any]:
    """What Plotly needs to write numbers as the page does."""
    digits = words.digits
    sizes = [*digits.sizes, *[digits.sizes[-1]] * 8]
    form = {"decimal": digits.decimal, "thousands": digits.group, "grouping": sizes}
    return {"locale": words.lang, "locales": {words.lang: {"dictionary": {}, "format": form}}}
