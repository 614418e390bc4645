"""One head looked at closely, as HTML: how far it looks, from where, at what, and examples. Pure.

Every token is escaped here, where it becomes markup.
"""

from collections.abc import Iterator
from html import escape

from app.explore.next_token import bar_html, percent
from app.heads.card import WORDY, number, table_html
from app.i18n import Words
from attention.atlas.closer import Bar, Closer, Example, Word
from attention.text.tokens import isolated

WINDOW = 8  # tokens around the one that is asked from
BESIDE = 1  # and around one that is looked at, where that is further away


def distances_html(closer: Closer, words: Words) -> str:
    """The share of all weight by distance, as bars, beside that of even attention."""
    rows = "".join(
        f'<tr><th scope="row">{escape(bar_name(bar, words))}</th>'
        f"<td>{bar_html(bar.share, words)}</td><td>{percent(bar.even, words)}</td></tr>"
        for bar in closer.bars
    )
    titles = "".join(
        f'<th scope="col">{escape(words(f"heads.closer.{name}"))}</th>'
        for name in ("distance", "share", "even")
    )
    caption = words.count("heads.closer.distances", closer.n)
    return (
        f'<table class="hc-keys hc-choices hc-distances" lang="{words.lang}"><caption>'
        f"{escape(caption)}</caption><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>"
    )


def bar_name(bar: Bar, words: Words) -> str:
    """How far, in tokens."""
    if bar.first is None:
        return words("heads.closer.first")
    if bar.first == 0:
        return words("heads.closer.itself")
    ahead = bar.first < 0
    ends = [words.number(abs(end)) for end in (bar.first, bar.last) if end is not None]
    if bar.last is None:
        said = words("heads.closer.and_more", n=ends[0])
    else:
        said = ends[0] if ends[0] == ends[1] else words("heads.closer.span", a=ends[0], b=ends[1])
    return words("heads.closer.ahead" if ahead else "heads.closer.back", n=said)


def tokens_html(closer: Closer, words: Words) -> str:
    """The tokens that it asks from, and those that it looks at."""
    return "".join(
        _tokens(found, name, words)
        for name, found in (("asks", closer.asks), ("looks", closer.looks))
    )


def _tokens(found: tuple[Word, ...], name: str, words: Words) -> str:
    """Asked from: numbers from 0 to 1; looked at: shares of the weight."""

    def value(of: float) -> str:
        return number(of, words) if name == "asks" else percent(of, words)

    body = "".join(
        f'<tr><th scope="row"><bdi>{escape(word.text)}</bdi></th><td>{value(word.value)}</td>'
        f"<td>{value(word.usual)}</td><td>{words.number(word.n)}</td></tr>"
        for word in found
    )
    if not found:
        said = escape(words(f"heads.closer.no_{name}"))
        return f'<p class="hc-small" lang="{words.lang}">{said}</p>'
    columns = ("token", *(("strength", "mean") if name == "asks" else ("share", "even")), "times")
    return table_html(words(f"heads.closer.{name}"), columns, body, words, "heads.closer")


def examples_html(closer: Closer, words: Words) -> str:
    """One token of each decile of strength, the strongest last."""
    body = "".join(
        f'<tr><th scope="row">{words.number(each.decile)}</th><td>{number(each.strength, words)}'
        f'</td><td{WORDY}><div dir="auto" class="hc-example" title="{_title(each, words)}">'
        f"{''.join(_pieces(each))}</div></td></tr>"
        for each in closer.examples
    )
    columns = ("decile", "strength", "example")
    return table_html(words("heads.closer.examples"), columns, body, words, "heads.closer")


def _title(example: Example, words: Words) -> str:
    tokens = example.seen.tokens
    said = words(
        "heads.closer.title",
        query=isolated(tokens[example.query]),
        key=isolated(tokens[example.key]),
        value=number(example.strength, words),
    )
    return escape(said, quote=True)


def _pieces(example: Example) -> Iterator[str]:
    """The text around both tokens; what lies between, where they are far apart, is left out."""
    n, query, key = len(example.seen.tokens), example.query, example.key
    shown = set(range(max(query - WINDOW, 0), min(query + 2, n)))
    shown |= set(range(max(key - BESIDE, 0), min(key + BESIDE + 1, n)))
    before = None
    for at in sorted(shown):
        if before is None or at > before + 1:
            yield " … " if at else ""
        elif at not in example.seen.goes_on:
            yield " "
        text = f"<bdi>{escape(example.seen.tokens[at])}</bdi>"
        text = f'<mark class="hc-key">{text}</mark>' if at == key else text
        yield f'<b class="hc-query">{text}</b>' if at == query else text
        before = at
    yield " …" if before != n - 1 else ""
