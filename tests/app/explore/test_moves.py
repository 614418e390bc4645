"""From run to run, where the page itself cannot easily be brought to it."""

from dataclasses import replace

import pytest

from app.explore.keys import Keys
from app.explore.parameters import ExplorePage
from app.explore.settings import Settings, defaults
from app.parameters import Moves
from tests.app.explore.test_parameters import FACTS, WHOLE

START = defaults(WHOLE)
ON_MODEL = replace(START, model="smollm2", layer=None)


def followed(was: Settings, drawn: Settings | None = None, **values: object) -> Settings:
    """After a run with these settings, of which the page drew those, widgets say this."""
    page = ExplorePage(WHOLE, lambda name: None if name == "trained" else FACTS)
    drawn = drawn or was
    table = page.table(was.model)
    said = {**table.shown(was), Keys.MODEL_LAYER: drawn.layer, Keys.PICTURE: {"head": [5, 10]}}
    now = {key: value for key, value in values.items() if said.get(key) != value}
    return page.settle(was, table.hear(was, Moves(now, said, drawn)))[0]


@pytest.mark.parametrize("settings", [START, ON_MODEL])
def test_a_label_of_another_language_names_no_model(settings) -> None:
    assert followed(settings, model="Trained here: any heads").model == settings.model


def test_a_name_of_the_catalog_in_the_field_for_others() -> None:
    values = {Keys.MODEL: "other", Keys.OTHER: " smollm2 "}
    assert followed(START, **values).model == "smollm2"


def test_a_layer_that_the_page_picked_stays_picked_until_the_slider_moves() -> None:
    drawn = replace(ON_MODEL, layer=1, head=7)
    assert followed(ON_MODEL, drawn, **{Keys.MODEL_LAYER: 1}).layer is None
    assert followed(ON_MODEL, drawn, **{Keys.MODEL_LAYER: 2}).layer == 2


def test_the_next_layer_by_keyboard_keeps_the_head_that_is_shown() -> None:
    drawn = replace(ON_MODEL, layer=1, head=2)
    picture = {"head": [5, 10], "layer": [0, 11]}
    settings = followed(ON_MODEL, drawn, **{Keys.PICTURE: picture})
    assert (settings.layer, settings.head) == (0, 2)


def test_layer_head_and_token_stay_while_a_visitor_types() -> None:
    drawn = replace(START, layer=1, head=2, token=5)
    settings = followed(START, drawn, text="other words")
    assert (settings.text, settings.layer, settings.head, settings.token) == (
        "other words",
        1,
        2,
        5,
    )
    # What was chosen is not what a shorter text left of it.
    typed = followed(replace(settings, text="o"), replace(drawn, token=0), text="other words again")
    assert typed.token == 5


def test_an_example_lets_the_page_choose_again() -> None:
    drawn = replace(START, layer=1, head=2, token=5)
    chosen = replace(START, text="an example")
    page = ExplorePage(WHOLE, lambda name: None)
    table = page.table(chosen.model)
    moves = Moves({Keys.TEXT: "an example"}, table.shown(START), drawn)
    assert table.hear(chosen, moves).head is None


def test_another_model_drops_layer_head_and_token() -> None:
    was = replace(START, head=3, token=4, n_kv_heads=4)
    settings = followed(was, model="smollm2")
    assert (settings.layer, settings.head, settings.token) == (None, None, None)
    assert settings.n_kv_heads == 4  # kept for the way back


def test_raw_pieces_count_tokens_anew() -> None:
    settings = followed(replace(START, token=4), pieces="raw")
    assert (settings.pieces, settings.token) == ("raw", None)
