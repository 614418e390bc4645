"""The cache's curve: what is drawn, in bytes, and that no name is taken for markup."""

import pytest

from attention.figures.kv_curve import KvCurveWords, KvLine, kv_curve
from attention.theme import DARK, LIGHT

WORDS = KvCurveWords("tokens", "window full", ("bytes", "KiB", "MiB", "GiB"))
WINDOWED = KvLine("a", ((1, 512), (100, 51200), (1000, 51200)), bends=(100,))
PLAIN = KvLine("b", ((1, 1024), (1000, 1024 * 1000)))
REFERENCE = KvLine("b as MHA", ((1, 4096), (1000, 4096 * 1000)), is_reference=True)


def test_a_line_for_each_configuration_and_a_mark_where_a_window_is_full():
    figure = kv_curve((WINDOWED, PLAIN), WORDS, LIGHT)
    first, second, marks = figure.data
    assert (list(first.x), list(first.y)) == ([1, 100, 1000], [512, 51200, 51200])
    assert list(first.customdata) == ["512 bytes", "50 KiB", "50 KiB"]
    assert (list(marks.x), list(marks.y)) == ([100], [51200])
    assert marks.name == "window full"
    assert list(marks.customdata) == ["a<br>50 KiB"]
    assert first.line.color != second.line.color
    assert first.line.dash != second.line.dash  # not by colour alone


def test_without_windows_there_is_no_mark():
    assert len(kv_curve((PLAIN,), WORDS, LIGHT).data) == 1


def test_a_reference_is_muted_and_takes_no_colour_from_the_others():
    own, reference, other = kv_curve((PLAIN, REFERENCE, WINDOWED), WORDS, DARK).data[:3]
    assert reference.line.color == DARK.muted
    assert (own.line.color, other.line.color) == DARK.kv[:2]
    assert len(kv_curve((PLAIN,) * 4 + (REFERENCE,), WORDS, LIGHT).data) == 5


def test_the_context_chosen_now_is_marked():
    assert not kv_curve((PLAIN,), WORDS, LIGHT).layout.shapes
    assert kv_curve((PLAIN,), WORDS, LIGHT, context=77).layout.shapes[0].x0 == 77


def test_bytes_are_on_round_ticks_that_hold_the_largest():
    axis = kv_curve((REFERENCE,), WORDS, LIGHT).layout.yaxis
    assert list(axis.ticktext) == ["0", "1 MiB", "2 MiB", "3 MiB", "4 MiB"]
    assert axis.range[1] >= 4096 * 1000


@pytest.mark.parametrize("count", [0, 5])
def test_one_to_four_lines(count):
    with pytest.raises(ValueError, match=rf"^{count} lines cannot be drawn: choose 1 to 4\.$"):
        kv_curve((PLAIN,) * count, WORDS, LIGHT)


def test_names_are_never_markup():
    hostile = KvLine("<b>x</b>%{y}", ((1, 1), (5, 5)), bends=(5,))
    line, marks = kv_curve((hostile,), WORDS, LIGHT).data
    assert line.name == "&lt;b&gt;x&lt;/b&gt;%&#123;y}"
    assert "<b>" not in line.hovertemplate + marks.customdata[0]
    assert line.hovertemplate.count("%{") == 2  # the chart's own places
