"""A head and another side by side: which model, layer and head, and the words beneath."""

import json
import re
import struct
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.explore import compute
from app.explore.beside import usual_other
from app.explore.keys import Keys
from app.explore.offer import Family
from attention.models.huggingface.checkpoint import load
from attention.models.huggingface.difference import weight_change
from attention.picture.payload import decode
from tests.app.explore.test_model_page import model_page
from tests.app.explore.test_page import address, html, page, pytestmark, run
from tests.app.mounted import mounted
from tests.models.adapted import write
from tests.models.tiny import make

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


def pair(app: AppTest) -> dict:
    """The header of what is drawn side by side."""
    payload = mounted(app, "pair")[0].bytes
    (length,) = struct.unpack_from("<I", payload)
    return json.loads(payload[4 : 4 + length])


def scenes(app: AppTest) -> list[dict]:
    """The headers of both sides."""
    payload = mounted(app, "pair")[0].bytes
    (length,) = struct.unpack_from("<I", payload)
    start, headers = 4 + length, []
    for size in pair(app)["lengths"]:
        headers.append(decode(payload[start : start + size])[0])
        start += size
    return headers


def test_the_section_shows_both_and_its_choices_are_in_the_address() -> None:
    app = page(section="beside", heads="8", kv_heads="8", text=TEXT)
    assert [side["title"] for side in pair(app)["sides"]] == ["Headcount 8/8", "Headcount 8/1"]
    assert all(len(side["next"]) == compute.NEXT_TOKENS for side in pair(app)["sides"])
    assert "Correlation of their weights on this text: <b>" in html(app)
    app.selectbox(key=Keys.BESIDE).set_value("8x2")
    app.selectbox(key=Keys.LIKE).set_value("same")
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


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random checkpoints: "llama" (bytes), "bert" (WordPiece, lower case, [CLS] and [SEP])."""
    folder = tmp_path_factory.mktemp("models")
    make("llama", folder / "llama")
    make("bert", folder / "bert", tokenizer="wordpiece")
    return folder


def said(app: AppTest) -> str:
    return re.sub("<[^>]*>", "", html(app))


@pytest.mark.usefixtures("any_model")
def test_another_layer_of_the_same_model(models: Path) -> None:
    app = model_page(str(models / "llama"), section="beside", layer="1", head="2")
    assert app.selectbox(key=Keys.BESIDE).value == "same"
    assert [side["title"] for side in pair(app)["sides"]] == ["llama", "llama"]
    app.selectbox(key=Keys.LIKE).set_value("same")
    run(app)
    assert "and beside it head 2 of layer 0 in llama, which has the same number." in said(app)
    app.selectbox(key=Keys.BESIDE_LAYER).set_value(2)
    app.selectbox(key=Keys.LIKE).set_value("3")
    run(app)
    assert "and beside it head 3 of layer 2 in llama." in said(app)
    assert {k: v for k, v in address(app).items() if k not in ("model", "layer", "head")} == {
        "section": "beside", "beside_layer": "2", "like": "3",
    }  # fmt: skip
    assert pair(model_page(**address(app)))["sides"] == pair(app)["sides"]


@pytest.mark.usefixtures("any_model")
def test_another_model_with_another_tokenizer(models: Path) -> None:
    text = "The Keys are lost"
    where = {"section": "beside", "text": text, "layer": "1", "head": "2"}
    app = model_page(str(models / "llama"), beside=str(models / "bert"), **where)
    assert not app.exception
    assert [side["title"] for side in pair(app)["sides"]] == ["llama", "bert"]
    assert "compared by characters, in pieces that both have whole" in said(app)
    assert "One of them alone has [CLS], [SEP]: in the other it has no weight" in said(app)
    assert "It keeps no cache." in pair(app)["sides"][1]["told"]
    assert pair(app)["sides"][1]["next"] == []
    one, other = scenes(app)
    assert len(one["tokens"]) == len(other["tokens"])
    assert (one["tokens"][0], one["tokens"][-1]) == ("[CLS]", "[SEP]")
    assert [t.lower() for t in one["tokens"][1:-1]] == list(other["tokens"][1:-1])
    assert (one["counts"][0], other["counts"][0]) == (0, 1)
    words = model_page(str(models / "llama"), beside=str(models / "bert"), pieces="words", **where)
    assert "Compared by words (6)" in said(words)
    assert scenes(words)[0]["tokens"] == ["[CLS]", "The", "Keys", "are", "lost", "[SEP]"]


@pytest.mark.usefixtures("any_model")
def test_a_layout_beside_a_model_and_the_other_way_round(models: Path) -> None:
    app = model_page(str(models / "llama"), section="beside", beside="8x2")
    assert [side["title"] for side in pair(app)["sides"]] == ["llama", "Headcount 8/2"]
    app = page(section="beside", beside=str(models / "llama"))
    assert [side["title"] for side in pair(app)["sides"]] == ["Headcount 8/2", "llama"]
    assert not app.exception


def test_who_may_not_name_models_gets_none_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_ANY_MODEL", "0")
    app = page(section="beside", beside="/nowhere/model")
    assert not mounted(app, "pair")
    assert app.selectbox(key=Keys.BESIDE).value == "other"
    assert app.text_input(key=Keys.BESIDE_NAMED).value == "/nowhere/model"


@pytest.mark.usefixtures("any_model")
def test_a_model_that_cannot_be_had_is_told_in_its_place() -> None:
    app = page(section="beside", beside="/nowhere/model")
    assert "/nowhere/model&#x27; is no folder on this machine." in said(app)
    app.selectbox(key=Keys.BESIDE).set_value("8x8")
    run(app)
    assert [side["title"] for side in pair(app)["sides"]] == ["Headcount 8/2", "Headcount 8/8"]


@pytest.mark.float32
@pytest.mark.usefixtures("any_model")
def test_with_and_without_an_adapter(tmp_path: Path) -> None:
    folder = str(write(tmp_path)[0])
    app = model_page(folder, section="beside", layer="1", head="2", text="The Keys are lost")
    assert app.selectbox(key=Keys.BESIDE).value == "base"
    assert [side["title"] for side in pair(app)["sides"]] == ["adapter", "base"]
    assert "The adapter moves this head’s weights by " in said(app)
    model = load(folder, device="cpu")
    change = weight_change(model, model.base, model.encode("The Keys are lost"))
    assert f"weights by {100 * change.mean[1][2]:.2f} percentage points on average" in said(app)
    app.selectbox(key=Keys.BESIDE).set_value("same")
    run(app)
    assert address(app)["beside"] == "same"
    assert [side["title"] for side in pair(app)["sides"]] == ["adapter", "adapter"]
    other = model_page(str(tmp_path / "base"), section="beside", beside="base")
    assert other.selectbox(key=Keys.BESIDE).value == "same"
    assert "beside" not in address(other)
