"""The charts as data: what is drawn, and that no name is taken for markup."""

from dataclasses import replace

import numpy as np
import pytest

from attention.figures.before_after import before_after
from attention.figures.cache_curve import CurveLine, CurvePanel, CurveWords, cache_curve
from attention.figures.sharing import LayoutPoint, Quality, SharingWords, pareto, sharing
from attention.figures.style import byte_label, byte_ticks, plain
from attention.theme import DARK, LIGHT

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
ROLES = {"mha": "MHA", "now": "now", "mqa": "MQA", "built": "as built"}
PANELS = (
    CurvePanel(
        "here",
        (CurveLine("MHA, 8 KV", 3072, "mha"), CurveLine("now, 2 KV", 768, "now")),
        max_tokens=1024,
        tokens=18,
    ),
    CurvePanel("real", (CurveLine("built", 2**19, "built"),), max_tokens=4096, tokens=4096),
)
POINTS = tuple(
    LayoutPoint(
        n_heads=heads,
        n_kv_heads=kv,
        bytes_per_token=3072 * kv // heads,
        quality=Quality(
            validation_loss=1.7 + 0.01 * kv, agreement_en=0.8 + 0.02 * kv, agreement_hi=0.95
        ),
        parameters=2_000_000,
        seeds=(Quality(validation_loss=1.75, agreement_en=0.9, agreement_hi=0.9),) * (kv == 8),
    )
    for heads, kv in ((8, 8), (8, 2), (4, 1), (4, 4))
)
WORDS = SharingWords(
    bytes_per_token="bytes per token",
    measures=("loss", "English", "Hindi"),
    heads={4: "4 heads", 8: "8 heads"},
    point="{heads} heads, {kv} KV heads, {bytes} bytes",
    current="this one",
    front="front",
)


def curve(panel=PANELS[0]):
    return cache_curve(panel, CurveWords("tokens", UNITS, ROLES), LIGHT)


def test_the_cache_grows_in_a_straight_line_through_zero() -> None:
    mha = curve().data[0]
    assert list(mha.x) == [0, 18, 1024]
    assert list(mha.y) == [0, 18 * 3072, 1024 * 3072]
    assert list(mha.customdata) == ["0 bytes", "54 KiB", "3 MiB"]


def test_each_panel_marks_the_tokens_chosen_now() -> None:
    assert [curve(panel).layout.shapes[0].x0 for panel in PANELS] == [18, 4096]


def test_the_legend_has_a_role_even_where_it_is_the_only_one() -> None:
    alone = replace(PANELS[0], lines=PANELS[0].lines[:1])
    assert curve(alone).layout.showlegend
    assert [line.name for line in curve(alone).data] == ["MHA"]


def test_names_are_never_markup() -> None:
    hostile = CurvePanel("<b>x</b> %{y}\nand more", (CurveLine("<i>%{x}", 1, "now"),), 10, 5)
    figure = curve(hostile)
    assert figure.layout.title.text == "&lt;b&gt;x&lt;/b&gt; %&#123;y}<br>and more"
    assert "<i>" not in figure.data[0].hovertemplate
    assert figure.data[0].hovertemplate.count("%{") == 2  # the chart's own two places


def test_a_line_for_each_head_count_in_each_panel_and_a_ring() -> None:
    figure = sharing(POINTS, (8, 2), WORDS, LIGHT)
    names = ["4 heads", "8 heads", "this one", "front"]
    assert [line.name for line in figure.data] == names * 3
    assert [line.name for line in figure.data if line.showlegend] == names
    eight, agreement = figure.data[1], figure.data[5]
    assert list(eight.x) == list(agreement.x) == [768, 3072]
    assert list(eight.y) == pytest.approx([1.72, 1.78])
    assert list(agreement.y) == pytest.approx([0.84, 0.96])
    assert list(eight.customdata) == [
        "8 heads, 2 KV heads, 768 bytes",
        "8 heads, 8 KV heads, 3,072 bytes",
    ]
    assert list(eight.error_y.arrayminus) == pytest.approx([0, 0.03])
    assert list(agreement.error_y.arrayminus) == pytest.approx([0, 0.06])
    ring = figure.data[6]
    assert (list(ring.x), list(ring.y)) == ([768], pytest.approx([0.84]))


def test_the_front_is_what_no_layout_beats_in_both() -> None:
    def front(measure: str) -> list[tuple[int, int]]:
        return [(each.n_heads, each.n_kv_heads) for each in pareto(POINTS, measure)]

    assert front("validation_loss") == [(4, 1)]  # fewest bytes and the lowest loss
    assert front("agreement_en") == [(8, 2), (8, 8)]  # 4/1 has as few bytes as 8/2, and less right
    assert front("agreement_hi") == [(8, 2)]


def test_lines_of_head_counts_have_no_colour_of_a_key_value_head() -> None:
    lines = sharing(POINTS, (8, 2), WORDS, LIGHT).data[:2]
    assert [line.line.color for line in lines] == [LIGHT.muted, LIGHT.text]
    assert not {line.line.color for line in lines} & set(LIGHT.kv)
    assert len({line.marker.symbol for line in lines}) == 2


def test_another_model_is_no_point_of_the_chart() -> None:
    figure = sharing(POINTS, None, WORDS, LIGHT)
    assert [trace.name for trace in figure.data] == ["4 heads", "8 heads", "front"] * 3


def test_the_two_themes_differ() -> None:
    light, dark = (sharing(POINTS, (8, 2), WORDS, theme) for theme in (LIGHT, DARK))
    assert light.layout.font.color == LIGHT.text != dark.layout.font.color == DARK.text


def test_plain_leaves_ordinary_text_alone() -> None:
    assert plain("Llama 2 7B, 4,096 tokens, हेड") == "Llama 2 7B, 4,096 tokens, हेड"


@pytest.mark.parametrize(
    ("size", "label"),
    [
        (0, "0 bytes"),
        (1023, "1,023 bytes"),
        (1536, "1.5 KiB"),
        (2**31, "2 GiB"),
        (2**51, "2,048 TiB"),
    ],
)
def test_byte_label(size: int, label: str) -> None:
    assert byte_label(size, UNITS) == label


@pytest.mark.parametrize("largest", [1, 3, 1000, 3 * 2**20, 5 * 2**30 + 1])
def test_ticks_cover_the_data_in_few_steps(largest: int) -> None:
    places, labels = byte_ticks(largest, UNITS)
    assert places[0] == 0
    assert largest <= places[-1] < 2 * largest + 2
    assert len(places) == len(labels) <= 6
    assert labels == ["0", *(byte_label(place, UNITS) for place in places[1:])]
    assert all(float(label.split()[0]) < 1024 for label in labels)


def test_before_and_after_stand_on_one_scale_with_tokens_as_they_are() -> None:
    weights = (np.eye(2), np.full((2, 2), 0.5))
    figures = before_after(weights, ["a", "<b>"], ("as built", "shared"), LIGHT)
    assert [figure.layout.title.text for figure in figures] == ["as built", "shared"]
    for figure, given in zip(figures, weights, strict=True):
        (heatmap,) = figure.data
        assert (heatmap.zmin, heatmap.zmax) == (0, 1)
        assert np.array_equal(heatmap.z, given)
        assert figure.layout.xaxis.ticktext == ("a", "&lt;b&gt;")
        assert figure.layout.yaxis.autorange == "reversed"  # the first query stands above
