"""Memory against context as MHA, as it is, and as MQA, with the GPU's line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from attention.figures.style import byte_label, byte_ticks, plain, styled
from attention.theme import Theme

HEIGHT = 400
ROLES = ("mha", "as_is", "mqa")
ROOM = 2.0  # the highest GPU line, times this, is as far up as the chart goes


@dataclass(frozen=True)
class FitLine:
    """One way to build the model: weights, overhead and cache of one device together.

    Args:
        role: ``"mha"``, ``"as_is"`` or ``"mqa"``: decides the colour and the dash.
        points: (tokens, bytes), tokens rising.
    """

    role: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class GpuLine:
    """A device: its name, hostile text, and the bytes of it that may be used."""

    name: str
    usable_bytes: float


@dataclass(frozen=True)
class FitWords:
    """The chart's words; ``units`` name 1, 1,024, 1,024² … bytes, ``roles`` the legend."""

    tokens: str
    fixed: str  # weights and overhead
    units: tuple[str, ...]
    roles: dict[str, str]


def memory_fit(
    lines: Sequence[FitLine],
    fixed_bytes: float,
    gpus: Sequence[GpuLine],
    words: FitWords,
    theme: Theme,
    *,
    context: int | None = None,
) -> go.Figure:
    """Lines that rise from the weights; where one crosses a GPU's line it fits no more.

    Args:
        fixed_bytes: weights and overhead of one device: a band at the bottom.
        context: tokens chosen now: a dotted line upwards; None for none.
    """
    figure = go.Figure()
    ends = [tokens for line in lines for tokens, _ in line.points]
    _add_band(figure, max(ends, default=1), fixed_bytes, words, theme)
    for line in lines:
        _add_line(figure, line, words, theme)
    for gpu in gpus:
        figure.add_hline(
            y=gpu.usable_bytes,
            line={"color": theme.text, "width": 1},
            annotation={
                "text": f"{plain(gpu.name)}: {byte_label(gpu.usable_bytes, words.units)}",
                "xanchor": "right",
                "font": {"color": theme.text},
                "bgcolor": theme.background,  # a line may pass behind it
            },
            annotation_position="top right",
        )
    places, labels = byte_ticks(_top(lines, fixed_bytes, gpus), words.units)
    figure.update_yaxes(tickvals=places, ticktext=labels, range=[0, places[-1]])
    figure.update_xaxes(title=plain(words.tokens), rangemode="tozero", tickformat=",d")
    if context is not None:
        figure.add_vline(x=context, line={"color": theme.muted, "width": 1, "dash": "dot"})
    sizes = [note.font.to_plotly_json() for note in figure.layout.annotations]
    styled(figure, theme, HEIGHT)
    for note, font in zip(figure.layout.annotations, sizes, strict=True):
        note.font = {**font, "size": figure.layout.font.size}  # labels, not titles
    return figure.update_layout(legend={"y": -0.25, "yanchor": "top"})


def _top(lines: Sequence[FitLine], fixed_bytes: float, gpus: Sequence[GpuLine]) -> int:
    """As high as the lines go, but not so high that the GPU's line lies on the floor."""
    largest = max((size for line in lines for _, size in line.points), default=1)
    highest = max((gpu.usable_bytes for gpu in gpus), default=0)
    if highest and largest > ROOM * highest:
        largest = ROOM * max(highest, fixed_bytes)
    return math.ceil(max(largest, highest * 1.05, 1))


def _add_band(
    figure: go.Figure, end: int, fixed_bytes: float, words: FitWords, theme: Theme
) -> None:
    figure.add_trace(
        go.Scatter(
            x=[0, end],
            y=[fixed_bytes, fixed_bytes],
            name=plain(words.fixed),
            mode="lines",
            fill="tozeroy",
            fillcolor=theme.neutral,
            line={"color": theme.neutral, "width": 0},
            customdata=[byte_label(fixed_bytes, words.units)] * 2,
            hovertemplate=f"{plain(words.fixed)}<br>%{{customdata}}<extra></extra>",
        )
    )


def _add_line(figure: go.Figure, line: FitLine, words: FitWords, theme: Theme) -> None:
    is_own = line.role == "as_is"
    sizes = [size for _, size in line.points]
    figure.add_trace(
        go.Scatter(
            x=[tokens for tokens, _ in line.points],
            y=sizes,
            name=plain(words.roles[line.role]),
            mode="lines",
            line={
                "color": theme.looked if is_own else theme.muted,
                "dash": {"mha": "dash", "mqa": "dot"}.get(line.role, "solid"),
                "width": 2.5 if is_own else 2,
            },
            customdata=[byte_label(size, words.units) for size in sizes],
            hovertemplate=f"{plain(words.roles[line.role])}<br>%{{x:,}} {plain(words.tokens)}"
            "<br>%{customdata}<extra></extra>",
        )
    )
