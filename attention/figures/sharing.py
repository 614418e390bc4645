"""What sharing KV heads costs: every trained layout, its cache against how well it predicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from attention.digits import ENGLISH, Digits
from attention.figures.style import plain, styled
from attention.theme import SIZES, Theme

HEIGHT = 820
MEASURES = ("validation_loss", "agreement_en", "agreement_hi")
AGREEMENTS = MEASURES[1:]
CHANCE = 0.5  # of two forms of a verb
#: One a head count. Not colours: those say elsewhere which heads share a KV head.
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


@dataclass(frozen=True)
class LayoutPoint:
    """One trained layout, as its card has it."""

    n_heads: int
    n_kv_heads: int
    bytes_per_token: int
    validation_loss: float
    agreement_en: float
    agreement_hi: float
    parameters: int
    seed_losses: tuple[float, ...] = ()  # validation losses of further seeds


@dataclass(frozen=True)
class SharingWords:
    """The chart's words. ``heads`` names a line, by head count; ``point`` is a hover's first
    line, with places for ``heads``, ``kv``, ``bytes`` and ``parameters``."""

    bytes_per_token: str
    measures: tuple[str, str, str]  # in the order of MEASURES
    heads: dict[int, str]
    point: str
    current: str
    front: str
    axes: tuple[str, str]  # of the grids: heads, KV heads
    digits: Digits = ENGLISH


def sharing(
    points: Sequence[LayoutPoint],
    current: tuple[int, int] | None,
    words: SharingWords,
    theme: Theme,
) -> go.Figure:
    """Loss against bytes, a line for each head count; below, agreement as two grids of layouts:
    most are near 100 %, where lines would lie on one another.

    Args:
        points: every layout there is.
        current: ``(n_heads, n_kv_heads)`` of the layout on the page, ringed in each panel; None
            where the page shows another model.
    """
    figure = make_subplots(
        rows=3, cols=1, vertical_spacing=0.13,
        subplot_titles=[plain(name) for name in words.measures],
    )  # fmt: skip
    ordered = sorted(points, key=lambda point: (point.n_heads, point.n_kv_heads))
    here = [point for point in ordered if (point.n_heads, point.n_kv_heads) == current]
    chosen = current[0] if current else None
    for index, (n_heads, line) in enumerate(groupby(ordered, lambda point: point.n_heads)):
        symbol = SYMBOLS[index % len(SYMBOLS)]
        trace = _line(list(line), n_heads, symbol, words, theme, strong=n_heads == chosen)
        figure.add_trace(trace, 1, 1)
    if here:
        figure.add_trace(_ring(here[0], words, theme), 1, 1)
    for row, measure in enumerate(AGREEMENTS, start=2):
        figure.add_trace(_grid(ordered, measure, words, theme), row, 1)
        if here:
            figure.add_shape(_frame(here[0], ordered, theme), row=row, col=1)
    figure.add_trace(_front(ordered, words, theme), 1, 1)
    places = sorted({point.bytes_per_token for point in points})
    ticks = [words.digits.written(place) for place in places]
    figure.update_xaxes(type="log", tickvals=places, ticktext=ticks, row=1, col=1)
    figure.update_xaxes(title=plain(words.bytes_per_token), row=1, col=1)
    styled(figure, theme, HEIGHT)
    heads, kv_heads = ({"text": plain(title), "font_size": SIZES["label"]} for title in words.axes)
    for row in (2, 3):
        figure.update_yaxes(type="category", showgrid=False, title=heads, row=row)
        figure.update_xaxes(type="category", showgrid=False, title=kv_heads, row=row)
    return figure.update_layout(margin={"t": 76}, legend={"y": 1.07})


def _line(
    points: list[LayoutPoint],
    n_heads: int,
    symbol: str,
    words: SharingWords,
    theme: Theme,
    *,
    strong: bool,
) -> go.Scatter:
    return go.Scatter(
        x=[point.bytes_per_token for point in points],
        y=[point.validation_loss for point in points],
        name=plain(words.heads[n_heads]),
        mode="lines+markers",
        line={"color": theme.text if strong else theme.muted, "width": 3 if strong else 1.5},
        marker={"size": 9, "symbol": symbol},
        error_y=_spread(points, theme),
        customdata=[_hover(point, words) for point in points],
        hovertemplate="%{customdata}<br>%{y}<extra></extra>",
    )


def _spread(points: Sequence[LayoutPoint], theme: Theme) -> dict:
    """From the lowest to the highest seed, where there are several."""
    losses = [(point.validation_loss, *point.seed_losses) for point in points]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(each) - each[0] for each in losses],
        "arrayminus": [each[0] - min(each) for each in losses],
        "color": theme.looked,
        "visible": any(point.seed_losses for point in points),
    }


def pareto(points: Sequence[LayoutPoint]) -> list[LayoutPoint]:
    """Those that no other beats in both bytes and loss, ascending by bytes."""
    front: list[LayoutPoint] = []
    for point in sorted(points, key=lambda each: (each.bytes_per_token, each.validation_loss)):
        if not front or point.validation_loss < front[-1].validation_loss:
            front.append(point)
    return front


def _front(points: Sequence[LayoutPoint], words: SharingWords, theme: Theme) -> go.Scatter:
    best = pareto(points)
    return go.Scatter(
        x=[point.bytes_per_token for point in best],
        y=[point.validation_loss for point in best],
        name=plain(words.front),
        mode="lines",
        line={"color": theme.looks, "width": 2, "dash": "dot"},
        hoverinfo="skip",
    )


def _hover(point: LayoutPoint, words: SharingWords) -> str:
    n_bytes = words.digits.written(point.bytes_per_token)
    said = words.point.format(
        heads=point.n_heads,
        kv=point.n_kv_heads,
        bytes=n_bytes,
        parameters=words.digits.written(point.parameters),
    )
    return plain(said)


def _grid(
    points: Sequence[LayoutPoint], measure: str, words: SharingWords, theme: Theme
) -> go.Heatmap:
    """A cell a layout, heads upwards, KV heads to the right."""
    return go.Heatmap(
        x=[str(point.n_kv_heads) for point in points],
        y=[str(point.n_heads) for point in points],
        z=[getattr(point, measure) for point in points],
        zmin=CHANCE,
        zmax=1,
        colorscale=list(theme.scale),
        showscale=False,
        xgap=2,
        ygap=2,
        texttemplate="%{z:.1%}",
        customdata=[_hover(point, words) for point in points],
        hovertemplate="%{customdata}<br>%{z:.1%}<extra></extra>",
    )


def _ring(point: LayoutPoint, words: SharingWords, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[point.bytes_per_token],
        y=[point.validation_loss],
        name=plain(words.current),
        mode="markers",
        marker={"size": 20, "color": "rgba(0,0,0,0)", "line": {"color": theme.text, "width": 2}},
        hoverinfo="skip",
    )


def _frame(point: LayoutPoint, points: Sequence[LayoutPoint], theme: Theme) -> dict:
    """A line around the layout's cell; a category's place is its number."""
    x = sorted({each.n_kv_heads for each in points}).index(point.n_kv_heads)
    y = sorted({each.n_heads for each in points}).index(point.n_heads)
    line = {"color": theme.looked, "width": 4}
    return {"x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5, "line": line}
