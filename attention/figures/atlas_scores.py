"""Every head of a model as a point: one score against another, coloured by KV head."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from attention.figures.style import plain, styled
from attention.theme import Theme, kv_color

HEIGHT = 460
DOT, CHOSEN = 10, 20  # pixels


@dataclass(frozen=True)
class HeadPoint:
    """A head.

    Args:
        place: layer and number.
        n_kv_heads: of its layer.
        says: what stands in the box beside it.
    """

    place: tuple[int, int]
    kv_head: int
    n_kv_heads: int
    x: float
    y: float
    says: str


@dataclass(frozen=True)
class AtlasWords:
    """What the chart says.

    Args:
        kv: name of each KV head; every: of all heads, where KV heads have no colours of their own.
    """

    x: str
    y: str
    kv: Sequence[str]
    every: str
    chosen: str
    chance: str


def scatter(
    points: Sequence[HeadPoint],
    chances: tuple[float, float],
    chosen: tuple[int, int] | None,
    words: AtlasWords,
    theme: Theme,
) -> go.Figure:
    """The chart. A point's ``customdata`` is its layer, its number and what it says.

    Args:
        chances: the scores, across and upwards, of a head that knows nothing of the text.
    """
    figure = go.Figure()
    most = max((point.n_kv_heads for point in points), default=1)
    coloured = most <= len(theme.kv)
    for kv_head in range(most if coloured else 1):
        some = [point for point in points if not coloured or point.kv_head == kv_head]
        color = kv_color(theme, kv_head, most) if coloured else theme.muted
        name = words.kv[kv_head] if coloured else words.every
        figure.add_trace(_points(some, name, color, theme))
    for at, add in zip(chances, (figure.add_vline, figure.add_hline), strict=True):
        add(at, line={"dash": "dot", "color": theme.muted}, annotation_text=plain(words.chance))
    ringed = [point for point in points if point.place == chosen]
    if ringed:
        figure.add_trace(_ring(ringed[0], words, theme))
    styled(figure, theme, HEIGHT)
    figure.update_xaxes(title=plain(words.x))
    figure.update_yaxes(title=plain(words.y))
    return figure.update_layout(clickmode="event+select", dragmode="zoom")


def _points(points: Sequence[HeadPoint], name: str, color: str, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[point.x for point in points],
        y=[point.y for point in points],
        name=plain(name),
        mode="markers",
        marker={"size": DOT, "color": color, "line": {"color": theme.background, "width": 1}},
        unselected={"marker": {"opacity": 1}},
        customdata=[[*point.place, plain(point.says)] for point in points],
        hovertemplate="%{customdata[2]}<br>%{x:.2f}, %{y:.2f}<extra></extra>",
    )


def _ring(point: HeadPoint, words: AtlasWords, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[point.x],
        y=[point.y],
        name=plain(words.chosen),
        mode="markers",
        marker={
            "size": CHOSEN,
            "color": "rgba(0,0,0,0)",
            "line": {"color": theme.text, "width": 2},
        },
        hoverinfo="skip",
    )
