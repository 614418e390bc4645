"""What every chart has in common: colours, type, margins, and byte axes."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

from attention.amounts import in_units
from attention.theme import SIZES, Theme

FONT = '"Source Sans", "Noto Sans Devanagari", sans-serif'  # the first comes with Streamlit


def styled(figure: go.Figure, theme: Theme, height: int) -> go.Figure:
    """Give ``figure`` the page's colours and sizes; changes and returns it."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 32, "t": 34, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": theme.text, "size": SIZES["label"], "family": FONT},
        hoverlabel={"bgcolor": theme.background, "font": {"color": theme.text}},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        modebar={"color": theme.muted, "activecolor": theme.text},
    )
    figure.update_annotations(font={"size": SIZES["heading"]})  # the titles of the panels
    lines = {"gridcolor": theme.line, "linecolor": theme.line, "zerolinecolor": theme.line}
    figure.update_xaxes(automargin=True, title_font={"size": SIZES["label"]}, **lines)
    figure.update_yaxes(automargin=True, **lines)
    return figure


def plain(text: str) -> str:
    """``text`` as Plotly shows it unchanged: no tag, no entity, no template place."""
    return escape(text, quote=False).replace("%{", "%&#123;")


def lines_of(text: str) -> str:
    """The same of each line of ``text``: one where it has no line breaks."""
    return "<br>".join(map(plain, text.split("\n")))


def byte_label(size: float, units: Sequence[str]) -> str:
    """``size`` bytes as :func:`attention.amounts.in_units` writes them: ``1536`` is ``1.5 KiB``.

    ``units`` are the names of 1, 1,024, 1,024² … bytes.
    """
    return in_units(size, units)


def byte_ticks(largest: int, units: Sequence[str], count: int = 4) -> tuple[list[int], list[str]]:
    """Tick places from 0 to ``largest`` bytes or a little over, and their labels.

    The step is a power of two, so that 1 MiB and not 0.95 MiB stands at a tick.
    """
    step = 1
    while step * count < largest:
        step *= 2
    places = [step * index for index in range(-(-max(largest, 1) // step) + 1)]
    return places, ["0", *(byte_label(place, units) for place in places[1:])]
