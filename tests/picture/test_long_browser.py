"""Long texts in Chromium: pooled tiles and pixels, the strip, the window, blocks in words."""

import re
from itertools import pairwise

import numpy as np
import pytest

from attention.picture.tiles import scene_weights
from tests.picture.looking import answer, percent, pixels
from tests.picture.synthetic import far_token, long_weights, model_scene, plain, scene

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = "the keys near the old cabinet are on the table and the dog is here"


def tokens_of(n: int) -> tuple[str, ...]:
    words = WORDS.split()
    return tuple(words[i % len(words)] for i in range(n))


def long_scene(n: int, n_heads: int = 3, **changes):
    weights = long_weights(n_heads, n)
    return model_scene(4, n_heads, 1, tokens_of(n), weights=weights, **changes)


def standing(page) -> list[int]:
    """The numbers of the tokens that stand in the sentence."""
    labels = page.locator(".hc-token").evaluate_all("all => all.map(one => one.ariaLabel)")
    return [int(label.split(":")[0].removeprefix("token ")) for label in labels]


def test_the_page_says_how_far_tiles_and_pixels_are_pooled(show) -> None:
    page = show(long_scene(1024))
    assert page.locator(".hc-gallery .hc-hint").nth(0).inner_text() == (
        "a pixel is the largest of 8 × 8 weights"
    )
    width = page.locator(".hc-weights").evaluate("canvas => canvas.width")
    pool = -(-1024 // width)
    assert pool > 1
    assert page.locator(".hc-says").inner_text() == (
        f"A pixel is the largest of {pool} × {pool} weights. Point at one, or use the arrow keys."
    )


def test_axis_labels_thin_out_and_do_not_touch(show) -> None:
    for n in (40, 130, 1024, 2048):
        page = show(long_scene(n, 2))
        boxes = page.locator(".hc-axes .hc-row-label").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(box => [box.top, box.bottom])"
        )
        boxes = sorted(boxes[: -1 if len(boxes) > 1 else None])
        middles = [(top + low) / 2 for top, low in boxes]
        assert len(boxes) <= 48
        assert all(after - before >= 9 for before, after in pairwise(middles))


def test_pointing_at_a_pixel_reads_its_strongest_weight(show) -> None:
    """A pixel of several weights shows the largest, so that is the one to read."""
    one = long_scene(1024, head=1)
    page = show(one)
    box = page.locator(".hc-weights").bounding_box()
    cell = box["width"] / 1024
    query = 800
    key = int(far_token(query, 1))
    page.mouse.move(box["x"] + (key + 0.5) * cell, box["y"] + (query + 0.5) * cell)
    says = page.locator(".hc-says").inner_text()
    numbers = [int(part.split(")")[0]) for part in says.split("(")[1:]]
    assert abs(numbers[0] - query) <= 3 and abs(numbers[1] - key) <= 3
    near = one.weights[1][query - 3 : query + 4, key - 3 : key + 4]
    assert any(f"gives {percent(w)} of" in says for w in near[near > 0.1])


def test_a_window_of_the_sentence_stands_and_all_of_it_in_a_strip(show) -> None:
    page = show(long_scene(1024, token=700))
    there = standing(page)
    assert there == list(range(620, 780))
    assert "tokens 620 to 779 of 1024" in page.locator(".hc-sentence .hc-hint").inner_text()
    strip = page.locator(".hc-strip-canvas")
    assert strip.get_attribute("aria-label").startswith("The whole text, 1024 tokens")
    assert page.locator(".hc-token[aria-checked=true]").get_attribute("aria-label") == (
        "token 700: “and”"
    )


def test_words_number_the_tokens_of_a_long_text(show) -> None:
    one = long_scene(1024, token=700, head=0)
    page = show(one)
    far = int(far_token(700, 0))
    looks = page.locator(".hc-looks").inner_text()
    assert f"({far}) {percent(one.weights[0][700, far])}" in looks


def test_the_strip_shows_where_the_token_looks_and_a_click_goes_there(show) -> None:
    one = long_scene(1024, token=700, head=0)
    page = show(one)
    far = int(far_token(700, 0))
    box = page.locator(".hc-strip-canvas").bounding_box()
    row = pixels(page.locator(".hc-strip-canvas"))[4]
    drawn = np.flatnonzero(row[:, 3] > 40)
    assert np.abs(drawn - far * len(row) / 1024).min() <= 2
    page.mouse.click(box["x"] + (far + 0.5) * box["width"] / 1024 + 1, box["y"] + 4)
    assert page.evaluate("heard") == [["token", far]]
    assert far in standing(page)


