"""The page in a real browser: keyboard, clicks, address, sizes, themes, languages, hostile text."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from attention.models.layouts import cards
from tests.browser.harness import wait_ready

Visit = Callable[..., Page]
HEADS = sorted({heads for heads, _ in cards.available_layouts()})
HOSTILE = (
    "<b id=typed>x</b> **y** $z^2$ [a](javascript:alert(1)) :smile: <img src=q onerror=alert(1)>"
)


def tiles(page: Page) -> Locator:
    return page.get_by_role("radiogroup", name=re.compile("heads of layer|के अटेंशन हेड")).get_by_role(
        "radio"
    )


def chosen(page: Page) -> str:
    """The name of the chosen tile: "Head 1, key-value head 0: ..."."""
    name = tiles(page).and_(page.locator("[aria-checked=true]")).get_attribute("aria-label")
    assert name
    return name


def sentence(page: Page) -> Locator:
    return page.locator(".hc-top p").first


def params(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def one_step(page: Page) -> int:
    """Step the heads slider by one; the new head count. Skips where there is only one."""
    if len(HEADS) < 2:
        pytest.skip("only one head count is trained yet")
    slider = page.get_by_role("slider").first
    up = HEADS[-1] > 8
    slider.focus()
    page.keyboard.press("ArrowRight" if up else "ArrowLeft")
    return HEADS[HEADS.index(8) + (1 if up else -1)]


@pytest.mark.smoke
def test_the_first_slider_by_keyboard(visit: Visit) -> None:
    page = visit()
    heads = one_step(page)
    expect(sentence(page)).to_contain_text(f"{heads} query heads of {192 // heads} numbers")
    expect(tiles(page)).to_have_count(heads)
    page.wait_for_url(f"**heads={heads}**")


def test_a_step_draws_its_part_anew_and_nothing_else(visit: Visit) -> None:
    """While no section is open; what is below it shows the new heads, too."""
    received: list[int] = []

    def heard(message: str | bytes) -> None:
        received.append(len(message))

    page = visit()
    page.on("websocket", lambda socket: socket.on("framereceived", heard))
    page.reload()
    wait_ready(page)
    whole, foot = len(received), page.locator(".hc-foot").inner_text()
    received.clear()
    heads = one_step(page)
    expect(tiles(page)).to_have_count(heads)
    page.wait_for_url(f"**heads={heads}**")
    expect(page.locator(".hc-foot")).not_to_have_text(foot)  # the loss of another layout
    assert 8 < len(received) < whole / 2, (len(received), whole)


@pytest.mark.parametrize("query", ["", "?section=numbers"])
def test_steps_that_come_faster_than_runs(visit: Visit, query: str) -> None:
    """The same pictures come again while runs wait for each other: nothing is asked of what the
    browser has dropped, which would end its connection."""
    page = visit(query)
    page.locator(".st-key-heads input[type=range]").focus()
    for step in range(30):
        page.keyboard.press("ArrowLeft" if step % 3 else "ArrowRight")
        page.wait_for_timeout(25)
    wait_ready(page)
    page.locator(".st-key-lang").get_by_role("radio").last.click()  # the page still answers
    expect(sentence(page)).to_contain_text("क्वेरी हेड")


def test_the_picture_fits_a_laptop_without_scrolling(look: Visit) -> None:
    page = look("?mask=bidirectional", width=1400, height=900)  # with a line of notices
    box = page.locator(".st-key-picture").bounding_box()
    assert box["y"] + box["height"] <= 900
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1400


def test_every_head_count_fits(visit: Visit) -> None:
    page = visit(f"?heads={HEADS[0]}")
    for heads in HEADS:
        expect(tiles(page)).to_have_count(heads)
        box = page.locator(".st-key-picture").bounding_box()
        assert box["y"] + box["height"] <= 900, heads
        page.locator(".st-key-heads input[type=range]").focus()
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize("query", ["?lang=hi", ""])
def test_a_phone_scrolls_down_only_and_shows_the_controls_first(visit: Visit, query: str) -> None:
    page = visit(query, width=390, height=844)
    expect(tiles(page).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    main = page.locator("[data-testid=stMainBlockContainer]")
    assert main.evaluate("node => node.scrollWidth <= node.clientWidth")
    slider = page.get_by_role("slider").first.bounding_box()
    assert slider["y"] < page.locator(".st-key-picture").bounding_box()["y"]
    page.locator(".hc-fold summary").click()
    for widget in page.locator(".st-key-controls > *").all():
        box = widget.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_a_projector_is_legible(look: Visit) -> None:
    page = look(width=1280, height=720)
    smallest = page.evaluate(
        """() => {
          const sizes = [];
          const walk = root => {
            for (const node of root.querySelectorAll("*")) {
              if (node.shadowRoot) walk(node.shadowRoot);
              const own = [...node.childNodes].some(n => n.nodeType === 3 && n.data.trim());
              const hidden = !node.checkVisibility() || node.closest("style, script, sub, sup");
              if (own && !hidden && node.getBoundingClientRect().width > 2)
                sizes.push([parseFloat(getComputedStyle(node).fontSize), node.textContent]);
            }
          };
          walk(document.querySelector("[data-testid=stMainBlockContainer]"));
          return sizes.sort((a, b) => a[0] - b[0])[0];
        }"""
    )
    assert smallest[0] >= 12, smallest


def test_the_picture_follows_while_typing(visit: Visit) -> None:
    page = visit()
    field = page.get_by_role("textbox").first
    field.fill("")
    field.press_sequentially("cats drink milk", delay=20)
    expect(page.get_by_role("radiogroup", name="Tokens of the sentence")).to_contain_text("milk")
    page.wait_for_url("**text=cats+drink+milk**")


@pytest.mark.smoke
def test_a_click_on_a_tile(visit: Visit) -> None:
    page = visit()
    other = tiles(page).and_(page.locator("[aria-checked=false]")).last
    name = other.get_attribute("aria-label")
    other.click()
    assert chosen(page) == name
    head = re.match(r"Head (\d+)", name)[1]
    page.wait_for_url(f"**head={head}**")
    assert chosen(page).startswith(f"Head {head} ")


def test_arrow_keys_in_the_gallery(visit: Visit) -> None:
    page = visit("?head=2")
    tiles(page).nth(2).focus()
    page.keyboard.press("ArrowRight")
    expect(tiles(page).nth(3)).to_have_attribute("aria-checked", "true")
    assert chosen(page).startswith("Head 3 ")
    page.keyboard.press("ArrowLeft")
    expect(tiles(page).nth(2)).to_have_attribute("aria-checked", "true")


def test_a_click_on_a_token(visit: Visit) -> None:
    page = visit()
    page.get_by_role("radio", name="token 3:").click()
    page.wait_for_url("**token=3**")
    expect(page.get_by_role("radio", name="token 3:")).to_have_attribute("aria-checked", "true")


def test_an_address_reproduces_the_page(visit: Visit) -> None:
    page = visit()
    one_step(page)
    page.get_by_role("radio", name="bidirectional").click()
    page.get_by_role("radio", name="4,096").click()
    page.get_by_role("radio", name="0", exact=True).first.click()
    page.wait_for_url("**layer=0**")
    tiles(page).nth(1).click()
    page.wait_for_url("**head=1**")
    page.get_by_role("radio", name="token 2:").click()
    page.wait_for_url("**token=2**")
    page.wait_for_url("**width=4096**")
    page.wait_for_url("**mask=bidirectional**")
    again = visit(f"?{urlsplit(page.url).query}")
    assert sentence(again).inner_text() == sentence(page).inner_text()
    assert chosen(again) == chosen(page)
    assert params(again) == params(page)


@pytest.mark.smoke
def test_back_takes_one_step_back(visit: Visit) -> None:
    page = visit()
    before = sentence(page).inner_text()
    heads = one_step(page)
    page.wait_for_url(f"**heads={heads}**")
    expect(tiles(page)).to_have_count(heads)
    page.go_back()
    expect(sentence(page)).to_have_text(before)
    expect(tiles(page)).to_have_count(8)
    assert params(page) == {}
    assert page.get_by_role("slider").first.get_attribute("aria-valuetext") == "8"


@pytest.mark.smoke
def test_a_bad_address_is_told(visit: Visit) -> None:
    page = visit("?head=99&lang=xx")
    expect(page.get_by_role("status").first).to_contain_text("head=99: 7 is the nearest")


@pytest.mark.parametrize("dark", [True, False])
def test_light_and_dark(look: Visit, dark: bool) -> None:
    page = look(dark=dark)
    expect(tiles(page).first).to_be_visible()
    background = page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    )
    assert background == ("rgb(14, 17, 23)" if dark else "rgb(255, 255, 255)")


def test_hostile_text_is_only_text(visit: Visit) -> None:
    page = visit(f"?text={quote(HOSTILE)}&token=1")
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for section in ("Step by step", "Numbers", "Cache curve", "What sharing costs"):
        page.get_by_role("radio", name=section).click()
        page.wait_for_timeout(700)
        assert page.locator("#typed, img[src=q], a[href^=javascript]").count() == 0
    assert dialogs == []
    assert page.get_by_role("textbox").first.input_value() == HOSTILE


def test_hindi(visit: Visit) -> None:
    page = visit()
    page.get_by_role("radio", name="हिन्दी").click()
    expect(sentence(page)).to_contain_text("क्वेरी हेड")
    expect(page.locator(".hc-top")).to_have_attribute("lang", "hi")
    expect(tiles(page).first).to_be_visible()
    page.wait_for_url("**lang=hi**")
    page.get_by_role("radio", name="English").click()
    expect(sentence(page)).to_contain_text("query heads")


def test_an_example(visit: Visit) -> None:
    page = visit()
    page.get_by_role("combobox", name=re.compile("Examples")).click()
    page.get_by_role("option", name="A copied list").click()
    expect(page.get_by_role("textbox").first).to_have_value(re.compile("Maya bought"))
    expect(page.get_by_role("radiogroup", name="Tokens of the sentence")).to_contain_text("Maya")


def test_each_section(visit: Visit) -> None:
    page = visit()
    for section, shows in (
        ("What sharing costs", ".js-plotly-plot"),
        ("Step by step", ".st-key-steps .katex"),
        ("Cache curve", ".js-plotly-plot"),
        ("Numbers", "[data-testid=stDataFrame]"),
    ):
        expect(page.locator(shows)).to_have_count(0)  # of the one before nothing is left
        page.get_by_role("radio", name=section).click()
        expect(page.locator(shows).first).to_be_visible(timeout=15_000)


def test_the_table_can_be_downloaded(visit: Visit) -> None:
    page = visit("?text=%3D1%2B1+cats+drink&layer=1&head=3")
    page.get_by_role("radio", name="Numbers").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "attention_layer1_head3.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    header, *rows = csv.reader(text.splitlines())
    assert header[1:] == [row[0] for row in rows]
    assert header[1] == "0 ="  # a number first: no spreadsheet takes it for a formula
    for row in rows:
        assert sum(map(float, row[1:])) == pytest.approx(1, abs=1e-5)


def test_what_draws_is_sent_with_the_page_and_not_with_a_step(visit: Visit) -> None:
    """Over a slow line its scripts would take longer than all else."""
    page = visit("?heads=8&kv_heads=4")
    sizes: list[int] = []
    page.on(
        "websocket", lambda line: line.on("framereceived", lambda sent: sizes.append(len(sent)))
    )
    page.reload()
    wait_ready(page)
    assert max(sizes) > 100_000  # the scripts
    sizes.clear()
    page.locator("input[type=range]").first.press("ArrowRight")
    page.wait_for_url("**heads=16**")
    expect(page.locator(".hc-head")).to_have_count(16)
    assert 10_000 < sum(sizes) < 80_000
