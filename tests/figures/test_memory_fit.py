"""Memory against context: the sum's lines, the band below them and the GPU's line above."""

from attention.figures.memory_fit import FitLine, FitWords, GpuLine, memory_fit
from attention.theme import LIGHT

GIB = 2**30
WORDS = FitWords(
    "tokens",
    "weights",
    ("bytes", "KiB", "MiB", "GiB"),
    {"mha": "MHA", "as_is": "as it is", "mqa": "MQA"},
)
GPU = GpuLine("card", 24 * GIB)
LINES = tuple(
    FitLine(role, ((1, 8 * GIB), (1000, 8 * GIB + slope * GIB)))
    for role, slope in (("mha", 32), ("as_is", 8), ("mqa", 1))
)


def draw(lines=LINES, gpus=(GPU,), **changed):
    return memory_fit(lines, 8 * GIB, gpus, WORDS, LIGHT, **changed)


def test_weights_lie_below_and_each_line_begins_on_them():
    band, *lines = draw().data
    assert (list(band.x), list(band.y)) == ([0, 1000], [8 * GIB] * 2)
    assert band.fill == "tozeroy"
    assert [line.name for line in lines] == ["MHA", "as it is", "MQA"]
    assert all(line.y[0] == 8 * GIB for line in lines)
    assert len({line.line.dash for line in lines}) == 3  # not by colour alone
    assert list(lines[1].customdata) == ["8 GiB", "16 GiB"]


def test_the_gpus_line_is_labelled_with_what_may_be_used():
    figure = draw(context=500)
    assert [(shape.y0, shape.y1) for shape in figure.layout.shapes[:1]] == [(24 * GIB, 24 * GIB)]
    assert figure.layout.shapes[1].x0 == 500
    label = figure.layout.annotations[0]
    assert label.text == "card: 24 GiB"
    assert label.font.size == figure.layout.font.size


def test_a_steep_line_does_not_press_the_gpus_line_to_the_floor():
    steep = FitLine("mha", ((1, 8 * GIB), (1000, 8000 * GIB)))
    assert draw((steep,)).layout.yaxis.range[1] <= 64 * GIB
    assert draw((steep,), ()).layout.yaxis.range[1] >= 8000 * GIB


def test_the_gpus_line_is_in_sight_above_short_lines():
    short = FitLine("mqa", ((1, GIB), (10, GIB)))
    assert draw((short,)).layout.yaxis.range[1] > GPU.usable_bytes


def test_names_are_never_markup():
    figure = draw(gpus=(GpuLine("<b>%{y}</b>", GIB),))
    assert figure.layout.annotations[0].text == "&lt;b&gt;%&#123;y}&lt;/b&gt;: 1 GiB"
