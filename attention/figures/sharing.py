"""What sharing KV heads costs: every trained layout, its cache against how well it predicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from attention.digits import ENGLISH, Digits
from attention.figures.style import lines_of, plain, styled
from attention.theme import Theme

HEIGHT = 980
MEASURES = ("validation_loss", "agreement_en", "agreement_hi")  # a panel each
LOSS = MEASURES[0]  # of the others more is better
#: One a head count. Not colours: those say elsewhere which heads share a KV head.
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How well one training predicts: the loss, and the shares of sentences that are right."""

    validation_loss: float
    agreement_en: float
    agreement_hi: float


@dataclass(frozen=True, kw_only=True)
class LayoutPoint:
    """One trained layout, as its card has it."""

    n_heads: int
    n_kv_heads: int
    bytes_per_token: int
    quality: Quality
    parameters: int
    seeds: tuple[Quality, ...] = ()  # of further seeds

    def value(self, measure: str) -> float:
        """One of :data:`MEASURES`."""
        return float(getattr(self.quality, measure))


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
    digits: Digits = ENGLISH


def sharing(
    points: Sequence[LayoutPoint],
    current: tuple[int, int] | None,
    words: SharingWords,
    theme: Theme,
) -> go.Figure:
    """Loss against bytes, and below it agreement in both languages: a line for each head count,
    and the layouts that no other beats in both.

    Args:
        points: every layout there is.
        current: ``(n_heads, n_kv_heads)`` of the layout on the page, ringed in each panel; None
            where the page shows another model.
    """
    figure = make_subplots(
        rows=len(MEASURES), cols=1, vertical_spacing=0.09,
        subplot_titles=[plain(name) for name in words.measures],
    )  # fmt: skip
    ordered = sorted(points, key=lambda point: (point.n_heads, point.n_kv_heads))
    here = [point for point in ordered if (point.n_heads, point.n_kv_heads) == current]
    for row, measure in enumerate(MEASURES, start=1):
        for index, (n_heads, line) in enumerate(groupby(ordered, lambda point: point.n_heads)):
            strong = current is not None and n_heads == current[0]
            trace = _line(list(line), measure, words, theme, strong=strong)
            figure.add_trace(trace.update(marker_symbol=SYMBOLS[index % len(SYMBOLS)]), row, 1)
        if here:
            figure.add_trace(_ring(here[0], measure, words, theme), row, 1)
        figure.add_trace(_front(ordered, measure, words, theme), row, 1)
    places = sorted({point.bytes_per_token for point in points})
    ticks = [words.digits.written(place) for place in places]
    figure.update_xaxes(type="log", tickvals=places, ticktext=ticks)
    figure.update_xaxes(title=lines_of(words.bytes_per_token), row=len(MEASURES), col=1)
    for row in range(2, len(MEASURES) + 1):
        figure.update_yaxes(tickformat=".0%", row=row, col=1)
    return styled(figure, theme, HEIGHT).update_layout(margin={"t": 76}, legend={"y": 1.06})


def _line(
    points: list[LayoutPoint], measure: str, words: SharingWords, theme: Theme, *, strong: bool
) -> go.Scatter:
    name, form = words.heads[points[0].n_heads], "%{y}" if measure == LOSS else "%{y:.1%}"
    return go.Scatter(
        x=[point.bytes_per_token for point in points],
        y=[point.value(measure) for point in points],
        name=plain(name),
        legendgroup=name,
        showlegend=measure == LOSS,
        mode="lines+markers",
        line={"color": theme.text if strong else theme.muted, "width": 3 if strong else 1.5},
        marker={"size": 9},
        error_y=_spread(points, measure, theme),
        customdata=[_hover(point, words) for point in points],
        hovertemplate=f"%{{customdata}}<br>{form}<extra></extra>",
    )


def _spread(points: Sequence[LayoutPoint], measure: str, theme: Theme) -> dict:
    """From the lowest to the highest seed, where there are several."""
    every = [
        (point.value(measure), *(getattr(each, measure) for each in point.seeds))
        for point in points
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(each) - each[0] for each in every],
        "arrayminus": [each[0] - min(each) for each in every],
        "color": theme.looked,
        "visible": any(point.seeds for point in points),
    }


def pareto(points: Sequence[LayoutPoint], measure: str = LOSS) -> list[LayoutPoint]:
    """Those that no other beats in both bytes and the measure, ascending by bytes."""

    def worse(point: LayoutPoint) -> float:
        return point.value(measure) if measure == LOSS else -point.value(measure)

    front: list[LayoutPoint] = []
    for point in sorted(points, key=lambda each: (each.bytes_per_token, worse(each))):
        if not front or worse(point) < worse(front[-1]):
            front.append(point)
    return front


def _front(
    points: Sequence[LayoutPoint], measure: str, words: SharingWords, theme: Theme
) -> go.Scatter:
    best = pareto(points, measure)
    return go.Scatter(
        x=[point.bytes_per_token for point in best],
        y=[point.value(measure) for point in best],
        name=plain(words.front),
        legendgroup=words.front,
        showlegend=measure == LOSS,
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


def _ring(point: LayoutPoint, measure: str, words: SharingWords, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[point.bytes_per_token],
        y=[point.value(measure)],
        name=plain(words.current),
        legendgroup=words.current,
        showlegend=measure == LOSS,
        mode="markers",
        marker={"size": 20, "color": "rgba(0,0,0,0)", "line": {"color": theme.text, "width": 2}},
        hoverinfo="skip",
    )
