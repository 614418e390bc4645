"""What Chromium draws: split, tiles, heatmap, sentence, cache; light and dark; hostile text."""

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.picture.looking import answer, assert_drawn, corner, pixels
from tests.picture.synthetic import cache_figures, scene

pytestmark = pytest.mark.browser


def test_bidirectional_heads_look_ahead_too(show) -> None:
    one = scene(causal=False, token=0)
    page = show(one)
    page.locator(".hc-field").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "gives" in page.locator(".hc-says").inner_text()
    assert_drawn(page, one.weights[5])


@pytest.mark.smoke
def test_hostile_tokens_are_text(show) -> None:
    tokens = ("<img src=x onerror=heard.push('hacked')>", "<b>", "&lt;", "{token}", "\x00", " ", "")
    page = show(scene(4, 2, tokens))
    page.get_by_role("radio", name="token 0:").click()
    page.mouse.move(0, 0)
    assert page.locator(".hc-token").nth(0).inner_text() == tokens[0]
    assert page.locator(".hc-token").nth(3).inner_text() == "{token}"
    assert page.locator(".hc-token").nth(5).inner_text() == "␣"
    assert page.locator("img").count() == 0
    assert page.evaluate("heard") == [["token", 0]]


def test_dark_follows_the_page_without_new_data(show) -> None:
    one = scene()
    page = show(one)
    assert corner(page) == [255, 255, 255]
    page.evaluate("document.body.style.setProperty('--st-background-color', '#0e1117')")
    page.evaluate("document.body.style.setProperty('--st-text-color', '#eceef1')")
    answer(page, one)
    assert corner(page) == [14, 17, 23]
    colour = page.locator(".hc-spine").nth(0).evaluate("one => getComputedStyle(one).background")
    assert "rgb(90, 204, 253)" in colour


def test_above_eight_kv_heads_only_the_chosen_one_has_a_colour(show) -> None:
    page = show(scene(16, 16))
    fills = page.locator(".hc-spine").evaluate_all("all => all.map(one => one.style.background)")
    assert len(set(fills)) == 2
    assert fills.count(fills[5]) == 1


def test_split_says_how_the_result_is_cut(show) -> None:
    page = show(scene(32, 8, width=4096))
    assert page.locator(".hc-headline").inner_text() == "4,096 → 32 × 128"
    assert page.locator(".hc-badge").inner_text() == "shape only"
    facts = page.locator(".hc-facts").inner_text().replace("\n", " ")
    assert "WQ 16,777,216" in facts and "WK 4,194,304" in facts
    assert scene().check in facts
    alt = page.locator(".hc-split svg").get_attribute("aria-label")
    assert "query heads: 32 of 128 numbers" in alt
    assert page.locator(".hc-heat .hc-title").inner_text() == "Head 5"


def test_cache_says_the_formula_and_its_bytes(show) -> None:
    page = show(scene())
    ledger = page.locator(".hc-factor b").all_inner_texts()
    assert ledger == ["2", "2", "2", "24", "19", "4", "14,592"]
    assert np.prod([int(n) for n in ledger[:-1]]) == 14592
    assert page.locator(".hc-smaller").inner_text() == "4 × smaller than MHA"
    strips = page.locator(".hc-now .hc-strip")
    assert [strips.nth(i).locator("i").count() for i in range(3)] == [8, 2, 1]
    widths = [strips.nth(i).bounding_box()["width"] for i in range(3)]
    assert widths[1] / widths[0] == pytest.approx(1 / 4, abs=0.01)


def test_a_cache_that_is_no_product_says_its_formula(show) -> None:
    figures = cache_figures(scene().config, 19)
    one = scene(cache=replace(figures, now_bytes=9999, formula="layers keep <b>what</b> they keep"))
    page = show(one)
    ledger = page.locator(".hc-ledger")
    assert ledger.inner_text().startswith("layers keep <b>what</b> they keep")
    assert page.locator(".hc-factor b").all_inner_texts() == ["9,999"]
    assert "undefined" not in page.locator(".hc-bars").nth(0).get_attribute("aria-label")


