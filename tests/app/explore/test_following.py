"""From run to run, where the page itself cannot easily be brought to it."""

from dataclasses import replace

import pytest

from app.explore.address import defaults
from app.explore.following import Before, follow
from app.explore.keys import Keys
from app.picture import Click, Clicks
from tests.app.explore.test_address import FACTS, WHOLE

START = defaults(WHOLE)
ON_MODEL = replace(START, model="smollm2", layer=None)


def before(settings, shown=None, clicks=None) -> Before:
    return Before(settings, shown or settings, {}, {}, clicks or Clicks())


def followed(was: Before, **values: object):
    return follow(was, values, WHOLE, lambda name: FACTS)[0]


@pytest.mark.parametrize("settings", [START, ON_MODEL])
def test_a_label_of_another_language_names_no_model(settings) -> None:
    assert followed(before(settings), model="Trained here: any heads").model == settings.model


def test_a_name_of_the_catalog_in_the_field_for_others() -> None:
    values = {Keys.MODEL: "other", Keys.OTHER: " smollm2 "}
    assert followed(before(START), **values).model == "smollm2"


def test_a_layer_that_the_page_picked_stays_picked_until_the_slider_moves() -> None:
    was = before(ON_MODEL, replace(ON_MODEL, layer=1, head=7))
    assert followed(was, **{Keys.MODEL_LAYER: 1}).layer is None
    assert followed(was, **{Keys.MODEL_LAYER: 2}).layer == 2


def test_the_next_layer_by_keyboard_keeps_the_head_that_is_shown() -> None:
    was = before(ON_MODEL, replace(ON_MODEL, layer=1, head=2), Clicks(head=Click(5, 10)))
    picture = {"head": [5, 10], "layer": [0, 11]}
    settings = followed(was, **{Keys.PICTURE: picture})
    assert (settings.layer, settings.head) == (0, 2)


def test_another_model_drops_layer_head_and_token() -> None:
    was = before(replace(START, head=3, token=4, n_kv_heads=4))
    settings = followed(was, model="smollm2", chosen_head=3, chosen_token=4)
    assert (settings.layer, settings.head, settings.token) == (None, None, None)
    assert settings.n_kv_heads == 4  # kept for the way back


def test_raw_pieces_count_tokens_anew() -> None:
    was = before(replace(START, token=4))
    settings = followed(was, raw_pieces=True, chosen_token=4)
    assert (settings.pieces, settings.token) == ("raw", None)
