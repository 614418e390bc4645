"""Bytes of the KV cache against the number of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from attention.figures.style import byte_label, byte_ticks, plain, styled
from attention.theme import Theme

HEIGHT = 400


@dataclass(frozen=True)
class CurveLine:
    """One way to build the model: a straight line through 0."""

    name: str
    bytes_per_token: int
    role: str  # "mha", "now", "mqa" or "built": decides the colour and the dash


@dataclass(frozen=True)
class CurvePanel:
    """One model: its lines up to ``max_tokens``, and a mark at ``tokens``."""

    title: str
    lines: tuple[CurveLine, ...]
    max_tokens: int
    tokens: int


@dataclass(frozen=True)
class CurveWords:
    """The chart's words; ``units`` name 1, 1,024, 1,024² … bytes, ``roles`` the legend."""

    tokens: str
    units: tuple[str, ...]
    roles: dict[str, str]


def cache_curve(panels: Sequence[CurvePanel], words: CurveWords, theme: Theme) -> go.Figure:
    """One panel beside the other, each with its own axes: the cache grows in a straight line."""
    figure = make_subplots(
        rows=1, cols=len(panels), subplot_titles=[plain(panel.title) for panel in panels]
    )
    shown: set[str] = set()  # one legend for all panels
    for column, panel in enumerate(panels, start=1):
        for line in panel.lines:
            trace = _trace(line, panel, words, theme)
            figure.add_trace(trace.update(showlegend=line.role not in shown), 1, column)
            shown.add(line.role)
        largest = max(line.bytes_per_token for line in panel.lines) * panel.max_tokens
        places, labels = byte_ticks(largest, words.units)
        figure.update_yaxes(tickvals=places, ticktext=labels, range=[0, places[-1]], col=column)
        figure.update_xaxes(title=plain(words.tokens), rangemode="tozero", col=column)
        figure.add_vline(
            x=panel.tokens, line={"color": theme.muted, "width": 1, "dash": "dot"}, col=column
        )
    styled(figure, theme, HEIGHT)
    return figure.update_layout(legend={"y": -0.3, "yanchor": "top"})


def _trace(line: CurveLine, panel: CurvePanel, words: CurveWords, theme: Theme) -> go.Scatter:
    tokens = [0, panel.tokens, panel.max_tokens]
    sizes = [line.bytes_per_token * count for count in tokens]
    return go.Scatter(
        x=tokens,
        y=sizes,
        name=plain(words.roles[line.role]),
        mode="lines+markers",
        line={"color": _color(line.role, theme), "dash": _dash(line.role), "width": 2.5},
        marker={"size": [0, 9, 0]},
        customdata=[byte_label(size, words.units) for size in sizes],
        hovertemplate=f"{plain(line.name)}<br>%{{x:,}} {plain(words.tokens)}"
        "<br>%{customdata}<extra></extra>",
        legendgroup=line.role,
    )


def _color(role: str, theme: Theme) -> str:
    return {"now": theme.looked, "built": theme.looks}.get(role, theme.muted)


def _dash(role: str) -> str:
    return {"mha": "dash", "mqa": "dot"}.get(role, "solid")
