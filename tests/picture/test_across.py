"""Cross-attention in the picture: rows of one text over columns of another."""

import csv
import io
import re
from functools import cache

import numpy as np
import pytest

from attention.models.parts import chosen
from attention.models.reading import read
from attention.notebook import trace
from attention.picture.compose import opened_scene
from attention.picture.page import look_at
from attention.picture.payload import decode, encode
from attention.picture.still import PARTS, Still
from attention.words import load_words
from tests.models import tiny

SOURCE, TARGET = "The keys near the old cabinet are lost.", "the cat slept"


@cache
def scene(source=SOURCE, target=TARGET, lang="en"):
    model = tiny.load_tiny("t5")
    one = chosen(model, read(model, source), target=target)
    _, look = look_at(one.model, one.reading, layer=1, head=2)
    words = load_words(lang)
    return opened_scene(one.model, one.reading, look, words, layer=1, head=2), look


@pytest.mark.parametrize(
    ("source", "target"), [(SOURCE, TARGET), (TARGET, SOURCE), ("cat " * 100, TARGET)]
)
def test_the_payload_holds_rows_of_the_target_and_columns_of_the_source(source, target):
    shown, look = scene(source, target)
    header, tiles, fine = decode(encode(shown))
    weights = look.weights(1, 2)
    rows, columns = weights.shape
    assert (len(header["tokens"]), len(header["keys"]["tokens"])) == (rows, columns)
    assert header["side"] == max(rows, columns) and tiles.shape[1] == tiles.shape[2]
    np.testing.assert_allclose(fine[:rows, :columns], weights, atol=1e-4)
    assert fine[rows:].sum() == fine[:, columns:].sum() == 0


def test_every_part_can_be_taken():
    shown, look = scene()
    for part in PARTS:
        assert Still(shown, part).svg().startswith("<svg")
    rows = list(csv.reader(io.StringIO(Still(shown, "head").csv().removeprefix("\ufeff"))))
    weights = np.array([[float(value) for value in row[2:]] for row in rows[1:]])
    np.testing.assert_allclose(weights, look.weights(1, 2), atol=1e-4)
    assert rows[0][2:] == [f"{i} {token.strip()}" for i, token in enumerate(shown.keys)]
    svg = Still(shown, "head").svg()
    assert [svg.count(f">{token.strip()}<") for token in ("cabinet", "slept")] == [1, 1]


def test_the_other_cache_stands_beside():
    note = (
        "It is made once from the source and does not grow. Beside it stands the cache of the "
        "decoder’s own attention: 4.5 KiB, which grows with each token of the target."
    )
    assert scene()[0].cache_note == note
    assert scene()[0].cache.seq_len == 9 and scene()[0].cache.now_bytes == 2 * 3 * 48 * 9 * 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "The encoder’s attention: every token of the source looks at all of the source."),
        (
            {"target": TARGET},
            "Cross-attention: rows are the target’s tokens, columns the",
        ),
        (
            {"attention": "decoder"},
            "The target is the model’s own answer, the most probable token each time.",
        ),
    ],
)
def test_a_notebook_shows_each_attention_and_says_which(given, said):
    page = trace(SOURCE, model=tiny.load_tiny("t5"), **given)._page
    assert said in page


def test_the_page_in_a_browser(chrome, tmp_path):
    trace(SOURCE, model=tiny.load_tiny("t5"), target=TARGET).save(tmp_path / "page.html")
    page = chrome.new_page(viewport={"width": 1400, "height": 1000})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".hc-weights").wait_for()
    canvas = page.locator(".hc-weights").evaluate("node => [node.width, node.height]")
    assert canvas == [9, 4]
    page.locator(".hc-field").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    says = page.locator(".hc-says").first.inner_text()
    assert re.match(r"“slept” \(3\) gives .* of its attention to “\.” \(8\)", says)
    tokens = page.locator(".hc-token")
    assert tokens.count() == 9 + 4
    tokens.nth(10).click()  # of the target
    looks = page.locator(".hc-looks").inner_text()
    assert looks.startswith("“the” (10) looks at")
    assert page.locator(".hc-looked").inner_text() == ""  # nothing can look at it
    tokens.nth(2).click()  # of the source: it can be pointed at, not chosen
    page.mouse.move(5, 5)
    assert page.locator(".hc-looks").inner_text() == looks
    tokens.nth(2).hover()
    assert "look at “near”" in page.locator(".hc-looked").inner_text()
    assert page.locator(".hc-looks").inner_text() == ""
    page.locator("header select").select_option("Encoder")
    page.locator("footer", has_text="every token of the source looks at all").wait_for()
    assert page.locator(".hc-token").count() == 9
    assert page.locator("header p").inner_text().startswith("2 layers, 8 heads, 9 tokens")
    page.locator("header select").select_option("Decoder")
    page.locator("footer", has_text="looks at itself and those before it").wait_for()
    assert page.locator(".hc-token").count() == 4
    assert "4.5 KiB" in page.locator(".hc-cache").inner_text()
    page.locator("header select").select_option("Cross")
    page.locator("footer", has_text="Cross-attention: rows are").wait_for()
    assert page.locator(".hc-token").count() == 9 + 4
    assert errors == []
