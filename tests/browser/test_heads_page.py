"""The page "Heads" in a browser: the atlas, the card that a cell opens, its address, its frame."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_axe import faults

CELL = ".hc-atlas-cell"
TITLE = "Head 3 of layer 1, KV head 0: Headcount 8/2"
SETTLED = """() => !document.querySelector(
    '[data-testid=stSkeleton], [data-stale=true], .st-key-heads_stop')
  && !document.querySelector('[data-testid=stApp][data-test-script-state=running]')"""
PATIENCE_MS = 120_000


@pytest.fixture
def opened(app_url: str, profile: BrowserContext) -> Callable[..., Page]:
    """``opened("heads?layer=1", width=390)``: that page, which may still be drawn."""

    def open_page(path: str, *, width: int = 1400, dark: bool = False) -> Page:
        page = profile.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{app_url}/{path}")
        return page

    return open_page


def settle(page: Page) -> Page:
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(400)  # what is drawn after the script has run
    page.wait_for_function(SETTLED)
    return page


def test_a_cell_opens_its_card_which_has_an_address(opened: Callable[..., Page]) -> None:
    page = opened("heads")
    page.locator(CELL).nth(8 + 3).click()
    title = page.get_by_role("heading", name=TITLE)
    expect(title).to_be_visible()
    page.wait_for_url("**/heads?layer=1&head=3")
    assert page.locator(f"{CELL}[aria-selected=true]").count() == 1
    page.reload()
    expect(title).to_be_visible()
    page.go_back()
    page.wait_for_url("**/heads")
    expect(title).to_have_count(0)


def test_arrow_keys_read_and_enter_opens(opened: Callable[..., Page]) -> None:
    page = opened("heads")
    page.locator(CELL).first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    says = page.locator(".hc-atlas-says")
    expect(says).to_contain_text("Layer 1, head 3, KV head 0")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()


def test_a_frame_has_the_card_and_nothing_else(opened: Callable[..., Page]) -> None:
    page = opened("heads?layer=1&head=3&embed=true", width=700)
    expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    settle(page)
    for other in (CELL, "[data-testid=stPageLink]", "[data-testid=stSelectbox]", ".hc-share"):
        assert page.locator(other).count() == 0
    edges = "(all) => Math.max(...all.map((one) => one.getBoundingClientRect().right))"
    assert page.locator("table").evaluate_all(edges) <= 700  # none is cut
    assert faults(page) == []


def test_a_phone_needs_no_moving_sideways(opened: Callable[..., Page]) -> None:
    page = settle(opened("heads?layer=1&head=3&lang=hi", width=390))
    page.locator(CELL).first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # Tables may be wider and are moved; what is said above them is not.
    right = "nodes => nodes.map((node) => node.getBoundingClientRect().right)"
    captions = page.locator(".hc-keys caption").evaluate_all(right)
    assert captions and max(captions) <= 390
    page.emulate_media(forced_colors="active")
    bars = "nodes => nodes.map((node) => getComputedStyle(node).forcedColorAdjust)"
    for coloured in (".hc-bar i", CELL, ".hc-atlas-row .hc-atlas-kv", ".hc-roles .hc-chip"):
        assert set(page.locator(coloured).evaluate_all(bars)) == {"none"}, coloured


def test_a_point_of_the_scatter_opens_its_card(opened: Callable[..., Page]) -> None:
    page = settle(opened("heads?section=find"))
    point = page.locator(".scatterlayer .point").nth(3)  # of KV head 0: head 3 of layer 0
    box = point.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y, steps=4)
    page.locator(".hoverlayer .hovertext").wait_for()  # before it a chart hears no click
    page.mouse.click(x, y)
    expect(page.locator("h2.hc-card-title")).to_contain_text("of layer 0, KV head 0")
    page.wait_for_url("**/heads?section=find&layer=0&head=*")
