"""Both pages from a phone to a projector: measured, not looked at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sizes import scrolls_sideways, smallest

Visit = Callable[..., Page]
LAYOUTS = ("", "?heads=32&kv_heads=8", "?heads=1&kv_heads=1", "?lang=hi")


@pytest.mark.parametrize("query", LAYOUTS)
def test_a_projector_shows_the_whole_picture_in_large_type(visit: Visit, query: str) -> None:
    page = visit(query, width=1920, height=1080)
    expect(page.locator(".hc-cache")).to_be_visible()
    box = page.locator(".st-key-picture").bounding_box()
    assert box["y"] + box["height"] <= 1080
    assert box["width"] >= 1800  # the page goes on to the edges
    assert smallest(page) >= 14
    assert not scrolls_sideways(page)


def test_a_larger_screen_shows_the_same_larger(visit: Visit) -> None:
    page = visit(width=2560, height=1440)
    expect(page.locator(".hc-cache")).to_be_visible()
    box = page.locator(".st-key-picture").bounding_box()
    assert box["y"] + box["height"] <= 1440
    assert smallest(page) >= 19


def test_the_pointer_finds_its_cell_where_the_picture_is_larger(visit: Visit) -> None:
    page = visit(width=1920, height=1080)
    weights = page.locator(".hc-weights").bounding_box()
    tokens = page.locator(".hc-token").count()
    row, column = 7, 4
    page.mouse.move(
        weights["x"] + (column + 0.5) / tokens * weights["width"],
        weights["y"] + (row + 0.5) / tokens * weights["height"],
    )
    expect(page.locator("[data-cell]")).to_have_attribute("data-cell", f"{row},{column}")


def test_the_tiles_are_painted_within_their_frames(visit: Visit) -> None:
    page = visit(width=1920, height=1080)
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
