"""The picture's place on the page: bytes go in whole, clicks come out parsed."""

import pytest
from streamlit.testing.v1 import AppTest

from app.picture import Choice, parse_choice
from attention.picture.payload import encode
from tests.picture.synthetic import scene


@pytest.mark.parametrize(
    ("value", "choice"),
    [
        (None, Choice()),
        ({}, Choice()),
        ({"head": 9}, Choice(head=9)),
        ({"head": 0, "token": 3}, Choice(head=0, token=3)),
        ({"head": -1, "token": True}, Choice()),
        ({"head": "9", "token": 1.5}, Choice()),
        ({"head": None, "token": [2]}, Choice()),
        ([4], Choice()),
        ("head", Choice()),
    ],
)
def test_only_counts_are_taken_from_the_browser(value: object, choice: Choice) -> None:
    assert parse_choice(value) == choice


def test_bytes_reach_the_component_and_a_click_comes_back() -> None:
    def page() -> None:
        import streamlit as st  # noqa: PLC0415

        from app.picture import parse_choice, show_picture  # noqa: PLC0415
        from attention.picture.payload import encode  # noqa: PLC0415
        from tests.picture.synthetic import scene  # noqa: PLC0415

        head = parse_choice(st.session_state.get("picture")).head
        show_picture(encode(scene(head=5 if head is None else head)), "picture")

    test = AppTest.from_function(page).run()
    assert not test.exception
    assert test.get("bidi_component")[0].proto.bytes == encode(scene(head=5))
    test.session_state["picture"] = {"head": 2}
    test.run()
    assert test.get("bidi_component")[0].proto.bytes == encode(scene(head=2))
