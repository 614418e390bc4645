"""The presenter's view: one part at a time, by keys, and a picture that can be held."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from app.explore.settings import PARTS
from tests.browser.harness import APP, serve
from tests.browser.sizes import overlaps, scrolls_sideways, smallest
from tests.look.states import settle
from tests.models.tiny_pictures import make

Visit = Callable[..., Page]
# How much of what is presented lies beneath the bar, in px.
BENEATH = """() => { const found = (root) => root.querySelector(".hc-picture[data-part]")
    ?? [...root.querySelectorAll("*")].filter((node) => node.shadowRoot)
      .map((node) => found(node.shadowRoot)).find(Boolean);
  const { scrollHeight, clientHeight } = found(document);
  return scrollHeight - clientHeight; }"""
# Where the words of each of several elements begin, down the page.
TEXT_TOPS = """all => all.map((one) => { const range = document.createRange();
  range.selectNodeContents(one.querySelector("p") ?? one);
  return range.getBoundingClientRect().top; })"""
ELEMENTS = {name: f".hc-{name}" for name in PARTS} | {"head": ".hc-heat"}


def shown(page: Page) -> list[str]:
    """The parts in sight."""
    return [name for name, part in ELEMENTS.items() if page.locator(part).is_visible()]


def expect_part(page: Page, part: str) -> None:
    expect(page.locator(ELEMENTS[part])).to_be_visible()
    assert shown(page) == [part]


@pytest.mark.parametrize("query", ["", "&heads=32&kv_heads=8", "&heads=1&kv_heads=1&lang=hi"])
def test_each_part_alone_in_large_type(visit: Visit, query: str) -> None:
    page = visit(f"?view=present{query}", width=1280, height=720)
    count = int(re.findall(r"\d+", page.locator(".hc-place").inner_text())[-1])
    for size in ({"width": 1280, "height": 720}, {"width": 1920, "height": 1080}):
        page.set_viewport_size(size)
        settle(page)
        for at in range(count):
            assert len(shown(page)) == 1
            assert smallest(page) >= 27.9
            assert not scrolls_sideways(page)
            assert page.evaluate(BENEATH) <= 1
            if at == 0:
                assert overlaps(page, ".hc-split") == []
            page.keyboard.press("PageDown")
        for _ in range(count - 1):
            page.keyboard.press("PageUp")


def test_keys_turn_and_the_address_says_the_part(visit: Visit) -> None:
    page = visit("?view=present", width=1280, height=720)
    expect_part(page, "split")
    page.keyboard.press("ArrowRight")
    expect_part(page, "gallery")
    page.wait_for_url("**part=gallery**")
    page.keyboard.press("PageDown")
    expect_part(page, "head")
    page.keyboard.press("ArrowLeft")
    expect_part(page, "gallery")
    page.locator(".hc-head[aria-checked=true]").focus()
    page.keyboard.press("ArrowRight")  # chooses a head, as ever
    page.wait_for_url("**head=2**")
    expect_part(page, "gallery")
    page.keyboard.press("PageUp")  # a clicker turns, wherever the focus is
    expect_part(page, "split")


def test_only_the_control_in_play_is_shown(visit: Visit) -> None:
    page = visit("?view=present&part=sentence", width=1280, height=720)
    expect(page.locator(".st-key-text")).to_be_visible()
    for name in ("heads", "kv_heads", "layer", "mask", "model", "lang", "real_model", "section"):
        expect(page.locator(f".st-key-{name}")).to_be_hidden()
    page.keyboard.press("PageUp")
    expect(page.locator(".st-key-text")).to_be_hidden()
    expect(page.locator(".st-key-controls")).to_be_hidden()  # the head has all the height
    page.wait_for_function(
        """() => { const found = (root) => root.querySelector(".hc-weights")
            ?? [...root.querySelectorAll("*")]
            .filter((node) => node.shadowRoot).map((node) => found(node.shadowRoot)).find(Boolean);
          return found(document)?.getBoundingClientRect().height > 500; }"""
    )
    said, hint = (page.locator(part).bounding_box() for part in (".hc-heat .hc-hint", ".hc-says"))
    assert said["y"] + said["height"] <= hint["y"]  # beside the square, one below the other
    page.keyboard.press("PageUp")
    expect(page.locator(".st-key-layer")).to_be_visible()


def test_a_held_picture_stays_while_controls_change(visit: Visit) -> None:
    page = visit("?view=present", width=1280, height=720)
    headline = page.locator(".hc-headline")
    expect(headline).to_have_text("192 → 8 × 24")
    page.keyboard.press("f")
    page.locator(".st-key-heads input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**heads=16**")
    page.wait_for_timeout(500)
    expect(headline).to_have_text("192 → 8 × 24")
    page.keyboard.press("f")
    expect(headline).to_have_text("192 → 16 × 12")


def test_it_is_entered_by_a_button_and_left_by_escape(visit: Visit) -> None:
    page = visit()
    links = page.locator(".st-key-pages :is(a, button)")
    assert max(tops := links.evaluate_all(TEXT_TOPS)) - min(tops) < 0.5 and len(tops) == 4
    page.get_by_role("button", name="Present").click()
    page.wait_for_url("**view=present**")
    expect_part(page, "split")
    page.keyboard.press("PageDown")
    page.wait_for_url("**part=gallery**")
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"^((?!view=).)*$"))
    expect(page.locator(".st-key-text")).to_be_visible()
    expect(page.locator(".hc-cache")).to_be_visible()
    assert len(shown(page)) >= 5


def test_escape_leaves_a_held_picture(visit: Visit) -> None:
    page = visit("?view=present&part=cache", width=1280, height=720)
    page.keyboard.press("f")
    page.keyboard.press("Escape")
    expect(page.locator(".hc-split")).to_be_visible()
    expect(page.locator(".st-key-text")).to_be_visible()
    # Icons that were drawn first on the larger page are as small as any.
    assert page.locator(".st-key-text label svg").bounding_box()["width"] <= 17
    lang = page.locator(".st-key-lang [role=radio]").evaluate_all(
        "all => new Set(all.map((one) => one.getBoundingClientRect().top)).size"
    )
    assert lang == 1  # beside each other on a projector


def test_a_picture_of_patches_stands_where_a_text_has_its_sentence(
    visit: Visit, tmp_path: Path
) -> None:
    folder = make("vit", tmp_path / "tiny_vit")
    page = visit(f"?model={folder}&view=present&part=sentence", width=1280, height=720)
    expect(page.locator(".hc-patches .hc-patch-field")).to_be_visible()
    assert page.locator(".hc-sentence:visible").count() == 1
    expect(page.locator(".st-key-image")).to_be_visible()
    assert smallest(page) >= 27.9
    assert page.evaluate(BENEATH) <= 1
    assert not scrolls_sideways(page)


def test_a_part_that_the_model_lacks_is_the_first(visit: Visit) -> None:
    page = visit("?view=present&part=map", width=1280, height=720)
    expect_part(page, "split")


def test_a_long_sentence_in_the_language_of_the_document(visit: Visit) -> None:
    text = quote(" ".join(["चाबियाँ पुरानी अलमारी के पास खो गई हैं।"] * 20))
    query = f"?view=present&lang=hi&part=sentence&text={text}"
    page = visit(query, width=1280, height=720)
    expect_part(page, "sentence")
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    chosen, legend = (
        page.locator(f".hc-sentence {one}")
        for one in (".hc-token[aria-checked=true]", ".hc-legend")
    )
    expect(chosen).to_be_in_viewport(ratio=1)  # the last token, and what is said of it above
    said = legend.bounding_box()
    assert said["y"] + said["height"] <= chosen.bounding_box()["y"]


@pytest.mark.slow
def test_a_model_that_is_not_fetched_yet_can_be_fetched(
    chrome: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    with serve(APP) as url:
        page = chrome.new_page()
        page.goto(f"{url}/?model=smollm2&view=present&part=head")
        expect(page.get_by_role("button", name="Fetch SmolLM2")).to_be_visible(timeout=60_000)
        expect(page.locator(".hc-top")).to_contain_text("is not drawn yet")
        model = page.get_by_role("combobox", name="Model")
        expect(model).to_be_visible()
        model.click()
        page.get_by_role("option", name="Trained here").click()
        page.wait_for_url("**view=present**")
        expect(page.locator(".hc-heat")).to_be_visible(timeout=60_000)
        expect(page.locator(".hc-top")).to_be_hidden()
        page.close()
