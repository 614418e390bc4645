"""Bytes of the KV cache against the number of tokens."""

from dataclasses import dataclass

import plotly.graph_objects as go

from attention.figures.style import byte_label, byte_ticks, lines_of, plain, styled
from attention.theme import SIZES, Theme

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


def cache_curve(panel: CurvePanel, words: CurveWords, theme: Theme) -> go.Figure:
    """The cache grows in a straight line. A figure a model, so that on a phone one can stand below
    the other.

    Args:
        panel: its title may have several lines.
    """
    figure = go.Figure([_trace(line, panel, words, theme) for line in panel.lines])
    largest = max(line.bytes_per_token for line in panel.lines) * panel.max_tokens
    places, labels = byte_ticks(largest, words.units)
    figure.update_yaxes(tickvals=places, ticktext=labels, range=[0, places[-1]])
    figure.update_xaxes(title=plain(words.tokens), rangemode="tozero")
    figure.add_vline(x=panel.tokens, line={"color": theme.muted, "width": 1, "dash": "dot"})
    styled(figure, theme, HEIGHT)
    title = {"text": lines_of(panel.title), "x": 0.5, "font": {"size": SIZES["heading"]}}
    return figure.update_layout(
        title=title, margin={"t": 52}, legend={"y": -0.3, "yanchor": "top"}, showlegend=True
    )


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
    )


def _color(role: str, theme: Theme) -> str:
    return {"now": theme.looked, "built": theme.looks}.get(role, theme.muted)


def _dash(role: str) -> str:
    return {"mha": "dash", "mqa": "dot"}.get(role, "solid")
