"""What sharing costs: every trained layout, its cache against how well it predicts."""

from html import escape

import streamlit as st

from app.explore import compute
from app.explore.compute import Card
from app.explore.sentences import percent
from app.explore.shown import Shown
from app.markup import chart_config
from app.theme import current_theme
from attention.figures.sharing import MEASURES, LayoutPoint, SharingWords, sharing
from attention.kv.equal_layers import cache_bytes


def draw(shown: Shown) -> None:
    """A sentence about the layout on the page, one figure, and what it cannot tell."""
    words = shown.words
    if not shown.facts.layouts:
        said = words("sharing.trained_only", title=escape(shown.facts.title))
        st.html(f'<p lang="{words.lang}">{said}</p>')
    points = tuple(_point(card) for card in compute.cards().values())
    current = shown.settings.layout
    here = next(point for point in points if (point.n_heads, point.n_kv_heads) == current)
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
    st.html(f'<p lang="{words.lang}">{said}</p>')
    alt = words("sharing.alt", n=len(points), bytes=words.number(here.bytes_per_token), **counts)
    figure = sharing(points, current, _words(shown, points), current_theme())
    st.plotly_chart(figure, key="sharing_chart", theme=None, config=chart_config(words), alt=alt)
    st.caption(words("sharing.noise"))


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
    )
