"""What every chart has in common: colours, type, margins, and byte axes."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

from attention.amounts import unit_power
from attention.theme import SIZES, Theme

KIB = 1024
FONT = '"Source Sans", "Noto Sans Devanagari", sans-serif'  # the first comes with Streamlit


def styled(figure: go.Figure, theme: Theme, height: int) -> go.Figure:
    """Give ``figure`` the page's colours and sizes; changes and returns it."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 34, "b": 8},
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


def byte_label(size: float, units: Sequence[str]) -> str:
    """``size`` bytes in the largest unit that leaves a whole part: ``1536`` is ``1.5 KiB``.

    ``units`` are the names of 1, 1,024, 1,024² … bytes.
    """
    power = unit_power(size, len(units))
    return f"{size / KIB**power:,.4g} {units[power]}"


def byte_ticks(largest: int, units: Sequence[str], count: int = 4) -> tuple[list[int], list[str]]:
    """Tick places from 0 to ``largest`` bytes or a little over, and labels in one unit.

    The step is a power of two, so that 1 MiB and not 0.95 MiB stands at a tick.
    """
    step = 1
    while step * count < largest:
        step *= 2
    power = unit_power(step, len(units))
    places = [step * index for index in range(-(-max(largest, 1) // step) + 1)]
    return places, [f"{place / KIB**power:,.4g} {units[power]}" for place in places]
