"""What sharing costs: every trained layout, its cache against how well it predicts."""

from html import escape

import streamlit as st

from app.explore import compute
from app.explore.compute import Card
from app.explore.sentences import percent
from app.explore.shown import Shown
from app.i18n import Words
from app.markup import chart_config
from app.theme import current_theme
from attention.figures.sharing import MEASURES, LayoutPoint, SharingWords, sharing
from attention.kv.equal_layers import cache_bytes


def draw(shown: Shown) -> None:
    """A sentence about the layout on the page, one figure, and what it cannot tell."""
    words = shown.words
    points = tuple(_point(card) for card in compute.cards().values())
    if shown.facts.layouts:
        current = shown.settings.layout
        here = next(point for point in points if (point.n_heads, point.n_kv_heads) == current)
        said, alt = _here(here, len(points), words)
    else:
        current = None
        said = words("sharing.stands_for", title=escape(shown.facts.title), n=len(points))
        alt = words("sharing.alt_all", n=len(points))
    st.html(f'<p lang="{words.lang}">{said}</p>')
    figure = sharing(points, current, _words(shown, points), current_theme())
    st.plotly_chart(figure, key="sharing_chart", theme=None, config=chart_config(words), alt=alt)
    st.caption(words("sharing.noise"))


def _here(here: LayoutPoint, n_points: int, words: Words) -> tuple[str, str]:
    """The layout on the page in a sentence, and the chart for those who do not see it."""
    counts = {
        "loss": f"{here.validation_loss:.3f}",
        "en": percent(here.agreement_en),
        "hi": percent(here.agreement_hi),
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
    sizes = {name: card[name] for name in ("n_layers", "n_kv_heads", "head_dim")}
    return LayoutPoint(
        n_heads=card["n_heads"],
        n_kv_heads=card["n_kv_heads"],
        bytes_per_token=int(cache_bytes(**sizes, number_bytes=4)),
        validation_loss=card["validation_loss"],
        agreement_en=card["agreement"]["en"]["accuracy"],
        agreement_hi=card["agreement"]["hi"]["accuracy"],
    )


def _words(shown: Shown, points: tuple[LayoutPoint, ...]) -> SharingWords:
    words = shown.words
    loss, english, hindi = (words(f"sharing.{name}") for name in MEASURES)
    return SharingWords(
        bytes_per_token=words("sharing.bytes"),
        measures=(loss, english, hindi),
        heads={n: words.count("sharing.line", n) for n in {point.n_heads for point in points}},
        point=words("sharing.point"),
        current=words("sharing.current"),
        axes=(words("sharing.axis_heads"), words("picture.formula_kv_heads")),
    )
