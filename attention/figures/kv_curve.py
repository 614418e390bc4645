"""Bytes of the cache against the context: up to four configurations in one chart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from attention.figures.style import byte_label, byte_ticks, plain, styled
from attention.theme import Theme

HEIGHT = 380
MOST = 4
DASHES = ("solid", "dash", "dot", "dashdot")  # not by colour alone


@dataclass(frozen=True)
class KvLine:
    """One configuration.

    Args:
        name: hostile text.
        points: (tokens, bytes), tokens rising.
        bends: tokens at which a window is full; each must be among the points.
        is_reference: a what-if of another line, drawn muted.
    """

    name: str
    points: tuple[tuple[int, float], ...]
    bends: tuple[int, ...] = ()
    is_reference: bool = False


@dataclass(frozen=True)
class KvCurveWords:
    """The chart's words; ``units`` name 1, 1,024, 1,024² … bytes."""

    tokens: str
    window_full: str
    units: tuple[str, ...]


def kv_curve(
    lines: Sequence[KvLine], words: KvCurveWords, theme: Theme, *, context: int | None = None
) -> go.Figure:
    """A line for each configuration, a diamond where one of its windows is full.

    Args:
        lines: at most four beside references.
        context: tokens chosen now: a dotted line upwards; None for none.

    Raises:
        ValueError: no lines, or more than four that are no reference.
    """
    own = [line for line in lines if not line.is_reference]
    if not lines or len(own) > MOST:
        raise ValueError(f"{len(own)} lines cannot be drawn: choose 1 to {MOST}.")
    figure = go.Figure()
    for line in lines:
        index = own.index(line) if not line.is_reference else 0
        color = theme.muted if line.is_reference else theme.kv[index]
        dash = "dot" if line.is_reference else DASHES[index]
        _add_line(figure, line, words, color, dash)
    _add_bends(figure, lines, words, theme)
    largest = max(size for line in lines for _, size in line.points)
    places, labels = byte_ticks(math.ceil(largest), words.units)
    figure.update_yaxes(tickvals=places, ticktext=labels, range=[0, places[-1]])
    figure.update_xaxes(title=plain(words.tokens), rangemode="tozero", tickformat=",d")
    if context is not None:
        figure.add_vline(x=context, line={"color": theme.muted, "width": 1, "dash": "dot"})
    styled(figure, theme, HEIGHT)
    return figure.update_layout(legend={"y": -0.25, "yanchor": "top"})


def _add_line(figure: go.Figure, line: KvLine, words: KvCurveWords, color: str, dash: str) -> None:
    sizes = [size for _, size in line.points]
    figure.add_trace(
        go.Scatter(
            x=[tokens for tokens, _ in line.points],
            y=sizes,
            name=plain(line.name),
            mode="lines",
            line={"color": color, "dash": dash, "width": 1.5 if line.is_reference else 2.5},
            customdata=[byte_label(size, words.units) for size in sizes],
            hovertemplate=f"{plain(line.name)}<br>%{{x:,}} {plain(words.tokens)}"
            "<br>%{customdata}<extra></extra>",
        )
    )


def _add_bends(
    figure: go.Figure, lines: Sequence[KvLine], words: KvCurveWords, theme: Theme
) -> None:
    marks = [
        (line.name, tokens, size)
        for line in lines
        for tokens, size in line.points
        if tokens in line.bends
    ]
    if not marks:
        return
    figure.add_trace(
        go.Scatter(
            x=[tokens for _, tokens, _ in marks],
            y=[size for _, _, size in marks],
            name=plain(words.window_full),
            mode="markers",
            marker={
                "symbol": "diamond",
                "size": 10,
                "color": theme.background,
                "line": {"color": theme.text, "width": 1.5},
            },
            customdata=[
                f"{plain(name)}<br>{byte_label(size, words.units)}" for name, _, size in marks
            ],
            hovertemplate=f"{plain(words.window_full)}<br>%{{x:,}} {plain(words.tokens)}"
            "<br>%{customdata}<extra></extra>",
        )
    )
