"""Both pages from a phone to a projector: measured, not looked at."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.sizes import lost, overlaps, scrolls_sideways, smallest, texts
from tests.look.states import settle

Visit = Callable[..., Page]
ZOOM = """([zoom]) => { const found = (root) => root.querySelector(".hc-pair")
    ?? [...root.querySelectorAll("*")].filter((node) => node.shadowRoot)
      .map((node) => found(node.shadowRoot)).find(Boolean);
  return Number(getComputedStyle(found(document)).zoom) === zoom; }"""
HEADS = "heads?layer=1&head=3"
LAYOUTS = ("", "?heads=32&kv_heads=8", "?heads=1&kv_heads=1", "?lang=hi")


@pytest.mark.parametrize("query", LAYOUTS)
def test_a_projector_shows_the_whole_picture_in_large_type(look: Visit, query: str) -> None:
    page = look(query, width=1920, height=1080)
    expect(page.locator(".hc-cache")).to_be_visible()
    box = page.locator(".st-key-picture").bounding_box()
    assert box["y"] + box["height"] <= 1080
    assert box["width"] >= 1800  # the page goes on to the edges
    assert smallest(page) >= 14
    assert not scrolls_sideways(page)


def test_a_larger_screen_shows_the_same_larger(look: Visit) -> None:
    page = look(width=2560, height=1440)
    expect(page.locator(".hc-cache")).to_be_visible()
    box = page.locator(".st-key-picture").bounding_box()
    assert box["y"] + box["height"] <= 1440
    assert smallest(page) >= 19


def test_two_layouts_grow_with_the_screen(visit: Visit) -> None:
    page = visit("?section=beside", width=2560, height=1440)
    pair = page.locator(".hc-pair")
    expect(pair.locator(".hc-likely-bar").first).to_be_visible()
    assert smallest(page) >= 19
    assert not scrolls_sideways(page)
    ratio = page.locator(".hc-heat-column .hc-weights").bounding_box()["width"]
    assert pair.locator(".hc-weights").first.bounding_box()["width"] >= ratio
    page.set_viewport_size({"width": 1400, "height": 900})
    pair.locator(".hc-weights").first.scroll_into_view_if_needed()
    page.wait_for_function(ZOOM, arg=[1])


def test_the_pointer_finds_its_cell_where_the_picture_is_larger(look: Visit) -> None:
    page = look(width=1920, height=1080)
    weights = page.locator(".hc-weights").bounding_box()
    tokens = page.locator(".hc-token").count()
    row, column = 7, 4
    page.mouse.move(
        weights["x"] + (column + 0.5) / tokens * weights["width"],
        weights["y"] + (row + 0.5) / tokens * weights["height"],
    )
    expect(page.locator("[data-cell]")).to_have_attribute("data-cell", f"{row},{column}")


def test_the_tiles_are_painted_within_their_frames(look: Visit) -> None:
    page = look(width=1920, height=1080)
    tiles, sheet = (page.locator(name).bounding_box() for name in (".hc-tiles", ".hc-sheet"))
    for side in ("x", "y", "width", "height"):
        assert abs(tiles[side] - sheet[side]) <= 1


def test_the_projector_reads_memory(app_url: str, visit: Visit) -> None:
    page = visit(width=1920, height=1080)
    page.get_by_role("link", name="Memory").click()
    expect(page.locator(".hc-answer")).to_be_visible()
    expect(page.locator(".hc-curve")).to_be_visible()
    assert smallest(page) >= 14
    assert not scrolls_sideways(page)


def scroll_to(page: Page, selector: str, below: int) -> None:
    """So that its upper edge stands ``below`` px under that of the window."""
    page.locator(selector).evaluate(
        """(node, below) => document.querySelector("[data-testid=stMain]")
          .scrollBy(0, node.getBoundingClientRect().top - below)""",
        below,
    )


@pytest.mark.parametrize(
    ("query", "width", "height"),
    [
        (LAYOUTS[0], 390, 844),
        (LAYOUTS[1], 360, 740),
        (LAYOUTS[2], 390, 844),
        (LAYOUTS[3], 360, 740),
    ],
)
def test_on_a_phone_the_sliders_stay_beside_what_they_change(
    look: Visit, query: str, width: int, height: int
) -> None:
    page = look(query, width=width, height=height, touch=True)
    assert not scrolls_sideways(page)
    expect(page.locator(".st-key-text")).to_be_hidden()
    for part in (".hc-split", ".hc-now"):
        scroll_to(page, part, 150)
        part_box = page.locator(part).bounding_box()
        for name in ("heads", "kv_heads"):
            slider = page.locator(f".st-key-{name}")
            box = slider.bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= part_box["y"]
            assert slider.evaluate(  # nothing lies over it
                """node => { const box = node.getBoundingClientRect();
                  const at = document.elementFromPoint(box.left + box.width / 2, box.bottom - 24);
                  return node.contains(at); }"""
            )
        assert part_box["y"] + part_box["height"] <= height
    assert overlaps(page, ".hc-split") == []
    assert overlaps(page, ".hc-cache") == []


def test_a_slider_on_a_phone_changes_what_is_in_sight(visit: Visit) -> None:
    page = visit(width=390, height=844, touch=True)
    expect(page.locator(".hc-cache .hc-smaller")).to_be_in_viewport()
    page.locator(".st-key-kv_heads input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".hc-cache .hc-smaller")).to_contain_text("8")
    expect(page.locator(".hc-split")).to_be_in_viewport(ratio=1)


def test_the_other_controls_unfold_on_a_phone(visit: Visit) -> None:
    page = visit(width=390, height=844, touch=True)
    page.locator(".hc-fold summary").tap()
    for name in ("text", "model", "layer", "lang", "example"):
        expect(page.locator(f".st-key-{name}")).to_be_visible()
    page.locator(".st-key-layer").get_by_text("0", exact=True).tap()
    page.wait_for_url("**layer=0**")
    expect(page.locator(".st-key-text")).to_be_visible()  # it stays open


def taps(hint: Locator) -> None:
    """What it says is for a finger."""
    expect(hint).to_contain_text(re.compile("tap", re.IGNORECASE))
    assert not any(word in hint.inner_text() for word in ("click", "arrow keys", "Point"))


def test_a_finger_taps(visit: Visit) -> None:
    page = visit(width=390, height=844, touch=True)
    for part in (".hc-gallery .hc-hint", ".hc-says", ".hc-sentence .hc-heading > .hc-hint"):
        taps(page.locator(part).first)
    page.get_by_role("link", name="Heads").tap()
    taps(page.locator(".hc-atlas-says"))
    page.get_by_role("radio", name="Find heads").tap()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    expect(page.locator(".js-plotly-plot .modebar")).to_be_hidden()  # it would cover the legend


def test_a_narrow_window_with_a_mouse_clicks(look: Visit) -> None:
    page = look(width=390, height=844)
    expect(page.locator(".hc-gallery .hc-hint").first).to_contain_text("click")


def test_an_answer_stays_in_sight_on_a_phone(visit: Visit) -> None:
    page = visit(width=390, height=844, touch=True)
    page.get_by_role("link", name="Memory").tap()
    answer = page.locator(".hc-answer > p")
    expect(answer.first).to_contain_text("KiB")
    scroll_to(page, ".st-key-memory_context", 300)
    expect(answer.first).to_be_in_viewport(ratio=1)
    expect(page.locator(".st-key-memory_context")).to_be_in_viewport(ratio=1)
    assert not scrolls_sideways(page)


# 1280 px and 640 px at 400 % and 200 %: WCAG 1.4.10.
@pytest.mark.parametrize(
    ("query", "width", "height"),
    [
        (LAYOUTS[0], 320, 640),
        (LAYOUTS[1], 320, 256),
        (LAYOUTS[1], 700, 450),
        (LAYOUTS[2], 320, 256),
        (LAYOUTS[3], 320, 640),
    ],
)
def test_nothing_is_lost_in_a_narrow_or_enlarged_window(
    look: Visit, query: str, width: int, height: int
) -> None:
    page = look(query, width=width, height=height)
    expect(page.locator(".hc-cache")).to_be_attached()
    assert not scrolls_sideways(page)
    for text in texts(page):
        assert text["left"] >= -1 and text["right"] <= width + 1, text
    assert overlaps(page, ".hc-split") == []


@pytest.mark.parametrize(
    ("path", "widths"),
    [("", (320,)), (f"{HEADS}&lang=hi", (320,)), (HEADS, (700,)), ("memory", (320, 700))],
    ids=["explore", "heads in Hindi", "heads", "memory"],
)
def test_every_section_in_a_narrow_or_enlarged_window(
    visit: Visit, path: str, widths: tuple[int, ...]
) -> None:
    page = visit(path, width=widths[0], height=640)
    sections = page.locator("[class*='section'] [role=radio]")
    expect(sections.nth(4)).to_be_attached()
    found = []
    for section in sections.all():
        section.click()
        expect(section).to_be_checked()
        page.wait_for_timeout(400)  # the page hears of it
        for width in widths:
            page.set_viewport_size({"width": width, "height": 640})
            settle(page)
            found += [(section.inner_text(), width, scrolls_sideways(page), *lost(page))]
    assert [one for one in found if any(one[2:])] == []
