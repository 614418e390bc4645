"""What a text costs while a model's heads go: the guess first, the truth over it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from attention.digits import ENGLISH, Digits
from attention.figures.style import plain, styled
from attention.theme import SIZES, Theme

HEIGHT = 400
STEPS = (1, 2, 5)  # times powers of ten: the perplexities at the right axis
MOST_TICKS = 9


@dataclass(frozen=True)
class PruningPoint:
    """One share of the heads gone.

    Args:
        share: per cent; loss: nats a token; least, most: of several orders.
    """

    share: float
    loss: float
    least: float
    most: float


@dataclass(frozen=True)
class PruningWords:
    """The chart's words; ``point`` is a hover's line, with places ``share``, ``loss`` and
    ``perplexity``."""

    share: str
    loss: str
    perplexity: str
    line: str
    band: str
    limit: str
    guess: str
    truth: str
    point: str
    digits: Digits = ENGLISH


def pruning(
    points: Sequence[PruningPoint],
    limit: float,
    guess: float,
    truth: float,
    words: PruningWords,
    theme: Theme,
) -> go.Figure:
    """Loss, and perplexity at the right, against the share of heads gone.

    Args:
        points: ascending by share.
        limit: the loss that the guess is about.
        guess, truth: shares, per cent.
    """
    figure = go.Figure()
    if any(point.most > point.least for point in points):
        figure.add_trace(_band(points, words, theme))
    figure.add_trace(_line(points, words, theme))
    low = min(point.least for point in points)
    high = max(limit, *(point.most for point in points))
    room = 0.08 * (high - low)
    span = [low - room, high + room]
    _mark_limit(figure, limit, words, theme)
    _mark_share(figure, guess, words.guess, theme.looked, "dash", top=True)
    _mark_share(figure, truth, words.truth, theme.looks, "solid", top=False)
    styled(figure, theme, HEIGHT)
    places = _perplexities(*span)
    # Plotly draws an axis only where something is drawn on it.
    figure.add_trace(go.Scatter(x=[0], y=[low], yaxis="y2", opacity=0, showlegend=False,
                                hoverinfo="skip"))  # fmt: skip
    ticks = [words.digits.written(place, ",.4g" if place < 1 else ",.0f") for place in places]
    figure.update_xaxes(title=plain(words.share), tickvals=list(range(0, 101, 10)), range=[-2, 102])
    figure.update_yaxes(title={"text": plain(words.loss), "font_size": SIZES["label"]}, range=span)
    figure.update_layout(
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "range": span,
            "tickvals": [math.log(place) for place in places],
            "ticktext": ticks,
            "title": {"text": plain(words.perplexity), "font": {"size": SIZES["label"]}},
            "showgrid": False,
            "automargin": True,
        },
        margin={"t": 64, "r": 8},
        legend={"y": 1.08},
    )
    return figure


def _line(points: Sequence[PruningPoint], words: PruningWords, theme: Theme) -> go.Scatter:
    def said(point: PruningPoint) -> str:
        number = words.digits.written
        perplexity = math.exp(min(point.loss, 700))
        return words.point.format(
            share=number(point.share, ".0f"),
            loss=number(point.loss, ".2f"),
            perplexity=number(perplexity, ",.1f"),
        )

    return go.Scatter(
        x=[point.share for point in points],
        y=[point.loss for point in points],
        name=plain(words.line),
        mode="lines+markers",
        line={"color": theme.text, "width": 2.5},
        marker={"size": 8},
        customdata=[plain(said(point)) for point in points],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _band(points: Sequence[PruningPoint], words: PruningWords, theme: Theme) -> go.Scatter:
    """From the lowest to the highest of the orders, as one outline."""
    there = [point.share for point in points]
    return go.Scatter(
        x=there + there[::-1],
        y=[point.most for point in points] + [point.least for point in reversed(points)],
        name=plain(words.band),
        fill="toself",
        fillcolor=theme.neutral,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )


def _mark_limit(figure: go.Figure, limit: float, words: PruningWords, theme: Theme) -> None:
    line = {"color": theme.muted, "dash": "dot", "width": 1.5}
    figure.add_shape(type="line", xref="paper", x0=0, x1=1, y0=limit, y1=limit, line=line)
    figure.add_annotation(
        xref="paper", x=1, xanchor="right", y=limit, yanchor="bottom", showarrow=False,
        text=plain(words.limit), font={"color": theme.muted},
    )  # fmt: skip


def _mark_share(
    figure: go.Figure, share: float, text: str, color: str, dash: str, *, top: bool
) -> None:
    line = {"color": color, "dash": dash, "width": 2.5}
    figure.add_shape(type="line", yref="paper", x0=share, x1=share, y0=0, y1=1, line=line)
    right = share <= 50  # the words stand where there is room
    figure.add_annotation(
        x=share, xanchor="left" if right else "right", yref="paper", y=1 if top else 0.88,
        yanchor="top", xshift=6 if right else -6, showarrow=False, text=plain(text),
        font={"color": color},
    )  # fmt: skip


def _perplexities(low: float, high: float) -> list[float]:
    """Round ones between two losses, few enough to be read."""
    ten = math.log(10)
    powers = range(math.floor(low / ten), math.ceil(high / ten) + 1)
    found = [
        step * 10.0**power
        for power in powers
        for step in STEPS
        if low <= math.log(step) + power * ten <= high
    ]
    return found[:: math.ceil(len(found) / MOST_TICKS) or 1]
