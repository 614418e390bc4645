"""The address says all that is on the page "Explore", and only what differs from the default."""

import pytest
from streamlit.testing.v1 import AppTest

from app.explore.keys import Keys
from app.explore.parameters import ExplorePage
from app.explore.vocabulary import known, unknown_words
from app.i18n import load_words
from app.parameters import Moves, Notice
from attention.picture.scene import MEASURES
from tests.app.explore.test_page import address, html, page, pytestmark, run
from tests.app.explore.test_parameters import WHOLE
from tests.app.run import until

__all__ = ("pytestmark",)

PAGE = ExplorePage(WHOLE, lambda name: None)
LINKS = (
    {"real": "GPT-2"},
    {"real": "Llama 2 70B", "context": "1024", "batch": "8", "format": "int4"},
    {"seed": "7", "temperature": "0.3", "compare": "off", "from": "token"},
    {"section": "generate", "temperature": "2.0"},
)


@pytest.mark.parametrize("link", LINKS)
def test_what_an_address_says_is_written_again(link: dict[str, str]) -> None:
    settings, notices = PAGE.read(link)
    assert notices == ()
    assert PAGE.table(settings.model).write(settings) == link


def test_the_usual_is_not_written() -> None:
    told = {"real": "Llama 2 7B", "context": "4096", "batch": "1", "format": "bfloat16"}
    told |= {"seed": "0", "temperature": "0", "from": "end"}
    settings, notices = PAGE.read(told)
    assert notices == ()
    assert PAGE.table(settings.model).write(settings) == {}


@pytest.mark.parametrize(
    ("link", "value"),
    [
        ({"real": "Llama 3 8"}, "Llama 3 8B"),
        ({"context": "5000"}, 4096),
        ({"batch": "3"}, 2),
        ({"format": "fp88"}, "fp8"),
        ({"temperature": "0.44"}, 0.4),
        ({"from": "tokens"}, "token"),
    ],
)
def test_a_value_that_cannot_be_becomes_the_nearest(link: dict[str, str], value: object) -> None:
    [(name, given)] = link.items()
    told = Notice("notice.url_changed", {"name": name, "given": given, "value": value})
    assert PAGE.read(link)[1] == (told,)


@pytest.mark.parametrize("link", [{"temperature": "warm"}, {"temperature": "nan"}, {"seed": "-1"}])
def test_a_value_that_is_none_is_told(link: dict[str, str]) -> None:
    settings, (notice,) = PAGE.read(link)
    assert PAGE.table(settings.model).write(settings) == {}
    assert notice.values["given"] == next(iter(link.values()))


def test_a_context_too_long_for_the_real_model_becomes_its_longest() -> None:
    settings, (notice,) = PAGE.read({"real": "GPT-2", "context": "4096"})
    assert settings.real.context == 1024
    assert notice.values["value"] == 1024


def opened(**params: str) -> AppTest:
    app = page(section="generate", **params)
    return until(app, lambda: "hc-choices" in html(app))


def test_a_layout_says_what_may_come_and_goes_on() -> None:
    app, words = opened(text="the dog saw the"), load_words("en")
    app.button(key="generate_step").click()
    until(run(app), lambda: "Chosen: " in html(app))
    counts = {lang: words.number(len(entries)) for lang, entries in known().items()}
    assert words("generate.known", **counts) in html(app)


def test_the_controls_of_the_section_are_in_the_address() -> None:
    app = opened()
    app.select_slider(key=Keys.TEMPERATURE).set_value(0.7)
    app.number_input(key=Keys.SEED).set_value(3)
    app.toggle(key=Keys.COMPARE).set_value(False)
    app.button_group(key=Keys.GOES_ON).set_value("token")
    run(app)
    assert address(app) == {
        "section": "generate", "temperature": "0.7", "seed": "3", "compare": "off", "from": "token",
    }  # fmt: skip
    again = opened(**{name: v for name, v in address(app).items() if name != "section"})
    assert again.select_slider(key=Keys.TEMPERATURE).value == 0.7
    assert again.number_input(key=Keys.SEED).value == 3
    assert again.toggle(key=Keys.COMPARE).value is False


def test_the_real_model_is_in_the_address() -> None:
    app = page()
    app.selectbox(key=Keys.REAL).set_value("Llama 2 70B")
    app.select_slider(key=Keys.BATCH).set_value(8)
    run(app)
    assert address(app) == {"real": "Llama 2 70B", "batch": "8"}
    again = page(**address(app))
    assert again.selectbox(key=Keys.REAL).value == "Llama 2 70B"
    assert address(again) == address(app)


def test_the_measure_of_the_map_is_chosen_in_the_picture_and_in_the_address() -> None:
    page = ExplorePage(WHOLE, lambda name: None)
    table = page.table("smollm2-135m")
    start, _ = page.read({"model": "smollm2-135m"})
    click = Moves({Keys.PICTURE: {"measure": [2, 5]}}, {}, start)
    heard = table.hear(start, click)
    assert table.write(heard)["measure"] == MEASURES[2]
    beyond = Moves({Keys.PICTURE: {"measure": [99, 5]}}, {}, start)
    assert table.hear(start, beyond).measure == MEASURES[0]
    assert page.read({"model": "smollm2-135m", "measure": "previus"})[0].measure == "previous"


def test_unknown_words_are_named_each_once() -> None:
    assert unknown_words("Animal Zyx animal zyx Zyx, क्षत्रिय1") == ("Zyx", "zyx", "क्षत्रिय")
