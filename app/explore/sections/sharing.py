"""What sharing costs: every trained layout, its cache against how well it predicts."""

from html import escape
from statistics import fmean

import streamlit as st

from app.explore import layouts
from app.explore.sentences import percent
from app.explore.settings import Settings
from app.explore.shown import Shown
from app.i18n import Words
from app.markup import chart_config, table_html
from app.session import Session
from app.theme import current_theme
from attention.figures.sharing import MEASURES, LayoutPoint, Quality, SharingWords, sharing
from attention.kv.equal_layers import cache_bytes
from attention.models.layouts.cards import Card


def draw(shown: Shown, session: Session[Settings]) -> None:
    """The layouts, beside what is on the page."""
    layout = shown.settings.layout if shown.facts.layouts else None
    draw_layouts(layout, shown.facts.title, shown.words)


def draw_layouts(current: tuple[int, int] | None, title: str, words: Words) -> None:
    """A sentence about the layout on the page, one figure, and what it cannot tell.

    Args:
        current: the layout on the page; None where another model is, of this ``title``.
    """
    points = tuple(_point(card) for card in layouts.cards().values())
    if current is not None:
        here = next(point for point in points if (point.n_heads, point.n_kv_heads) == current)
        said, alt = _here(here, len(points), words)
    else:
        said = words("sharing.stands_for", title=escape(title), n=len(points))
        alt = words("sharing.alt_all", n=len(points))
    st.html(f'<p lang="{words.lang}">{said}</p>')
    figure = sharing(points, current, _words(words, points), current_theme())
    st.plotly_chart(figure, key="sharing_chart", theme=None, config=chart_config(words), alt=alt)
    st.html(_seeds_html(words))
    st.caption(words("sharing.noise"))


def _seeds_html(words: Words) -> str:
    """Losses of several seeds as differences from all heads apart, and of as many parameters."""
    cards, rows = layouts.cards(), layouts.sharing_rows()
    there = sorted({(row["n_heads"], row["n_kv_heads"]) for row in rows} & cards.keys())[::-1]
    if not there:
        return ""
    seeds = {layout: [cards[layout], *_rows(rows, layout, wide=False)] for layout in there}
    base = fmean(card["validation_loss"] for card in seeds[there[0]])
    body = []
    for layout in there:
        wide = _rows(rows, layout, wide=True)
        cells = [_cells(some, base, words) for some in (seeds[layout], wide)]
        body.append((f"{layout[0]}/{layout[1]}", *cells[0], *cells[1]))
    names = ("layout", "parameters", "difference", "parameters_wide", "difference_wide")
    caption = words("sharing.seeds", loss=words.number(base, ".3f"), n=len(seeds[there[0]]))
    return table_html(caption, [words(f"sharing.{name}") for name in names], body, words)


def _rows(rows: list[Card], layout: tuple[int, int], *, wide: bool) -> list[Card]:
    plain = layouts.cards()[layout]["mlp_dim"]
    of_layout = [row for row in rows if (row["n_heads"], row["n_kv_heads"]) == layout]
    return [row for row in of_layout if (row["mlp_dim"] > plain) == wide]


def _cells(some: list[Card], base: float, words: Words) -> tuple[str, str]:
    """Parameters, and the mean loss above ``base`` with the lowest and highest of the seeds."""
    if not some:
        return "–", "–"
    above = [card["validation_loss"] - base for card in some]
    told = words.number(fmean(above), "+.3f")
    if len(above) > 1:
        least, most = (words.number(one(above), "+.3f") for one in (min, max))
        told += f" ({least} … {most})"
    return words.number(some[0]["parameters"]), told.replace("-", "−")


def _here(here: LayoutPoint, n_points: int, words: Words) -> tuple[str, str]:
    """The layout on the page in a sentence, and the chart for those who do not see it."""
    counts = {
        "loss": words.number(here.quality.validation_loss, ".3f"),
        "en": percent(here.quality.agreement_en, words),
        "hi": percent(here.quality.agreement_hi, words),
    }
    said = words(
        "sharing.here",
        heads=words.count("sharing.line", here.n_heads),
        kv=words.count("sharing.kv", here.n_kv_heads),
        bytes=words("sharing.size", n=words.number(here.bytes_per_token)),
        **counts,
    )
    alt = words("sharing.alt", n=n_points, bytes=words.number(here.bytes_per_token), **counts)
    return said, alt


def _point(card: Card) -> LayoutPoint:
    """A layout as its card has it; its cache in float32, as it is measured on the page."""
    layout = (card["n_heads"], card["n_kv_heads"])
    others = _rows(layouts.sharing_rows(), layout, wide=False)
    sizes = {name: card[name] for name in ("n_layers", "n_kv_heads", "head_dim")}
    return LayoutPoint(
        n_heads=card["n_heads"],
        n_kv_heads=card["n_kv_heads"],
        bytes_per_token=int(cache_bytes(**sizes, number_bytes=4)),
        quality=_quality(card),
        parameters=card["parameters"],
        seeds=tuple(map(_quality, others)),
    )


def _quality(card: Card) -> Quality:
    """Of a card, or of a row beside the cards."""
    return Quality(
        validation_loss=card["validation_loss"],
        agreement_en=card["agreement"]["en"]["accuracy"],
        agreement_hi=card["agreement"]["hi"]["accuracy"],
    )


def _words(words: Words, points: tuple[LayoutPoint, ...]) -> SharingWords:
    loss, english, hindi = (words(f"sharing.{name}") for name in MEASURES)
    return SharingWords(
        bytes_per_token=words("sharing.bytes"),
        measures=(loss, english, hindi),
        heads={n: words.count("sharing.line", n) for n in {point.n_heads for point in points}},
        point=words("sharing.point"),
        current=words("sharing.current"),
        front=words("sharing.front"),
        digits=words.digits,
    )
