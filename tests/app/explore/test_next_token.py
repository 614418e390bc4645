"""The section on the next token as HTML: numbers, shades, and texts that mean harm."""

import re

import numpy as np
import pytest

from app.explore.next_token import (
    LEVELS,
    cells_css,
    choices_html,
    contrast,
    milliseconds,
    paragraph,
    percent,
    row_html,
    row_sentence,
    shade,
    text_html,
)
from app.i18n import load_words
from attention.models.outlook import Choice
from attention.theme import DARK, LIGHT

WORDS = load_words("en")
HOSTILE = '<img src=x onerror="alert(1)">&amp;{n}$x$'
ESCAPED = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;amp;{n}$x$"


def choice(token: int, text: str, probability: float, **more: object) -> Choice:
    values = {"chance": probability, "ends": False} | more
    return Choice(token=token, text=text, probability=probability, **values)


TOP = (choice(5, "Paris", 0.5), choice(7, "the", 0.25), choice(9, "</s>", 0.125, ends=True))


def test_predictions_are_bars_as_long_as_they_are_probable() -> None:
    table = choices_html(TOP, None, 0, WORDS)
    assert re.findall(r"width:([\d.]+)%", table) == ["50.00", "25.00", "12.50"]
    assert "<caption>What may come next</caption>" in table
    assert table.count("<th ") == 2 + 3
    assert "<bdi>&lt;/s&gt;</bdi> <small>ends the text</small>" in table
    assert "chosen" not in table


def test_a_temperature_adds_the_chance_that_it_gives() -> None:
    warm = tuple(choice(c.token, c.text, c.probability, chance=0.9) for c in TOP)
    table = choices_html(warm, None, 0.7, WORDS)
    assert '<th scope="col">chance at 0.7</th>' in table
    assert table.count("<td>90\u202f%</td>") == 3


def test_the_chosen_token_is_marked_even_where_it_was_not_among_the_likeliest() -> None:
    assert choices_html(TOP, TOP[1], 1.0, WORDS).count("<small>chosen</small>") == 1
    rare = choice(99, "rare", 0.0001)
    table = choices_html(TOP, rare, 1.0, WORDS)
    assert table.count('<tr class="hc-strongest">') == 1
    assert table.index("rare") > table.index("&lt;/s&gt;")
    assert "What the last token was chosen from" in table


def test_the_row_has_a_cell_for_each_key_with_the_shade_of_its_weight() -> None:
    row = np.array([0.75, 0.0, 0.25], np.float32)
    drawn = row_html(("a", "b", "c"), row, n_prompt=2, head=5, layer=18, words=WORDS)
    cells = re.findall(r'<i class="([^"]*)" title="([^"]*)">(.*?)</i>', drawn)
    assert cells == [
        ("w24", "0: 75\u202f%", "a"),
        ("w0", "1: 0\u202f%", "b"),
        ("w8 new", "2: 25\u202f%", "c"),
    ]
    assert "Head 5 of layer 18: the newest query over 3 cached keys" in drawn
    assert "“c” (2) looks most at “a” (0) 75\u202f%, “c” (2) 25\u202f%, “b” (1) 0\u202f%." in drawn
    assert "underlined: generated" in drawn


def test_keys_that_a_window_let_go_are_drawn_as_gone() -> None:
    row = np.array([0.5, 0.5], np.float32)
    drawn = row_html(tuple("abcd"), row, n_prompt=4, head=0, layer=0, words=WORDS)
    assert drawn.count('<i class="gone"') == 2
    assert 'title="token 1: this layer’s sliding window has let it go">b</i>' in drawn
    assert "the newest query over 2 cached keys" in drawn
    assert "“d” (3) looks most at “c” (2) 50\u202f%, “d” (3) 50\u202f%." in drawn
    assert "underlined" not in drawn


def test_of_equal_weights_the_earlier_key_is_named_first() -> None:
    row = np.full(6, 1 / 6, np.float32)
    said = row_sentence(tuple("abcdef"), row, WORDS)
    assert said.startswith("“f” (5) looks most at “a” (0) 17\u202f%, “b” (1) 17\u202f%, “c” (2)")


def test_three_hundred_keys_are_three_hundred_cells_of_few_bytes() -> None:
    row = np.full(2048, 1 / 2048, np.float32)
    drawn = row_html(("token",) * 2048, row, n_prompt=2000, head=0, layer=0, words=WORDS)
    assert drawn.count("<i ") == 2048
    assert len(drawn) < 2048 * 64


def test_generated_text_is_marked() -> None:
    assert "<mark" not in text_html("as typed", "", WORDS)
    assert text_html("as typed", " and more", WORDS).endswith(
        '>as typed<mark title="generated"> and more</mark></p></div>'
    )


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_no_text_is_ever_markup(lang: str) -> None:
    words = load_words(lang)
    hostile = (choice(1, HOSTILE, 0.5),)
    row = np.array([0.4, 0.6], np.float32)
    drawn = (
        text_html(HOSTILE, HOSTILE, words)
        + choices_html(hostile, hostile[0], 0.5, words)
        + row_html((HOSTILE, HOSTILE), row, n_prompt=1, head=0, layer=0, words=words)
        + paragraph(HOSTILE, words, "hc-state")
    )
    assert "<img" not in drawn
    assert drawn.count(ESCAPED) == 2 + 1 + 2 + 3 + 1  # text, bar, cells, sentence, paragraph


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_shades_are_the_pictures_scale_and_every_cell_can_be_read(theme) -> None:
    assert [shade(theme, step / 8) for step in range(9)] == list(theme.scale)
    assert shade(theme, -1) == theme.scale[0]
    assert shade(theme, 2) == theme.scale[-1]
    rules = re.findall(r"\.w(\d+)\{background:(#\w+);color:(#\w+)\}", cells_css(theme))
    assert [int(level) for level, _, _ in rules] == list(range(LEVELS + 1))
    assert min(contrast(ink, color) for _, color, ink in rules) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # WCAG's known example


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.834, "83 %"),
        (0.0412, "4.1 %"),
        (0.00021, "0.02 %"),
        (0.00002, "< 0.01 %"),
    ],
)
def test_percent(share: float, text: str) -> None:
    assert percent(share, WORDS) == text.replace(" ", "\u202f")


def test_milliseconds() -> None:
    said = [milliseconds(seconds, WORDS) for seconds in (0.00321, 0.0126, 1.5)]
    assert said == ["3.2\u202fms", "13\u202fms", "1,500\u202fms"]
