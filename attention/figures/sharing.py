"""What sharing KV heads costs: every trained layout, its cache against how well it predicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from attention.figures.style import plain, styled
from attention.theme import Theme

HEIGHT = 640
MEASURES = ("validation_loss", "agreement_en", "agreement_hi")


@dataclass(frozen=True)
class LayoutPoint:
    """One trained layout, as its card has it."""

    n_heads: int
    n_kv_heads: int
    bytes_per_token: int
    validation_loss: float
    agreement_en: float
    agreement_hi: float


@dataclass(frozen=True)
class SharingWords:
    """The chart's words. ``heads`` names a line, by head count; ``point`` is a hover's first
    line, with places for ``heads``, ``kv`` and ``bytes``."""

    bytes_per_token: str
    measures: tuple[str, str, str]  # in the order of MEASURES
    heads: dict[int, str]
    point: str
    current: str


def sharing(
    points: Sequence[LayoutPoint], current: tuple[int, int], words: SharingWords, theme: Theme
) -> go.Figure:
    """Three panels over one another on the same bytes axis, a line for each head count.

    Args:
        points: every layout there is.
        current: ``(n_heads, n_kv_heads)`` of the layout on the page, ringed in each panel.
    """
    figure = make_subplots(
        rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.07,
        subplot_titles=[plain(name) for name in words.measures],
    )  # fmt: skip
    ordered = sorted(points, key=lambda point: (point.n_heads, point.n_kv_heads))
    for row, measure in enumerate(MEASURES, start=1):
        for index, (n_heads, line) in enumerate(groupby(ordered, lambda point: point.n_heads)):
            trace = _line(list(line), measure, n_heads, words, theme.kv[index % len(theme.kv)])
            figure.add_trace(trace.update(showlegend=row == 1), row, 1)
        here = [point for point in ordered if (point.n_heads, point.n_kv_heads) == current]
        figure.add_trace(_ring(here, measure, words, theme).update(showlegend=row == 1), row, 1)
    places = sorted({point.bytes_per_token for point in points})
    figure.update_xaxes(type="log", tickvals=places, ticktext=[f"{place:,}" for place in places])
    figure.update_xaxes(title=plain(words.bytes_per_token), row=3)
    figure.update_yaxes(tickformat=".0%", row=2)
    figure.update_yaxes(tickformat=".0%", row=3)
    styled(figure, theme, HEIGHT)
    return figure.update_layout(margin={"t": 76}, legend={"y": 1.07})


def _line(
    points: list[LayoutPoint], measure: str, n_heads: int, words: SharingWords, color: str
) -> go.Scatter:
    return go.Scatter(
        x=[point.bytes_per_token for point in points],
        y=[getattr(point, measure) for point in points],
        name=plain(words.heads[n_heads]),
        legendgroup=str(n_heads),
        mode="lines+markers",
        line={"color": color, "width": 2},
        marker={"size": 8},
        customdata=[
            plain(
                words.point.format(
                    heads=point.n_heads, kv=point.n_kv_heads, bytes=f"{point.bytes_per_token:,}"
                )
            )
            for point in points
        ],
        hovertemplate="%{customdata}<br>%{y}<extra></extra>",
    )


def _ring(points: list[LayoutPoint], measure: str, words: SharingWords, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[point.bytes_per_token for point in points],
        y=[getattr(point, measure) for point in points],
        name=plain(words.current),
        legendgroup="current",
        mode="markers",
        marker={
            "size": 18,
            "color": "rgba(0,0,0,0)",
            "line": {"color": theme.text, "width": 2},
        },
        hoverinfo="skip",
    )
