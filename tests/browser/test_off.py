"""Heads switched off on the page."""

import re
from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.browser.test_page import params, tiles

Visit = Callable[..., Page]
TEXT = "The keys near the old cabinet are lost."
EIGHT_ONE = f"?text={quote(TEXT)}&heads=8&kv_heads=1&layer=2&head=1"


def test_a_button_and_a_key_switch_the_chosen_head(visit: Visit) -> None:
    page = visit(EIGHT_ONE)
    page.get_by_role("button", name="Switch off").click()
    page.wait_for_url("**off=2.1**")
    expect(tiles(page).nth(1)).to_have_class("hc-head hc-is-off")
    expect(tiles(page).nth(1)).to_have_attribute("aria-label", re.compile("switched off$"))
    expect(page.locator(".hc-off-heads")).to_have_text("Switched off: 2.1 (layer.head)")
    expect(page.locator(".hc-costs")).to_contain_text("are+")
    tiles(page).nth(1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.wait_for_url("**off=2.1**2.2**")
    page.keyboard.press("x")
    expect(page.locator(".hc-off-heads")).to_have_text("Switched off: 2.1 (layer.head)")
    page.get_by_role("button", name="All on again").click()
    expect(page.locator(".hc-off-heads")).to_have_count(0)
    page.wait_for_url(lambda url: "off=" not in url)


def test_the_cache_keeps_what_others_still_ask(visit: Visit) -> None:
    page = visit("?heads=8&kv_heads=8&layer=1&head=0&off=1.0")
    expect(page.locator(".hc-cache")).to_contain_text(
        "KV 0: every head that asks it is off, so its keys and values in this layer could go."
    )
    page = visit("?heads=8&kv_heads=2&layer=1&head=0&off=1.0")
    expect(page.locator(".hc-cache")).to_contain_text(
        "Heads are off, but others still ask KV 0: its keys and values stay."
    )


def test_the_section_switches_all_heads_of_a_role(visit: Visit) -> None:
    page = visit(f"{EIGHT_ONE}&section=off".replace("head=1", "head=2"))
    expect(page.locator(".hc-pushes")).to_contain_text("Pushed up")
    page.get_by_role("button", name="Switch all 3 heads with the role “subject” off").click()
    page.wait_for_url("**off=0.0**2.2**2.4**")
    expect(page.locator(".hc-tops caption").first).to_contain_text("all heads on")


def test_heads_that_a_smaller_layout_lacks_are_left_out(visit: Visit) -> None:
    page = visit("?heads=8&kv_heads=2&off=1.1,1.7")
    slider = page.locator(".st-key-heads input[type=range]")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".hc-off-heads")).to_have_text("Switched off: 1.1 (layer.head)")
    expect(page.locator(".hc-notice")).to_contain_text("1.1,1.7")


def test_a_bad_address_is_told(visit: Visit) -> None:
    page = visit("?off=ninth")
    expect(page.locator(".hc-notice")).to_contain_text("off=ninth")
    page.wait_for_url(lambda url: "off=" not in url)
    assert params(page) == {}
