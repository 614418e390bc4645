"""The section "Next token" with SmolLM2 in a real browser: its timer, its buttons, its visitors."""

import re
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_page import HOSTILE, tiles
from tests.models.real import fetched

Visit = Callable[..., Page]
TEXT = "The capital of France is"
PATIENCE_MS = 60_000  # for a machine that others use too


@pytest.fixture(autouse=True)
def _real() -> None:
    fetched("smollm2")


def opened(visit: Visit, text: str = TEXT, **size: object) -> Page:
    """The section, with the first look done."""
    page = visit(f"?model=smollm2&text={quote(text)}", **size)
    expect(tiles(page)).to_have_count(9, timeout=2 * PATIENCE_MS)
    page.get_by_role("radio", name="Next token").click()
    expect(button(page, "Step")).to_be_enabled(timeout=PATIENCE_MS)
    return page


def button(page: Page, name: str) -> Locator:
    return page.locator(".st-key-generate_buttons").get_by_role("button", name=name, exact=True)


def written(page: Page) -> Locator:
    return page.locator(".hc-written mark")


def keys(page: Page) -> int:
    """How many cached keys the newest query looks at."""
    title = page.locator(".hc-newest h2").inner_text()
    return int(re.search(r"over (\d+) cached keys", title)[1])


def until_keys(page: Page, count: int) -> None:
    end = time.monotonic() + PATIENCE_MS / 1000
    while keys(page) < count:
        assert time.monotonic() < end, f"still {keys(page)} keys"
        page.wait_for_timeout(50)


def test_one_step_by_keyboard_and_then_play(visit: Visit) -> None:
    page = opened(visit)
    expect(page.locator(".hc-choices tbody tr").first).to_contain_text("Paris")
    button(page, "Step").focus()
    page.keyboard.press("Enter")
    expect(written(page)).to_have_text(" Paris", timeout=PATIENCE_MS)
    expect(page.locator(".hc-state")).to_contain_text("Chosen: “Paris”")
    expect(page.locator(".hc-newest h2")).to_contain_text("over 6 cached keys")
    expect(page.locator(".hc-told")).to_contain_text("6 tokens × 4 bytes")
    plays_on_by_itself_until_stop(page)


def plays_on_by_itself_until_stop(page: Page) -> None:
    """From where the keyboard left it: another page would load SmolLM2's pass anew."""
    button(page, "Play").click()
    expect(button(page, "Stop")).to_be_visible(timeout=PATIENCE_MS)
    # Streamlit's own Stop comes and goes with its status, which is not to be seen here.
    status = """() => {
      const own = document.querySelector("[data-testid=stStatusWidget]")
        ?? document.body.appendChild(document.createElement("div"));
      own.dataset.testid = "stStatusWidget";
      return getComputedStyle(own).display;
    }"""
    assert page.evaluate(status) == "none"
    until_keys(page, 8)
    # While it moves nothing stands twice, as what an earlier run drew would.
    assert page.locator(".hc-written").count() == 1
    assert page.locator(".hc-newest").count() == 1
    assert page.locator(".st-key-generate_buttons button").count() == 3
    button(page, "Stop").click()
    expect(button(page, "Play")).to_be_enabled(timeout=PATIENCE_MS)
    expect(button(page, "Step")).to_be_enabled(timeout=PATIENCE_MS)
    page.wait_for_timeout(1500)  # a step that was being made may still be drawn
    stopped = keys(page)
    page.wait_for_timeout(1500)
    assert keys(page) == stopped
    button(page, "Start again").click()
    expect(written(page)).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.locator(".hc-newest h2")).to_contain_text("over 5 cached", timeout=PATIENCE_MS)


def test_another_head_is_shown_while_it_plays_and_another_text_starts_afresh(visit: Visit) -> None:
    page = opened(visit)
    button(page, "Play").click()
    until_keys(page, 7)
    tiles(page).nth(8).click()
    expect(page.locator(".hc-newest h2")).to_contain_text("Head 8 of layer", timeout=PATIENCE_MS)
    until_keys(page, keys(page) + 2)
    expect(button(page, "Stop")).to_be_visible()
    page.get_by_role("textbox", name=re.compile("^Sentence")).fill("Once upon a time")
    expect(page.locator(".hc-written")).to_have_text("Once upon a time", timeout=PATIENCE_MS)
    expect(button(page, "Play")).to_be_enabled(timeout=PATIENCE_MS)
    page.wait_for_timeout(1000)
    assert keys(page) == 4


def test_visitors_have_a_generation_each(visit: Visit) -> None:
    one, other = opened(visit), opened(visit)
    button(one, "Play").click()
    until_keys(one, 8)
    assert keys(other) == 5
    button(other, "Step").click()
    until_keys(other, 6)
    expect(written(other)).to_have_text(" Paris")
    expect(button(one, "Stop")).to_be_visible()


def test_hostile_text_is_shown_as_it_is(visit: Visit) -> None:
    page = opened(visit, HOSTILE)
    button(page, "Step").click()
    expect(written(page)).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator(".hc-written")).to_contain_text(HOSTILE)


def test_nothing_is_wider_than_a_phone(visit: Visit) -> None:
    page = opened(visit, "supercalifragilistic" * 12, width=390, height=844)
    parts = (".hc-written", ".hc-choices", ".hc-newest", ".hc-told", ".st-key-growth_chart")
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        button(page, "Step").click()
        until_keys(page, keys(page) + 1)
        for part in parts:
            box = page.locator(part).first.bounding_box()  # a chart that is replaced stands twice
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390, (part, colours)
