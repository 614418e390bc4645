"""What is heard of a choice, what sliders say, and what forced colours leave to see."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.harness import wait_ready
from tests.browser.test_page import tiles
from tests.look.states import STATES, WAYS, opened, settle

Visit = Callable[..., Page]
FORCED = [way for way in WAYS if way.forced]
GROUND = "element => getComputedStyle(element).backgroundColor"


def announced(page: Page):
    return page.locator(".hc-announced")


def test_a_choice_of_head_and_token_is_said_once(visit: Visit) -> None:
    page = visit()
    expect(announced(page)).to_have_text("")
    expect(announced(page)).to_have_attribute("role", "status")
    page.evaluate(
        """() => { window.said = [];
          const host = [...document.querySelectorAll("*")].find(one =>
            one.shadowRoot?.querySelector(".hc-announced"));
          const place = (host?.shadowRoot ?? document).querySelector(".hc-announced");
          new MutationObserver(() => window.said.push(place.textContent))
            .observe(place, { childList: true }); }"""
    )
    tiles(page).nth(4).click()
    expect(announced(page)).to_contain_text("“the” (14) looks at")
    page.wait_for_timeout(2000)
    assert len(page.evaluate("said")) == 1
    page.get_by_role("radio", name="token 6:").click()
    expect(announced(page)).to_contain_text("“street” looks at")
    page.wait_for_timeout(2000)
    assert len(page.evaluate("said")) == 2
    assert "KV cache" not in " ".join(page.evaluate("said"))


def test_another_layout_says_its_cache(visit: Visit) -> None:
    page = visit()
    slider = page.locator(".st-key-kv_heads input[type=range]")
    expect(slider).to_have_attribute("aria-valuetext", "2")  # the third option would be index 1
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(announced(page)).to_contain_text("The KV cache takes 40.5 KiB")
    expect(slider).to_have_attribute("aria-valuetext", "4")


def test_forced_colours_keep_what_is_told_by_colour(app_url: str, profile: BrowserContext) -> None:
    states = {state.name: state for state in STATES}
    with opened(profile, app_url, states["explore"], FORCED[0]) as page:
        for way in FORCED:
            way.turn(page)
            settle(page)
            ground = page.locator(".hc-picture").evaluate(GROUND)
            grounds = page.locator(".hc-now .hc-strip i, .hc-spine, .hc-chip").evaluate_all(
                f"all => all.map({GROUND})"
            )
            assert len(grounds) >= 14 and ground not in grounds, way.name
            assert len(set(grounds)) >= 3  # two key-value heads, and what is neither
            ramp = page.locator(".hc-gallery .hc-ramp").evaluate(
                "one => getComputedStyle(one).backgroundImage"
            )
            assert ramp.startswith("linear-gradient")
            chosen = page.locator("[data-testid=stButtonGroup] [aria-checked=true]").first
            other = page.locator("[data-testid=stButtonGroup] [aria-checked=false]").first
            assert chosen.evaluate(GROUND) != other.evaluate(GROUND)
    with opened(profile, app_url, states["memory"], FORCED[0]) as page:
        for way in FORCED:
            way.turn(page)
            settle(page)
            ground = page.locator("body").evaluate(GROUND)
            cell = page.locator(".hc-layers i").first
            assert cell.evaluate(GROUND) != ground
            assert cell.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


@pytest.mark.parametrize("query", ["?section=beside", "?heads=32&kv_heads=8&section=sharing"])
def test_forced_colours_of_what_stands_below(
    app_url: str, profile: BrowserContext, query: str
) -> None:
    page = FORCED[0].page(profile)
    page.goto(f"{app_url}/{query}")
    wait_ready(page)
    for way in FORCED:
        way.turn(page)
        settle(page)
        style = "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
        ground, text = page.locator(".hc-picture").first.evaluate(style)
        assert {ground, text} == {"rgb(0, 0, 0)", "rgb(255, 255, 255)"}, way.name
        beside = "beside" in query
        (bars_keep_their_colours if beside else lines_keep_their_colours)(page, ground, text)
        chosen = page.locator("[data-testid=stButtonGroup] [aria-checked=true]").first
        highlight = page.evaluate("""() => { const one = document.createElement("i");
          one.style.cssText = "background: Highlight; forced-color-adjust: none";
          document.body.append(one); return getComputedStyle(one).backgroundColor; }""")
        assert chosen.evaluate(GROUND) == highlight


def bars_keep_their_colours(page: Page, ground: str, text: str) -> None:
    bars = page.locator(".hc-pair .hc-likely-bar")
    expect(bars.first).to_be_visible()
    assert bars.first.evaluate("one => getComputedStyle(one).borderTopColor") == text
    grounds = page.locator(".hc-pair :is(.hc-likely-bar i, .hc-chip)").evaluate_all(
        f"all => all.map({GROUND})"
    )
    assert len(grounds) > 4 and ground not in grounds


def lines_keep_their_colours(page: Page, ground: str, text: str) -> None:
    # The first is of one point, and has no length.
    line = page.locator(".js-plotly-plot path.js-line").nth(1)
    expect(line).to_be_visible(timeout=30_000)
    lines = page.locator(".js-plotly-plot path.js-line").evaluate_all(
        "all => all.map(one => getComputedStyle(one).stroke)"
    )
    assert len(lines) > 4 and ground not in lines


def test_two_layouts_follow_when_colours_are_forced(look: Visit) -> None:
    page = look("?section=beside")
    pair = page.locator(".hc-pair")
    expect(pair.locator(".hc-likely-bar").first).to_be_visible()
    line = "one => one.style.getPropertyValue('--hc-line')"
    before = pair.evaluate(line)
    page.emulate_media(forced_colors="active")
    page.wait_for_timeout(300)
    assert pair.evaluate(line) == pair.evaluate("one => getComputedStyle(one).color") != before
