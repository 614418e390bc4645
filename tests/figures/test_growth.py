"""The chart of a generation as data: measured dots on the formula, and both times."""

import pytest

from attention.figures.growth import GrowthPoint, GrowthWords, growth
from attention.theme import DARK, LIGHT

WORDS = GrowthWords(
    tokens="tokens",
    cache_title="cache",
    time_title="time",
    measured="measured",
    formula="formula",
    with_cache="with",
    without_cache="without",
    ms="ms",
    units=("bytes", "KiB", "MiB"),
)
POINTS = (
    GrowthPoint(10, 10 * 2048, 10 * 2048, 0.05),
    GrowthPoint(11, 11 * 2048, 11 * 2048, 0.06, seconds_without=0.3),
)


def trace(figure, name):
    return next(line for line in figure.data if line.name == name)


def test_the_measured_bytes_are_dots_and_the_formula_is_a_line() -> None:
    figure = growth(POINTS, WORDS, LIGHT)
    measured, formula = trace(figure, "measured"), trace(figure, "formula")
    assert (measured.mode, formula.mode) == ("markers", "lines")
    assert list(measured.x) == list(formula.x) == [10, 11]
    assert list(measured.y) == [20480, 22528]
    assert list(measured.customdata) == ["20 KiB (20,480)", "22 KiB (22,528)"]


def test_what_is_measured_is_drawn_even_where_the_formula_says_otherwise() -> None:
    figure = growth((GrowthPoint(3, 70, 60, 0.1),), WORDS, LIGHT)
    assert list(trace(figure, "measured").y) == [70]
    assert list(trace(figure, "formula").y) == [60]


def test_times_are_milliseconds_and_one_not_taken_is_a_gap() -> None:
    figure = growth(POINTS, WORDS, LIGHT)
    assert list(trace(figure, "with").y) == pytest.approx([50, 60])
    assert list(trace(figure, "without").y) == [None, pytest.approx(300)]
    assert trace(figure, "with").yaxis == trace(figure, "without").yaxis == "y2"
    assert figure.layout.yaxis2.ticksuffix == " ms"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_axes_hold_for_any_number_of_steps(count: int) -> None:
    figure = growth(POINTS[:count], WORDS, LIGHT)
    low, high = figure.layout.xaxis.range
    assert low < high
    assert all(low < point.tokens < high for point in POINTS[:count])
    assert figure.layout.yaxis.range[1] >= max((p.cache_bytes for p in POINTS[:count]), default=0)


def test_names_are_never_markup() -> None:
    hostile = GrowthWords(*["<b>x</b> %{y}"] * 8, units=("bytes", "KiB"))
    figure = growth(POINTS, hostile, LIGHT)
    for line in figure.data:
        assert line.name == "&lt;b&gt;x&lt;/b&gt; %&#123;y}"
        assert "<b>" not in (line.hovertemplate or "")
    assert figure.layout.annotations[0].text == "&lt;b&gt;x&lt;/b&gt; %&#123;y}"


def test_the_two_themes_differ() -> None:
    light, dark = (growth(POINTS, WORDS, theme) for theme in (LIGHT, DARK))
    assert light.layout.font.color == LIGHT.text
    assert dark.layout.font.color == DARK.text
    assert trace(light, "with").line.color == LIGHT.looks != DARK.looks
