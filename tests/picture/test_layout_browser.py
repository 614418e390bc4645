"""The room that the picture takes in Chromium: laptop, projector, phone, any script."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.picture.looking import REPEATED, smallest_type
from tests.picture.synthetic import HINDI, scene

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("n_heads", [1, 2, 4, 8, 16, 32])
@pytest.mark.parametrize("n_tokens", [3, 32, 128])
def test_fits_a_laptop_and_stays_readable(show, n_heads: int, n_tokens: int) -> None:
    page = show(scene(n_heads, max(1, n_heads // 4), REPEATED[:n_tokens]))
    box = page.locator(".hc-picture").bounding_box()
    assert box["width"] == 1336
    assert box["height"] <= 675
    tile = page.locator(".hc-tile").nth(0).bounding_box()
    assert tile["width"] >= 48
    assert smallest_type(page) >= 12


@pytest.mark.parametrize(("n_heads", "n_kv_heads"), [(16, 4), (32, 8), (32, 32)])
def test_few_words_stay_whole_on_a_projector(show, n_heads: int, n_kv_heads: int) -> None:
    page = show(scene(n_heads, n_kv_heads, REPEATED[:32]), size=(1248, 720))
    cut = page.locator(".hc-words").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"
    )
    assert cut == []
    assert page.locator(".hc-tile").nth(0).bounding_box()["width"] >= 48


def test_the_first_token_of_a_long_text_is_not_hidden_by_the_frame(show) -> None:
    tokens = tuple(f"t{i}" for i in range(325))  # a column of the tile is a pixel wide
    page = show(scene(16, 4, tokens))
    box = page.locator(".hc-tile").nth(1).bounding_box()  # looks at the first token
    tile = Image.open(io.BytesIO(page.screenshot(clip=box))).convert("L")
    shades = np.asarray(tile, float)[5:-5]
    assert shades[:, 0].mean() < 150  # the frame is lighter than that


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_phone_stacks_without_sideways_scrolling(show, lang: str) -> None:
    tokens = tuple(HINDI.split()) if lang == "hi" else REPEATED[:40]
    page = show(scene(32, 32, tokens, lang=lang), size=(390, 844))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    tops = [page.locator(f".hc-{part}").bounding_box()["y"]
            for part in ("split", "cache", "gallery", "heat", "sentence")]  # fmt: skip
    assert tops == sorted(tops)
    assert smallest_type(page) >= 12


def test_lines_follow_a_font_that_comes_late(show) -> None:
    page = show(scene())
    first = page.locator(".hc-lines path").first.get_attribute("d")
    page.evaluate(
        """() => { const sheet = document.createElement('style');
          sheet.textContent = '.hc-token { letter-spacing: 2px }';
          document.querySelector('#host').shadowRoot.append(sheet);
          document.fonts.dispatchEvent(new Event('loadingdone')); }"""
    )
    assert page.locator(".hc-lines path").first.get_attribute("d") != first


def test_right_to_left_runs_from_the_right(show) -> None:
    page = show(scene(2, 1, ("הכלב", "של", "השכן", "ישן", "👩‍👩‍👧")))
    boxes = [page.locator(".hc-token").nth(i).bounding_box()["x"] for i in range(3)]
    assert boxes == sorted(boxes, reverse=True)
    page.locator(".hc-token").nth(4).focus()
    page.keyboard.press("ArrowRight")  # to the right is back
    assert page.evaluate("heard") == [["token", 3]]


def test_devanagari_is_kept_whole(show) -> None:
    tokens = ("क्षत्रियश्रीकृष्ण" * 2, *HINDI.split())
    page = show(scene(tokens=tokens, lang="hi"))
    assert page.locator(".hc-token").nth(0).inner_text() == tokens[0]
    label = page.locator(".hc-row-label").nth(0).text_content()
    # Nine letters as a reader counts them, the last replaced by the sign for "cut".
    assert label.endswith("…")
    assert tokens[0].startswith(label[:-1])
    assert label[-2] != "\u094d", "cut inside a conjunct"
    assert page.locator(".hc-picture").get_attribute("lang") == "hi"
