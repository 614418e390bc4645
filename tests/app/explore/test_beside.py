"""Two layouts side by side: which one, which head, and the words beneath."""

import json
import math
import struct

import pytest
from streamlit.testing.v1 import AppTest

from app.explore import compute
from app.explore.beside import likest, same_head, usual_other
from app.explore.keys import Keys
from app.explore.offer import Family
from attention.models.layouts import load
from tests.app.explore.test_page import address, html, page, pytestmark, run

__all__ = ("pytestmark",)

TEXT = "the dog saw the cat and the dog"
FAMILY = Family(
    layouts=((1, 1), (8, 1), (8, 2), (8, 8), (32, 1), (32, 32)),
    n_layers=2, d_model=192, languages=("en",), openings={"en": "x"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("layout", "other"),
    [((8, 8), (8, 1)), ((8, 2), (8, 1)), ((8, 1), (8, 8)), ((32, 1), (32, 32)), ((1, 1), (8, 1))],
)
def test_the_usual_one_shares_most_or_least(
    layout: tuple[int, int], other: tuple[int, int]
) -> None:
    assert usual_other(FAMILY, layout) == other


def test_a_layout_is_likest_to_itself() -> None:
    model = load.load_layout(8, 2, device="cpu")
    look = model.look(model.encode(TEXT), layer=1, head=3)
    like = likest(look, 1, 3, look)
    assert (like.layer, like.head) == (1, 3)
    assert like.correlation == pytest.approx(1)
    assert same_head(look, 1, 3, look) == like


def test_a_head_that_is_not_there_and_a_text_where_nothing_varies() -> None:
    large, small = (load.load_layout(*one, device="cpu") for one in ((8, 2), (1, 1)))
    ids = large.encode("the")
    one, other = large.look(ids, layer=0, head=0), small.look(ids, layer=0, head=0)
    assert same_head(one, 0, 5, other) is None
    assert math.isnan(likest(one, 0, 5, other).correlation)


def pair(app: AppTest) -> dict:
    """The header of what is drawn side by side."""
    found = [
        each.proto for each in app.get("bidi_component") if "pair" in each.proto.component_name
    ]
    payload = found[0].bytes
    (length,) = struct.unpack_from("<I", payload)
    return json.loads(payload[4 : 4 + length])


def test_the_section_shows_both_and_its_choices_are_in_the_address() -> None:
    app = page(section="beside", heads="8", kv_heads="8", text=TEXT)
    assert [side["title"] for side in pair(app)["sides"]] == ["Headcount 8/8", "Headcount 8/1"]
    assert all(len(side["next"]) == compute.NEXT_TOKENS for side in pair(app)["sides"])
    assert "Correlation of their weights on this text: <b>" in html(app)
    app.selectbox(key=Keys.BESIDE).set_value("8x2")
    app.button_group(key=Keys.LIKE).set_value("same")
    run(app)
    assert [side["title"] for side in pair(app)["sides"]] == ["Headcount 8/8", "Headcount 8/2"]
    assert {k: v for k, v in address(app).items() if k in ("beside", "like")} == {
        "beside": "8x2", "like": "same",
    }  # fmt: skip
    again = page(**address(app))
    assert pair(again)["sides"] == pair(app)["sides"]


def test_a_head_that_the_other_lacks_is_told() -> None:
    app = page(section="beside", heads="8", kv_heads="2", head="7", beside="1x1", like="same")
    assert "Headcount 1/1 has no head 7 in layer" in html(app)


def test_another_layout_moves_the_usual_one_along() -> None:
    app = page(section="beside", heads="8", kv_heads="8")
    assert app.selectbox(key=Keys.BESIDE).value == "8x1"
    app.select_slider(key=Keys.KV_HEADS).set_value(1)
    run(app)
    assert app.selectbox(key=Keys.BESIDE).value == "8x8"
    assert "beside" not in address(app)
