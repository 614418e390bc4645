"""How heads form: the abrupt change, what is said of it, the payload, the address."""

import json
import struct
from html import unescape

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.heads.forming.change import fastest_rise, most
from app.heads.forming.choice import (
    PLAYER,
    SCORE,
    TEXT,
    FormingChoice,
    forming_table,
    runs,
    scores,
    steps,
)
from app.heads.forming.payload import encode
from app.heads.forming.telling import recipe_of, text_change_text, title_of, twin_text
from app.i18n import load_words
from app.parameters import Moves
from attention.models.layouts.forming import TEXTS, Forming


def at_of_abrupt(run: Forming) -> int | None:
    """Where a head's score for the previous token rises by 0.3 or more."""
    rises = np.diff(run.scores["previous"].astype(float), axis=0)
    return int(rises.max((1, 2)).argmax()) + 1 if rises.max() >= 0.3 else None


PAGE = """
from app.heads.view import draw
draw(lambda words: None)
"""


def test_the_fastest_rise_is_between_two_neighbours() -> None:
    scores = np.zeros((4, 2, 3), np.float32)
    scores[:, 0, 1] = [0.0, 0.2, 0.4, 0.6]  # as high, and never abrupt
    scores[:, 1, 2] = [0.1, 0.1, 0.55, 0.5]
    rise = fastest_rise(scores)
    assert (rise.at, rise.layer, rise.head) == (2, 1, 2)
    assert rise.size == pytest.approx(0.45)
    assert rise.is_abrupt
    assert not fastest_rise(scores[:, :1]).is_abrupt
    best = most(scores)
    assert (best.at, best.layer, best.head) == (3, 0, 1)


def test_half_floats_do_not_round_a_rise() -> None:
    scores = np.array([[[0.1]], [[0.399]]], np.float16)
    assert not fastest_rise(scores).is_abrupt


def test_what_the_trainings_show_is_said() -> None:
    words = load_words("en")
    eight, _, one = runs("words")
    assert title_of(one, words) == "8 heads, 1 KV head"
    assert twin_text(one, "induction", words).endswith(
        "Abrupt: layer 1, head 2 goes from 0.02 to 0.71 between steps 2,083 and 2,500 (7,680,000 "
        "tokens read). The most is 0.90: layer 1, head 4, at step 5,000. At the end 8 heads have "
        "0.4 or more."
    )
    assert "No abrupt change" in twin_text(eight, "induction", words)
    assert "No head ever reaches 0.4" in twin_text(eight, "induction", words)
    said = text_change_text(runs("words"), "induction", words)
    assert said.startswith("At step 2,250 the text changes")
    assert "8 heads, 1 KV head." in said
    assert text_change_text(runs("words"), "previous", words) == ""
    assert text_change_text(runs("letters"), "induction", words) == ""


def test_a_score_that_falls_short_never_seems_to_reach() -> None:
    said = twin_text(runs("words")[1], "sense_en", load_words("en"))
    assert "No head ever reaches 0.4, which would give it a name: the most is 0.399" in said


@pytest.mark.parametrize("text", TEXTS)
def test_the_kept_trainings_are_of_this_recipe(text: str) -> None:
    for run in runs(text):
        assert run.steps.tolist() == list(steps(text))
        assert run.tokens[-1] == recipe_of(runs(text)).tokens


@pytest.mark.parametrize(("text", "n_layers"), [("letters", 2), ("words", 3)])
def test_the_payload_holds_every_tile_and_score(text: str, n_layers: int) -> None:
    payload = encode(runs(text), FormingChoice(text, "previous", 1, 406), 7, load_words("hi"))
    (length,) = struct.unpack_from("<I", payload)
    header = json.loads(payload[4 : 4 + length])
    assert (header["at"], header["made"], header["lang"]) == (steps(text).index(406), 7, "hi")
    side = header["side"]
    shape = (3, len(steps(text)), n_layers, 8, side, side)
    tiles = np.frombuffer(payload, np.uint8, offset=4 + length).reshape(shape)
    for run, told, kept in zip(runs(text), header["runs"], tiles, strict=True):
        np.testing.assert_array_equal(kept, run.tiles[1])
        np.testing.assert_allclose(told["scores"], run.scores["previous"], atol=6e-4)
        np.testing.assert_allclose(told["losses"], run.losses, atol=6e-4)
        assert told["abrupt"] == at_of_abrupt(run)


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_every_score_has_its_words(lang: str) -> None:
    words = load_words(lang)
    for text in TEXTS:
        assert words(f"heads.forming.text_{text}")
        assert words(f"heads.forming.intro_{text}")
        for score in scores(text):
            assert words(f"heads.forming.score_{score}")
            assert words(f"heads.forming.about_{score}")


def test_the_address_says_only_what_deviates() -> None:
    table = forming_table()
    assert table.write(FormingChoice()) == {}
    chosen = FormingChoice("letters", "previous", 2, 2500)
    params = {"forms": "previous", "sentence": "2", "step": "2500"}
    assert table.write(chosen) == params
    assert table.read(params) == (chosen, ())
    found, notices = table.read({"step": "2400"})
    assert found.step == 2500
    assert [notice.values["value"] for notice in notices] == [2500]
    assert table.read({"step": "5000"})[0] == FormingChoice()
    # A score that one text alone has says which.
    verbs = FormingChoice("words", "agreement_en")
    assert table.write(verbs) == {"forms": "agreement_en"}
    assert table.read({"forms": "agreement_en"}) == (verbs, ())
    assert table.write(FormingChoice("words")) == {"reads": "words"}
    found, (notice,) = table.read({"forms": "agreement_en", "reads": "letters"})
    assert (found, notice.values["given"]) == (verbs, "letters")


def test_a_text_without_the_score_shows_its_first() -> None:
    table = forming_table()
    moves = Moves({TEXT: "letters"})
    assert table.hear(FormingChoice("words", "agreement_en"), moves) == FormingChoice()
    assert table.hear(FormingChoice("words", "previous"), moves).score == "previous"


def test_only_a_new_move_of_the_player_is_heard() -> None:
    table, start = forming_table(), FormingChoice()
    said = {PLAYER: {"step": [3, 1000]}}
    assert table.hear(start, Moves(said)).step == steps("letters")[3]
    assert table.hear(start, Moves(said, said)).step is None
    assert table.hear(FormingChoice(step=20), Moves({PLAYER: {"step": [23, 1001]}})).step is None
    for bad in ([24, 1], [-1, 1], ["1", 1], None, "x"):
        assert table.hear(start, Moves({PLAYER: {"step": bad}})) == start


def test_the_section_says_what_the_runs_are() -> None:
    app = AppTest.from_string(PAGE, default_timeout=60)
    app.query_params["section"] = "forming"
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    said = unescape("\n".join(element.proto.body for element in app.get("html")))
    assert "began from random weights" in said
    assert "other models than the layouts on Explore" in said
    assert "seed 0" in said
    app.selectbox(key=SCORE).select("previous").run()
    assert not app.exception
    assert app.query_params["forms"] in ("previous", ["previous"])
    app.selectbox(key=TEXT).select("words").run()
    assert not app.exception
    assert app.query_params["reads"] in ("words", ["words"])
    assert len(app.selectbox(key=SCORE).options) == len(scores("words"))
