"""From page to page and back, in a real browser: what was chosen on Explore is still there."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import wait_ready
from tests.browser.test_memory import link, params


def chosen(page: Page, key: str):
    """The button that is on in a row of them."""
    return page.locator(f".st-key-{key} [aria-checked=true], .st-key-{key} [aria-pressed=true]")


def to_memory(page: Page) -> None:
    link(page, 2).click()
    expect(page.locator(".hc-answer p").first).to_contain_text("a token")
    wait_ready(page)


def back_by_link(page: Page) -> None:
    link(page, 0).click()


def back_by_button(page: Page) -> None:
    page.go_back()


@pytest.mark.parametrize("back", [back_by_button, back_by_link])
def test_explore_is_as_it_was_left(
    visit: Callable[..., Page], back: Callable[[Page], None]
) -> None:
    page = visit("?heads=4&section=sharing")
    expect(page.locator(".js-plotly-plot").first).to_be_visible(
        timeout=30_000
    )  # nothing moves any more
    real = page.locator(".st-key-real_model input")
    real.scroll_into_view_if_needed()  # a list that is scrolled closes
    page.wait_for_timeout(300)
    real.click()
    page.get_by_role("option", name="Llama 2 70B").click()
    expect(page).to_have_url(re.compile("real=Llama"))  # the run that it asks for is over
    wait_ready(page)
    to_memory(page)
    back(page)
    expect(page.locator(".hc-top p").first).to_contain_text("4 query heads")
    wait_ready(page)
    assert params(page) == {"heads": "4", "section": "sharing", "real": "Llama 2 70B"}
    expect(real).to_have_value("Llama 2 70B")
    expect(chosen(page, "lang")).to_have_text("English")
    expect(chosen(page, "section")).to_have_text("What sharing costs")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def test_back_and_forward_follow_the_section(visit: Callable[..., Page]) -> None:
    page = visit()
    section = page.locator(".st-key-section button")
    section.first.click()
    page.wait_for_function("location.search === '?section=steps'")
    wait_ready(page)
    expect(chosen(page, "section")).to_have_count(1)
    page.go_back()
    expect(chosen(page, "section")).to_have_count(0)
    wait_ready(page)
    assert params(page) == {}
    page.go_forward()
    expect(chosen(page, "section")).to_have_count(1)
    wait_ready(page)
    assert params(page) == {"section": "steps"}
