"""The link is the screen, in a real browser: copied, as a QR code, and after any way back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import wait_ready
from tests.browser.test_memory import link, params
from tests.browser.test_pages import back_by_button, back_by_link, chosen, to_memory

STATES = (
    "?heads=4&section=sharing&real=Llama+2+70B&batch=8",
    "?section=generate&seed=5&temperature=0.5&lang=hi",
    "?section=steps&kv_heads=8&layer=0&head=1&token=2&pieces=raw&format=int4",
    "?mask=bidirectional&section=numbers&text=the+dog&context=512",
)


@pytest.mark.parametrize(
    ("state", "back"), list(zip(STATES, [back_by_link, back_by_button] * 2, strict=True))
)
def test_explore_is_as_it_was_after_memory(
    visit: Callable[..., Page], state: str, back: Callable[[Page], None]
) -> None:
    page = visit(state)
    before = shown(page)
    link(page, 2).click()
    page.wait_for_function("location.pathname.endsWith('memory')")
    wait_ready(page)
    back(page)
    page.wait_for_function("!location.pathname.endsWith('memory')")
    wait_ready(page)
    expect(chosen(page, "lang")).to_have_count(1)
    expect(chosen(page, "section")).to_have_count(1)
    assert shown(page) == before


def shown(page: Page) -> tuple:
    real = page.locator(".st-key-real_model input")
    expect(chosen(page, "section")).to_have_count(1)
    return (
        params(page),
        real.input_value(),
        chosen(page, "lang").inner_text(),
        chosen(page, "section").inner_text(),
    )


def test_copy_link_copies_what_is_on_the_screen_and_says_so(visit: Callable[..., Page]) -> None:
    page = visit("?heads=4")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.get_by_role("button", name="Copy link")
    for press in (button.click, lambda: button.press("Enter")):
        page.evaluate("navigator.clipboard.writeText('')")
        press()
        expect(page.locator(".hc-share [role=status]")).to_have_text(
            "The link to this screen is copied."
        )
        assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_browser_without_a_clipboard_copies_all_the_same(visit: Callable[..., Page]) -> None:
    page = visit("?heads=4")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')); }")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".hc-share [role=status]")).to_have_text(
        "The link to this screen is copied."
    )
    assert page.locator(".hc-share textarea").count() == 0


def test_the_qr_code_opens_large_and_closes_by_key(visit: Callable[..., Page]) -> None:
    page = visit("?heads=4&real=GPT-2", width=1920, height=1080)
    show = page.get_by_role("button", name="QR code")
    show.press("Enter")
    code = page.locator(".hc-share img")
    expect(code).to_be_visible()
    assert code.bounding_box()["height"] >= 700
    expect(page.locator(".hc-share p")).to_have_text(page.url)
    page.keyboard.press("Escape")
    expect(code).not_to_be_visible()
    assert params(page) == {"heads": "4", "real": "GPT-2"}
    link(page, 2).click()
    page.wait_for_function("location.pathname.endsWith('memory')")
    wait_ready(page)
    page.go_back()  # what was asked of the code hides no Back
    page.wait_for_function("location.search.includes('heads=4')")
    wait_ready(page)
    expect(chosen(page, "lang")).to_have_count(1)


def test_memory_has_its_link_too(visit: Callable[..., Page]) -> None:
    page = visit()
    to_memory(page)
    page.get_by_role("button", name="QR code").click()
    expect(page.locator(".hc-share p")).to_have_text(page.url)


def test_two_layouts_stand_side_by_side_and_share_the_chosen_row(
    visit: Callable[..., Page],
) -> None:
    page = visit("?section=beside&kv_heads=8")
    sides = page.locator(".hc-pair .hc-side")
    expect(sides).to_have_count(2)
    left, right = sides.nth(0), sides.nth(1)
    expect(left.locator("tr")).to_have_count(5)
    assert left.bounding_box()["y"] == right.bounding_box()["y"]
    left.locator(".hc-field").focus()
    for key in ("ArrowDown", "ArrowUp", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    names = [side.locator(".hc-strong").first.text_content() for side in (left, right)]
    assert names[0] == names[1]
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.scrollWidth <= 390")
    assert left.bounding_box()["y"] < right.bounding_box()["y"]


def test_the_next_token_of_a_layout_is_chosen_and_taken(visit: Callable[..., Page]) -> None:
    page = visit("?section=generate&text=the+dog+saw")
    expect(page.locator(".hc-choices tr")).to_have_count(11)
    page.locator(".st-key-generate_step button").click()
    expect(page.locator(".hc-written mark")).not_to_be_empty()
    expect(page.locator(".hc-known")).to_contain_text("It was trained on texts of")
