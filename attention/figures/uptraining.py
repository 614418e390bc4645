"""Uptraining: the loss of the text that was read, update by update, coming down."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from attention.figures.style import plain, styled
from attention.theme import Theme

HEIGHT = 260
OVER = 12  # updates of which the line is the mean


@dataclass(frozen=True)
class UptrainingWords:
    """The chart's words."""

    updates: str
    loss: str
    each: str
    mean: str


def uptraining(
    losses: Sequence[float], total: int, words: UptrainingWords, theme: Theme
) -> go.Figure:
    """Every update a dot, and the mean of the last few as a line.

    Args:
        losses: nats a token, of the updates so far.
        total: updates that there will be.
    """
    places = list(range(1, len(losses) + 1))
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=places, y=list(losses), name=plain(words.each), mode="markers",
            marker={"color": theme.muted, "size": 4, "opacity": 0.6},
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=places, y=smoothed(losses, OVER), name=plain(words.mean), mode="lines",
            line={"color": theme.looks, "width": 2.5},
        )
    )  # fmt: skip
    figure.update_xaxes(title=plain(words.updates), range=[0, total + 1], tickformat=",d")
    figure.update_yaxes(title=plain(words.loss), tickformat=".1f")
    return styled(figure, theme, HEIGHT)


def smoothed(losses: Sequence[float], over: int) -> list[float]:
    """The mean of each and those before it, ``over`` of them at most."""
    windows = (losses[max(0, n - over) : n] for n in range(1, len(losses) + 1))
    return [sum(window) / len(window) for window in windows]