def test_a_cache_that_was_not_measured_is_not_called_so(show) -> None:
    figures = replace(cache_figures(scene().config, 19), measured=False)
    page = show(scene(cache=figures))
    assert page.locator(".hc-cache .hc-hint").nth(0).inner_text() == "computed"


def test_an_encoder_keeps_no_cache(show) -> None:
    page = show(scene(cache=None, real=None, causal=False))
    assert page.locator(".hc-cache").inner_text().split("\n")[-1] == (
        "Where every token sees every other, the whole text is read at once: "
        "there is nothing to keep, so no cache."
    )


def test_a_real_model_that_does_not_divide_gets_its_sentence(show) -> None:
    real = replace(
        scene().real, regrouped_bytes=None, regrouped_n_kv_heads=None, note="3 does not divide 64."
    )
    page = show(scene(real=real))
    assert page.locator(".hc-note").inner_text() == "3 does not divide 64."
    assert page.locator(".hc-strip-own").count() == 0


@pytest.mark.slow
def test_1024_tokens_are_drawn(show) -> None:
    tokens = tuple(f"t{i % 60}" for i in range(1024))
    weights = np.zeros((2, 1024, 1024), np.float32)
    weights[:, np.arange(1024), np.maximum(np.arange(1024) - 1, 0)] = 1
    page = show(scene(2, 1, tokens, weights=weights))
    drawn = pixels(page.locator(".hc-weights"))
    height, width, _ = drawn.shape
    assert width == height <= 512
    # The last pixel holds one row only, and that row looks one pixel back.
    diagonal = drawn[range(width - 1), range(width - 1), 0]
    assert (diagonal < 40).all(), "the thin line is lost in pooling"
    assert page.locator(".hc-looks").inner_text() == "“t3” (1023) looks at “t2” (1022) 100%"


def test_every_part_has_a_text_alternative(show) -> None:
    page = show(scene())
    names = page.locator(":is([role=img], .hc-bars[role=group]):visible").evaluate_all(
        "all => all.map(one => one.ariaLabel)"
    )
    assert len(names) >= 5
    assert all(name and "{" not in name and "undefined" not in name for name in names)


def test_a_short_sentence_prints_its_weights_and_keeps_them_true(show) -> None:
    one = scene(4, 2, ("the", "keys", "are"), head=0)
    page = show(one)
    for head in (0, 2):
        if head:
            page.get_by_role("radio", name=re.compile(rf"^Head {head}\b")).click()
        below = [one.weights[head][i, j] for i in range(3) for j in range(i + 1)]
        printed = page.locator(".hc-field .hc-in").all_text_contents()
        assert printed == [f"{round(float(w) * 100)}%" for w in below]


def test_a_piece_that_goes_on_with_a_word_is_tied_to_it(show) -> None:
    page = show(replace(scene(4, 2, ("un", "able", "able")), goes_on=(1,)))
    ties = page.locator(".hc-token").evaluate_all(
        "all => all.map(one => getComputedStyle(one, '::before').content)"
    )
    assert ties == ["none", '""', "none"]
    told = page.locator(".hc-token").nth(1).get_attribute("aria-description")
    assert told == "goes on with the word before it"
    assert "‿ goes on with the word before it" in page.locator(".hc-sentence .hc-hint").inner_text()


def test_what_the_model_wrote_itself_is_underlined_and_said(show) -> None:
    page = show(replace(scene(4, 2, ("the", "keys", "are", "here")), generated=2))
    lines = page.locator(".hc-token").evaluate_all(
        "all => all.map(one => getComputedStyle(one).textDecorationLine)"
    )
    assert lines == ["none", "none", "underline", "underline"]
    hint = page.locator(".hc-sentence .hc-hint").inner_text()
    assert "┈ tokens 2 to 3 were generated by the model" in hint
    told = page.locator(".hc-token").nth(3).get_attribute("aria-description")
    assert told == "generated by the model"
    assert page.locator(".hc-heat line[data-generated]").count() == 2
    hint = page.locator(".hc-heat .hc-hint").inner_text()
    assert hint.endswith("; ┈ tokens 2 to 3 were generated by the model")
