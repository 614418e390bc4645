"""The picture's place on the page: bytes go in whole, clicks come out parsed."""

import pytest
from streamlit.testing.v1 import AppTest

from app.picture import Click, Clicks, parse_clicks
from attention.picture.payload import encode
from tests.picture.synthetic import scene


@pytest.mark.parametrize(
    ("value", "clicks"),
    [
        (None, Clicks()),
        ({}, Clicks()),
        ({"head": [9, 1000]}, Clicks(head=Click(9, 1000))),
        (
            {"head": [0, 1], "token": [3, 2], "layer": [7, 4]},
            Clicks(head=Click(0, 1), token=Click(3, 2), layer=Click(7, 4)),
        ),
        (
            {"part": [2, 5], "leave": [0, 6]},
            Clicks(part=Click(2, 5), leave=Click(0, 6)),
        ),
        ({"head": [-1, 1], "token": [True, 1]}, Clicks()),
        ({"head": ["9", 1], "token": [1.5, 1]}, Clicks()),
        ({"head": [1], "token": [1, 2, 3], "layer": 4}, Clicks()),
        ({"head": None, "token": [2, None]}, Clicks()),
        ([4], Clicks()),
        ("head", Clicks()),
    ],
)
def test_only_counts_are_taken_from_the_browser(value: object, clicks: Clicks) -> None:
    assert parse_clicks(value) == clicks


def test_bytes_reach_the_component_and_a_click_comes_back() -> None:
    def page() -> None:
        import streamlit as st  # noqa: PLC0415

        from app.picture import parse_clicks, show_picture  # noqa: PLC0415
        from attention.picture.payload import encode  # noqa: PLC0415
        from tests.picture.synthetic import scene  # noqa: PLC0415

        click = parse_clicks(st.session_state.get("picture")).head
        show_picture(encode(scene(head=click.value if click else 5)), "picture")

    test = AppTest.from_function(page).run()
    assert not test.exception
    assert test.get("bidi_component")[0].proto.bytes == encode(scene(head=5))
    test.session_state["picture"] = {"head": [2, 1]}
    test.run()
    assert test.get("bidi_component")[0].proto.bytes == encode(scene(head=2))
