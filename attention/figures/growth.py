"""Generation: the cache's bytes and the time of a step, against the tokens in the cache."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from attention.digits import ENGLISH, Digits
from attention.figures.style import byte_label, byte_ticks, plain, styled
from attention.theme import Theme

HEIGHT = 290
GAP = 0.13  # between the panels, as a share of the width
TICKS = 8


@dataclass(frozen=True)
class GrowthPoint:
    """One step. ``seconds_without`` is None where the step was not run again without the cache."""

    tokens: int
    cache_bytes: int  # measured
    formula_bytes: int
    seconds: float
    seconds_without: float | None = None


@dataclass(frozen=True)
class GrowthWords:
    """The chart's words; ``units`` name 1, 1,024, 1,024² … bytes, ``ms`` is a unit."""

    tokens: str
    cache_title: str
    time_title: str
    measured: str
    formula: str
    with_cache: str
    without_cache: str
    ms: str
    units: tuple[str, ...]
    digits: Digits = ENGLISH


def growth(points: Sequence[GrowthPoint], words: GrowthWords, theme: Theme) -> go.Figure:
    """Left the cache, measured dots on the formula's line; right the time of each step.

    Both panels share the tokens axis. Without points, empty axes.
    """
    titles = [plain(words.cache_title), plain(words.time_title)]
    figure = make_subplots(rows=1, cols=2, subplot_titles=titles, horizontal_spacing=GAP)
    tokens = [point.tokens for point in points]
    _cache(figure, points, tokens, words, theme)
    _time(figure, points, tokens, words, theme)
    largest = max((point.cache_bytes for point in points), default=1)
    places, labels = byte_ticks(largest, words.units)
    figure.update_yaxes(tickvals=places, ticktext=labels, range=[0, places[-1]], col=1)
    figure.update_yaxes(rangemode="tozero", ticksuffix=f" {plain(words.ms)}", col=2)
    # Room at both ends, so that one step is a dot in the middle and not a broken axis.
    ends = [tokens[0] - 1, tokens[-1] + 1] if tokens else [0, 2]
    whole = {"dtick": 1} if ends[1] - ends[0] <= TICKS else {"nticks": TICKS}  # no half tokens
    figure.update_xaxes(title=plain(words.tokens), range=ends, tickformat=",d", **whole)
    styled(figure, theme, HEIGHT)
    figure.update_xaxes(title_standoff=4)
    return figure.update_layout(legend={"y": -0.42, "yanchor": "top"})


def _cache(
    figure: go.Figure,
    points: Sequence[GrowthPoint],
    tokens: list[int],
    words: GrowthWords,
    theme: Theme,
) -> None:
    formula = [point.formula_bytes for point in points]
    measured = [point.cache_bytes for point in points]
    line = {"color": theme.muted, "width": 1.5}
    figure.add_trace(
        go.Scatter(
            x=tokens, y=formula, name=plain(words.formula), mode="lines", line=line,
            hoverinfo="skip",
        ),
        1, 1,
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=tokens,
            y=measured,
            name=plain(words.measured),
            mode="markers",
            marker={"size": 6, "color": theme.looks},
            cliponaxis=False,  # a dot on the edge is whole
            customdata=[
                f"{byte_label(size, words.units)} ({words.digits.written(size)})"
                for size in measured
            ],
            hovertemplate=f"%{{x:,}} {plain(words.tokens)}<br>%{{customdata}}<extra></extra>",
        ),
        1,
        1,
    )


def _time(
    figure: go.Figure,
    points: Sequence[GrowthPoint],
    tokens: list[int],
    words: GrowthWords,
    theme: Theme,
) -> None:
    without = [
        None if point.seconds_without is None else point.seconds_without * 1000 for point in points
    ]
    cached = [point.seconds * 1000 for point in points]
    for name, values, color, symbol in (
        (words.without_cache, without, theme.looked, "diamond"),
        (words.with_cache, cached, theme.looks, "circle"),
    ):
        trace = go.Scatter(
            x=tokens,
            y=values,
            name=plain(name),
            mode="lines+markers",
            line={"color": color, "width": 2},
            marker={"size": 6, "symbol": symbol},
            cliponaxis=False,
            hovertemplate=f"%{{x:,}} {plain(words.tokens)}<br>%{{y:.1f}} {plain(words.ms)}"
            f"<extra>{plain(name)}</extra>",
        )
        figure.add_trace(trace, 1, 2)
