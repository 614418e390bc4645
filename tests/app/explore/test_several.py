"""Several tokens chosen at once: in the address, by the picture's own word, and what voids them."""

import pytest

from app.explore.entries import Tokens
from app.parameters import Notice
from app.picture import MOST_TOKENS, Several, parse_clicks
from tests.app.explore.test_page import address, header, page, pytestmark, run

__all__ = ("pytestmark",)

TEXT = "the dog saw the cat and the dog"


@pytest.mark.parametrize(
    ("raw", "token", "also", "used"),
    [
        ("3", 3, (), None),
        ("5,3,4", 5, (3, 4), None),
        ("5,x,4", 5, (4,), "5,4"),
        ("x,-2", 0, (), 0),
    ],
)
def test_an_address_names_the_one_and_then_the_others(raw, token, also, used) -> None:
    values: dict = {}
    notices = Tokens().read({"token": raw}, values)
    assert (values["token"], values["also"]) == (token, also)
    told = {"name": "token", "given": raw, "value": used}
    assert notices == ([] if used is None else [Notice("notice.url_changed", told)])
    if used is None:
        assert Tokens().write(values) == {"token": raw}


def test_an_address_of_too_many_keeps_the_first() -> None:
    values: dict = {}
    Tokens().read({"token": ",".join(map(str, range(99)))}, values)
    assert (values["token"], *values["also"]) == tuple(range(MOST_TOKENS))


@pytest.mark.parametrize("chosen", [[], ["1"], [-1], [True], "12", 3, [0] * 65])
def test_a_choice_that_nobody_can_make_is_none(chosen) -> None:
    assert parse_clicks({"tokens": [chosen, 1]}).tokens is None
    assert parse_clicks({"tokens": [[2, 5], 1]}).tokens == Several((2, 5), 1)


def test_they_are_in_the_picture_and_in_the_address() -> None:
    app = page(text=TEXT, token="5,2")
    assert (header(app)["token"], header(app)["also"]) == (5, [2])
    app.session_state["picture"] = {"tokens": [[3, 5, 2], 1]}
    run(app)
    assert (header(app)["token"], header(app)["also"]) == (3, [5, 2])
    assert address(app)["token"] == "3,5,2"
    app.session_state["picture"] = {"tokens": [[3, 5, 2], 1], "token": [4, 2]}
    run(app)
    assert (header(app)["token"], address(app)["token"]) == (4, "4")
    assert "also" not in header(app)


def test_those_beside_the_page_s_own_keep_it_in_the_address() -> None:
    app = page(text=TEXT)
    own = header(app)["token"]
    assert "token" not in address(app)
    app.session_state["picture"] = {"tokens": [[own, 1], 1]}
    run(app)
    assert address(app)["token"] == f"{own},1"


def test_what_the_sentence_has_not_is_left_out_and_other_pieces_void_them() -> None:
    app = page(text=TEXT, token="5,2,99,2")
    assert header(app)["also"] == [2]
    app.selectbox(key="pieces").set_value("raw")
    run(app)
    assert "also" not in header(app)
    assert "token" not in address(app)
