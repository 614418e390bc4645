"""The page with the real SmolLM2 and MiniLM in a real browser."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.test_page import HOSTILE, chosen, params, sentence, tiles
from tests.models.real import fetched

Visit = Callable[..., Page]
COPIED = "Maya bought bread, milk, rice and eggs. Tom sold bread, milk, rice and eggs."
HINDI = "लड़कियाँ बच्चे के साथ बाज़ार में सेब खाती हैं।"
LONG = "The keys near the old cabinet are lost and the boys who saw the teacher are tired. " * 16


@pytest.fixture(autouse=True)
def _real() -> None:
    fetched("smollm2")


def smollm2(opening: Visit, query: str = "", **size: object) -> Page:
    page = opening(f"?model=smollm2{query}", **size)
    expect(tiles(page)).to_have_count(9, timeout=120_000)
    return page


def map_of(page: Page) -> Locator:
    return page.get_by_role("grid", name=re.compile("Map of the model|मॉडल का नक़्शा"))


def tokens(page: Page) -> Locator:
    return page.get_by_role("radiogroup", name=re.compile("Tokens of the sentence|वाक्य के टोकन"))


def test_a_model_by_its_address(look: Visit) -> None:
    page = smollm2(look)
    expect(sentence(page)).to_have_text(
        "9 query heads of 64 numbers; every 3 share a key–value head, so the cache holds 3, "
        "not 9. 30 layers."
    )
    assert params(page) == {"model": "smollm2"}
    sliders = page.get_by_role("slider")
    assert [sliders.nth(n).is_disabled() for n in range(3)] == [True, False, False]
    foot = page.locator(".hc-foot")
    expect(foot).to_contain_text("SmolLM2-135M-Instruct (LlamaForCausalLM).")
    expect(foot).to_contain_text("Licence: Apache-2.0.")


def test_the_control_chooses_a_model_and_the_family_again(visit: Visit) -> None:
    page = visit()
    for name, heads in (("SmolLM2-135M-Instruct", 9), ("Trained here: any heads", 8)):
        page.get_by_role("combobox", name=re.compile("^Model")).click()
        page.get_by_role("option", name=name).click()
        expect(tiles(page)).to_have_count(heads, timeout=120_000)
    page.wait_for_url(lambda url: "model" not in url)


def test_a_copied_list_opens_on_an_induction_head(visit: Visit) -> None:
    page = smollm2(visit, f"&text={quote(COPIED)}")
    assert page.get_by_role("slider").nth(2).get_attribute("aria-valuetext") == "18"
    assert chosen(page).startswith("Head 6 ")


def test_a_click_on_the_map(visit: Visit) -> None:
    page = smollm2(visit)
    map_of(page).get_by_role("row").nth(3).get_by_role("gridcell").nth(8).click()
    page.wait_for_url("**layer=3**")
    expect(page.get_by_role("radiogroup", name="Attention heads of layer 3")).to_be_visible()
    assert chosen(page).startswith("Head 8 ")


def test_the_next_layer_by_keyboard_keeps_the_head(visit: Visit) -> None:
    page = smollm2(visit, "&layer=4&head=2")
    tiles(page).nth(2).focus()
    page.keyboard.press("PageDown")
    page.wait_for_url("**layer=5**")
    expect(page.get_by_role("radiogroup", name="Attention heads of layer 5")).to_be_visible()
    assert chosen(page).startswith("Head 2 ")
    assert params(page)["head"] == "2"


def test_the_same_tile_again_after_an_example_reset_it(visit: Visit) -> None:
    page = smollm2(visit, "&layer=4")
    tile = tiles(page).nth(7)
    tile.click()
    page.wait_for_url("**head=7**")
    page.get_by_role("combobox", name=re.compile("Examples")).click()
    page.get_by_role("option", name="A copied list").click()
    page.wait_for_url(lambda url: "head" not in url and "text" in url)
    expect(tile).to_have_attribute("aria-checked", "false")
    tile.click()
    page.wait_for_url("**head=7**")
    expect(tile).to_have_attribute("aria-checked", "true")


def test_hindi_is_readable_and_the_pieces_can_be_seen(visit: Visit) -> None:
    page = smollm2(visit, f"&text={quote(HINDI)}")
    expect(tokens(page).get_by_role("radio").first).to_have_text("ल")
    merged = tokens(page).get_by_role("radio").count()
    expect(page.locator(".st-key-picture")).to_contain_text("readable pieces from")
    page.locator(".st-key-pieces").get_by_role("combobox").click()
    page.get_by_role("option", name="Raw").click()
    page.wait_for_url("**pieces=raw**")
    expect(tokens(page).get_by_role("radio")).not_to_have_count(merged)
    assert tokens(page).get_by_role("radio").count() > 2 * merged
    again = smollm2(visit, f"&text={quote(HINDI)}&pieces=raw")
    expect(tokens(again).get_by_role("radio").nth(1)).to_contain_text("₂")


def test_a_long_text(visit: Visit) -> None:
    page = smollm2(visit, f"&text={quote(LONG)}")
    expect(page.locator(".st-key-picture")).to_contain_text("a pixel is the largest of 3 × 3")
    for section in ("Step by step", "Numbers", "Cache curve"):
        page.get_by_role("radio", name=section).click()
        page.wait_for_timeout(500)
    page.get_by_role("radio", name="Numbers").click()
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible(timeout=15_000)
    expect(page.get_by_text(re.compile(r"Of 2\d\d tokens \d+ are shown as rows"))).to_be_visible()


def test_an_encoder(visit: Visit) -> None:
    fetched("minilm")
    page = visit("?model=minilm")
    expect(tiles(page)).to_have_count(12, timeout=120_000)
    expect(sentence(page)).to_contain_text("reads the whole text at once and keeps no cache")
    expect(page.locator(".st-key-picture")).to_contain_text("nothing to keep, so no cache")
    expect(tokens(page)).to_contain_text("[CLS]")


def test_it_fits_a_laptop_without_scrolling(look: Visit) -> None:
    page = smollm2(look, width=1400, height=900)
    box = page.locator(".st-key-picture").bounding_box()
    assert box["y"] + box["height"] <= 900


@pytest.mark.parametrize("query", ["&lang=hi", ""])
def test_a_phone_scrolls_down_only(look: Visit, query: str) -> None:
    page = smollm2(look, query, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    main = page.locator("[data-testid=stMainBlockContainer]")
    assert main.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_a_phone_has_the_slider_in_sight_that_can_be_moved(look: Visit) -> None:
    page = smollm2(look, width=390, height=844)
    expect(page.locator(".st-key-built_heads")).to_be_hidden()
    kv_heads, layer = (
        page.locator(f".st-key-{name}") for name in ("built_kv_heads", "model_layer")
    )
    expect(kv_heads.locator("input")).to_be_enabled()
    expect(kv_heads).to_be_in_viewport(ratio=1)
    boxes = [each.bounding_box() for each in (kv_heads, layer)]
    assert len({box["y"] + box["height"] for box in boxes}) == 1  # beside each other


@pytest.mark.parametrize("query", ["&lang=hi", ""])
def test_no_control_is_cut_off(look: Visit, query: str) -> None:
    page = smollm2(look, query, width=1280, height=720)
    for widget in page.locator(".st-key-controls > *").all():
        assert widget.evaluate("node => node.scrollWidth <= node.clientWidth + 1")


def test_hostile_text_is_only_text(visit: Visit) -> None:
    page = smollm2(visit, f"&text={quote(HOSTILE)}")
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for section in ("Step by step", "Numbers", "Cache curve", "What sharing costs"):
        page.get_by_role("radio", name=section).click()
        page.wait_for_timeout(700)
        assert page.locator("#typed, img[src=q], a[href^=javascript]").count() == 0
    assert dialogs == []


def test_another_model_has_to_be_named(app_url: str, profile: BrowserContext) -> None:
    page = profile.new_page()
    page.goto(f"{app_url}/?model=other")
    field = page.get_by_role("textbox", name="Hub id or folder")
    field.fill("/nowhere/at <b>all</b>")
    field.press("Enter")
    expect(page.locator(".hc-failed")).to_contain_text("is no folder on this machine")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
