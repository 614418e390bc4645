"""The roofline: slope, ridge, flat, and points that stand on it."""

import pytest

from attention.figures.roofline import Roof, RoofPoint, RoofWords, roofline
from attention.theme import LIGHT

WORDS = RoofWords("FLOPs for a byte", "FLOPs a second", "memory", "compute")
ROOF = Roof("card", bandwidth=2e12, peak=400e12)  # its ridge is at 200
POINTS = (
    RoofPoint("mha", 1, "MHA"),
    RoofPoint("as_is", 4, "as it is"),
    RoofPoint("mqa", 500, "MQA"),
)


def test_the_roof_rises_with_the_bandwidth_and_is_flat_at_the_peak():
    slope, flat, *_ = roofline(ROOF, POINTS, WORDS, LIGHT).data
    assert (slope.name, flat.name) == ("memory", "compute")
    assert [y / x for x, y in zip(slope.x, slope.y, strict=True)] == pytest.approx([2e12] * 2)
    assert slope.x[1] == flat.x[0] == 200
    assert list(flat.y) == [400e12] * 2


def test_points_stand_on_the_roof():
    marks = roofline(ROOF, POINTS, WORDS, LIGHT).data[2:]
    assert [(mark.x[0], mark.y[0]) for mark in marks] == [(1, 2e12), (4, 8e12), (500, 400e12)]
    assert len({mark.marker.symbol for mark in marks}) == 3  # not by colour alone


def test_the_roof_reaches_past_every_point():
    figure = roofline(ROOF, POINTS, WORDS, LIGHT)
    assert figure.data[0].x[0] < 1
    assert figure.data[1].x[1] > 500
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"


def test_a_device_without_a_known_peak_has_a_slope_alone():
    figure = roofline(Roof("m", 1e11, None), POINTS, WORDS, LIGHT)
    assert [trace.name for trace in figure.data] == ["memory", "MHA", "as it is", "MQA"]
    assert figure.data[3].y[0] == 500 * 1e11


def test_names_are_never_markup():
    figure = roofline(Roof("<i>%{x}", 1e12, 1e14), (RoofPoint("step", 2, "<b>%{y}"),), WORDS, LIGHT)
    for trace in figure.data:
        assert "<i>" not in trace.hovertemplate
        assert "<b>" not in trace.hovertemplate
        assert trace.hovertemplate.count("%{") == 2