def test_the_window_stays_until_its_edge_is_near(show) -> None:
    page = show(long_scene(1024, token=700))
    page.get_by_role("radio", name="token 640:").click()
    assert standing(page)[0] == 620
    page.get_by_role("radio", name="token 630:").click()
    assert standing(page)[0] == 550
    page.keyboard.press("End")
    assert standing(page)[-1] == 1023
    page.keyboard.press("ArrowLeft")
    assert standing(page)[-1] == 1023
    assert page.evaluate("heard.at(-1)") == ["token", 1022]
    focused = page.evaluate("document.querySelector('#host').shadowRoot.activeElement.ariaLabel")
    assert focused.startswith("token 1022:")


def test_right_to_left_texts_have_their_strip_from_the_right(show) -> None:
    words = ("הכלב", "של", "השכן", "ישן")
    tokens = tuple(words[i % 4] for i in range(500))
    page = show(model_scene(4, 2, 1, tokens, weights=long_weights(2, 500), token=250))
    box = page.locator(".hc-strip-canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 1, box["y"] + 14)
    chosen = page.evaluate("heard")[0][1]
    assert chosen <= 5


def test_another_head_is_told_in_blocks_until_the_exact_one_comes(show) -> None:
    one = long_scene(1024, head=0, token=700)
    page = show(one)
    page.get_by_role("radio", name=re.compile(r"^Head 2\b")).click()
    looks = page.locator(".hc-looks").inner_text()
    assert looks.startswith("tokens 696–703 look at tokens ")
    assert "(at most " in looks
    page.locator(".hc-field").focus()
    page.keyboard.press("ArrowLeft")
    says = page.locator(".hc-says").inner_text()
    assert says.startswith("tokens 696–703 each give at most ")
    page.keyboard.press("Escape")
    answer(page, long_scene(1024, head=2, token=700))
    assert page.locator(".hc-looks").inner_text().startswith("“and” (700) looks at ")


def test_a_chosen_head_that_comes_pooled_is_told_in_blocks(show) -> None:
    one = long_scene(600, head=0, token=300)
    chosen, pool = scene_weights(one.weights[:1], 200)
    page = show(plain(one, chosen=chosen[0], chosen_pool=pool))
    assert page.locator(".hc-looks").inner_text().startswith("tokens 300–302 look at tokens ")


def test_even_weights_are_not_left_without_words(show) -> None:
    n = 500
    even = np.tril(np.ones((n, n), np.float32)) / np.arange(1, n + 1)[:, None]
    page = show(model_scene(4, 1, 1, tokens_of(n), weights=even[None].astype(np.float32), head=0))
    said = f"“{tokens_of(n)[-1]}” ({n - 1}) gives no token as much as 1%"
    assert page.locator(".hc-looks").inner_text() == said


@pytest.mark.parametrize("size", [(1368, 900), (390, 844)])
def test_long_texts_do_not_widen_the_page(show, size) -> None:
    page = show(long_scene(2048, 9, token=1000), size=size)
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert page.locator(".hc-token").count() == 160


@pytest.mark.parametrize("n_tokens", [400, 401])
def test_the_window_begins_where_the_whole_text_is_too_much(show, n_tokens: int) -> None:
    page = show(long_scene(n_tokens, 1, head=0))
    assert page.locator(".hc-token").count() == (400 if n_tokens == 400 else 160)
    assert page.locator(".hc-whole").is_visible() == (n_tokens > 400)


def test_merged_pieces_say_how_many_tokens_they_stand_for(show) -> None:
    tokens = ("पु", "रा", "नी", "🙂")
    one = scene(2, 1, tokens, counts=(3, 1, 1, 4), token=1, head=0)
    page = show(one)
    hint = page.locator(".hc-sentence .hc-hint")
    assert hint.inner_text() == "choose a token; 4 readable pieces from 9 tokens"
    merged = page.locator(".hc-token.hc-merged")
    assert merged.evaluate_all("all => all.map(one => one.title)") == [
        "“पु” stands for 3 tokens", "“🙂” stands for 4 tokens",
    ]  # fmt: skip
    assert merged.nth(1).get_attribute("aria-label") == "token 3: “🙂”; “🙂” stands for 4 tokens"
    merged.nth(1).hover()
    assert hint.inner_text().endswith("; “🙂” stands for 4 tokens")
    page.locator(".hc-field").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert page.locator(".hc-says").inner_text().endswith("; “🙂” stands for 4 tokens")


def test_tokens_that_stand_for_themselves_say_nothing(show) -> None:
    page = show(scene(2, 1, ("a", "b"), counts=(1, 1), head=0))
    assert page.locator(".hc-sentence .hc-hint").inner_text() == "choose a token"
    assert page.locator(".hc-merged").count() == 0
