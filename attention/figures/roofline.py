"""The roofline: FLOPs a second that a device allows, against FLOPs for each byte it reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from attention.figures.style import plain, styled
from attention.theme import SIZES, Theme

HEIGHT = 400
SYMBOLS = {"mha": "square", "as_is": "circle", "mqa": "triangle-up", "step": "diamond"}


@dataclass(frozen=True)
class Roof:
    """A device. ``peak`` is None where no source says its FLOPS: the slope has no end then."""

    name: str  # hostile text
    bandwidth: float  # bytes a second
    peak: float | None


@dataclass(frozen=True)
class RoofPoint:
    """Something on the roofline.

    Args:
        role: ``"mha"``, ``"as_is"``, ``"mqa"`` (attention alone) or ``"step"`` (a whole step).
        intensity: FLOPs for a byte.
        name: of it, as the legend has it; hostile text.
    """

    role: str
    intensity: float
    name: str


@dataclass(frozen=True)
class RoofWords:
    """The chart's words."""

    intensity: str  # the x axis
    rate: str  # the y axis
    memory: str  # the slope: memory binds
    compute: str  # the flat part: compute binds


def roofline(roof: Roof, points: Sequence[RoofPoint], words: RoofWords, theme: Theme) -> go.Figure:
    """Both axes logarithmic: a slope, a ridge, a flat roof, and the points that stand under it."""
    ridge = None if roof.peak is None else roof.peak / roof.bandwidth
    marks = [point.intensity for point in points] + ([ridge] if ridge else [])
    low = min([*marks, 1.0]) / 4
    high = max([*marks, 1.0]) * 4
    figure = go.Figure()
    slope_end = high if ridge is None else ridge
    _add_roof(figure, roof, [low, slope_end], words.memory, theme.looks)
    if ridge is not None:
        _add_roof(figure, roof, [ridge, high], words.compute, theme.looked)
    for point in points:
        rate = _allowed(roof, point.intensity)
        figure.add_trace(
            go.Scatter(
                x=[point.intensity],
                y=[rate],
                name=plain(point.name),
                mode="markers",
                marker={
                    "size": 13,
                    "symbol": SYMBOLS[point.role],
                    "color": theme.text if point.role == "as_is" else theme.background,
                    "line": {"color": theme.text, "width": 1.8},
                },
                hovertemplate=f"{plain(point.name)}<br>%{{x:.4g}} {plain(words.intensity)}"
                f"<br>%{{y:.4s}} {plain(words.rate)}<extra></extra>",
            )
        )
    figure.update_xaxes(type="log", title=plain(words.intensity), dtick=1)
    figure.update_yaxes(type="log", title=plain(words.rate), tickformat=".0s", dtick=1)
    styled(figure, theme, HEIGHT)
    figure.update_yaxes(title_font={"size": SIZES["label"]})
    return figure.update_layout(legend={"y": -0.25, "yanchor": "top"})


def _allowed(roof: Roof, intensity: float) -> float:
    rate = intensity * roof.bandwidth
    return rate if roof.peak is None else min(rate, roof.peak)


def _add_roof(figure: go.Figure, roof: Roof, ends: list[float], name: str, color: str) -> None:
    figure.add_trace(
        go.Scatter(
            x=ends,
            y=[_allowed(roof, intensity) for intensity in ends],
            name=plain(name),
            mode="lines",
            line={"color": color, "width": 2.5},
            hovertemplate=f"{plain(roof.name)}<br>{plain(name)}<br>%{{x:.4g}}, %{{y:.4s}}"
            "<extra></extra>",
        )
    )
