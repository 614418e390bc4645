"""The scatter of all heads."""

from attention.figures.atlas_scores import AtlasWords, HeadPoint, scatter
from attention.theme import LIGHT

WORDS = AtlasWords("across", "up", [f"KV {n}" for n in range(16)], "heads", "chosen", "chance")


def points(n_kv_heads: int) -> list[HeadPoint]:
    return [
        HeadPoint((0, n), n, n_kv_heads, n / 10, 1 - n / 10, f"<b>{n}") for n in range(n_kv_heads)
    ]


def test_each_kv_head_has_its_colour() -> None:
    figure = scatter(points(3), (0.1, 0.2), None, WORDS, LIGHT)
    assert [trace.name for trace in figure.data] == ["KV 0", "KV 1", "KV 2"]
    assert [trace.marker.color for trace in figure.data] == list(LIGHT.kv[:3])
    assert figure.data[1].customdata[0] == [0, 1, "&lt;b&gt;1"]
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("across", "up")


def test_more_kv_heads_than_colours_have_none() -> None:
    figure = scatter(points(12), (0.1, 0.2), None, WORDS, LIGHT)
    assert [(trace.name, len(trace.x)) for trace in figure.data] == [("heads", 12)]


def test_chance_is_drawn_and_the_chosen_head_is_ringed() -> None:
    figure = scatter(points(3), (0.1, 0.2), (0, 2), WORDS, LIGHT)
    across, up = figure.layout.shapes
    assert (across.x0, across.x1, up.y0, up.y1) == (0.1, 0.1, 0.2, 0.2)
    assert (figure.data[-1].name, figure.data[-1].x) == ("chosen", (0.2,))
