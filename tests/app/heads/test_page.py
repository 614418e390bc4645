"""The page's wiring: sections, address, clicks, without a browser."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attention.models.layouts import cards
from tests.app.run import at, html, run, until
from tests.models import tiny_pictures
from tests.models.tiny import make

SCRIPT = """
from app.heads.view import draw
draw(lambda words: None)
"""

pytestmark = pytest.mark.skipif(
    (8, 2) not in cards.available_layouts(), reason="layout 8x2 is not trained yet"
)


def page(**params: str) -> AppTest:
    """The page with the atlas of 8x2 measured."""
    return settled(at(AppTest.from_string(SCRIPT, default_timeout=60), **params))


def settled(app: AppTest) -> AppTest:
    """Run until nothing is measured any more."""
    return until(app, lambda: not any(button.key == "heads_stop" for button in app.button))


def address(app: AppTest) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else value[-1]
        for name, value in app.query_params.items()
    }


def test_the_atlas_opens_first_without_a_card() -> None:
    app = page()
    assert "hc-roles" in html(app)
    assert ">24</td>" in html(app)  # 3 layers of 8 heads
    assert '<h2 class="hc-card-title"' not in html(app)
    assert address(app) == {}


def test_a_model_that_reads_pictures_is_told_so_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCOUNT_ANY_MODEL", "1")
    vit = str(tiny_pictures.make("vit", tmp_path / "tiny_vit"))
    reads = "What heads do is measured here on texts, and tiny_vit reads pictures: its heads "
    reads += "stand on Explore."
    lacks = "tiny_vit predicts no next token, so there is no loss that could say what it costs to "
    lacks += "take heads away or to share their keys and values."
    for section, said in (("atlas", reads), ("find", reads), ("prune", lacks), ("share", lacks)):
        app = page(model=vit, section=section)
        assert said in html(app)
        assert not app.button


def test_of_an_encoder_with_a_decoder_the_encoders_heads_stand_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCOUNT_ANY_MODEL", "1")
    app = page(model=str(make("t5", tmp_path)), section="find")
    said = (
        "Of this model the encoder’s heads stand here; Explore shows all three of its attentions."
    )
    assert said in html(app)
    assert said not in html(page(section="find"))


@pytest.mark.slow
def test_the_address_opens_a_card_with_its_twins() -> None:
    app = page(layer="1", head="3")
    assert "Head 3 of layer 1, KV head 0: Headcount 8/2</h2>" in html(app)
    assert "All scores." in html(app)
    twins = html(app).split("What sharing KV heads did")[-1]
    assert re.findall(r"Headcount 8/\d", twins) == [
        "Headcount 8/8",
        "Headcount 8/4",
        "Headcount 8/2",
        "Headcount 8/1",
    ]
    assert address(app) == {"layer": "1", "head": "3"}


def test_another_number_of_heads_closes_the_card() -> None:
    app = page(layer="1", head="3")
    app.select_slider(key="heads_n_heads").set_value(4)
    settled(run(app))
    assert '<h2 class="hc-card-title"' not in html(app)
    assert address(app)["heads"] == "4" and "head" not in address(app)


def test_find_lists_the_best_and_keeps_its_choice_in_the_address() -> None:
    app = page(section="find")
    assert "The ten best: role: induction" in html(app)
    app.selectbox(key="heads_best").set_value("previous")
    app.selectbox(key="heads_x").set_value("copying")
    settled(run(app))
    assert "The ten best: score: previous token" in html(app)
    assert address(app) == {"section": "find", "best": "previous", "x": "copying"}


def test_a_score_that_the_model_has_not_is_said() -> None:
    app = page(section="find", y="next")
    assert "next token is not measured in this model." in html(app)
    assert not app.exception


def test_hindi() -> None:
    app = page(layer="0", head="0", lang="hi")
    assert "परत 0 का हेड 0" in html(app)
