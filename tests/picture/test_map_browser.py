"""The map of the model in Chromium: colours, choosing, reading, its place."""

import re
from dataclasses import replace

import numpy as np
import pytest

from attention.picture.scene import ModelMap
from tests.picture.looking import answer, smallest_type
from tests.picture.synthetic import model_scene

pytestmark = pytest.mark.browser

WHOLE = "one => one.scrollWidth <= one.clientWidth"
MEASURES = ("entropy", "distance", "first", "previous")


def cell(page, layer: int, head: int):
    return page.get_by_role("gridcell", name=f"Layer {layer}, head {head}:")


def says(page) -> str:
    return page.locator(".hc-map-says").inner_text()


def brightness(page) -> np.ndarray:
    fills = page.locator(".hc-cell").evaluate_all(
        "all => all.map(one => getComputedStyle(one).backgroundColor.match(/\\d+/g).map(Number))"
    )
    return np.array(fills)[:, :3].sum(1)


def test_a_cell_for_each_layer_and_head_coloured_by_its_value(show) -> None:
    one = model_scene(30, 9, 3)
    page = show(one)
    assert page.locator(".hc-cell").count() == 270
    for measure in MEASURES:
        page.locator(".hc-measure").select_option(measure)
        values = np.array(getattr(one.model_map, measure)).ravel()
        light = brightness(page)[np.argsort(values)]
        assert (np.diff(light) <= 4).all(), "on the light scale more is darker"
        assert light[-1] < 120


def test_the_legend_says_its_range_in_the_measure_s_own_unit(show) -> None:
    one = model_scene(2, 4, 2)
    values = [[0.125, 0.25, 0.5, 0.0], [0.5, 0.75, 0.5, 0.25]]
    far = [[1.5, 12.34, 3.0, 0.0], [1.0, 2.0, 3.0, 4.0]]
    shown = replace(one, model_map=ModelMap(values, far, values, values), layer=0, head=1)
    page = show(shown)
    ends = []
    for measure in MEASURES:
        page.locator(".hc-measure").select_option(measure)
        ends.append((page.locator(".hc-map .hc-mono").nth(1).inner_text(), says(page)))
        assert page.locator(".hc-map-says").evaluate(WHOLE)
    assert ends == [
        ("0.75", "Layer 0, head 1: 0.25"),
        ("12.3 tokens", "Layer 0, head 1: 12.3 tokens"),
        ("75%", "Layer 0, head 1: 25%"),
        ("75%", "Layer 0, head 1: 25%"),
    ]


def test_what_has_no_value_is_neutral_and_says_so(show) -> None:
    one = model_scene(2, 4, 2)
    lacking = replace(one.model_map, previous=[[None] * 4, [0.5] * 4])
    page = show(replace(one, model_map=lacking))
    page.locator(".hc-measure").select_option("previous")
    assert cell(page, 0, 2).get_attribute("title") == "Layer 0, head 2: no value"
    assert len(set(brightness(page))) == 2


def test_a_click_opens_layer_and_head_and_the_answer_is_drawn(show) -> None:
    page = show(model_scene(6, 4, 2, layer=3, head=0))
    cell(page, 5, 2).click()
    assert page.evaluate("heard") == [["layer", 5], ["head", 2]]
    assert cell(page, 5, 2).get_attribute("aria-selected") == "true"
    # Until the answer comes the old layer stands, and says that it is the old one.
    assert page.locator(".hc-gallery .hc-title").inner_text() == "All heads of layer 3"
    assert page.locator(".hc-heat .hc-title").inner_text() == "Head 0"
    answer(page, model_scene(6, 4, 2, layer=5, head=2, causal=False))
    assert page.locator(".hc-gallery .hc-title").inner_text() == "All heads of layer 5"
    assert page.locator(".hc-heat .hc-title").inner_text() == "Head 2"
    assert page.locator(".hc-cell[aria-selected=true]").count() == 1


def test_in_the_open_layer_a_click_is_drawn_at_once(show) -> None:
    page = show(model_scene(6, 4, 2, layer=3, head=0))
    cell(page, 3, 2).click()
    assert page.evaluate("heard") == [["head", 2]]
    assert page.locator(".hc-heat .hc-title").inner_text() == "Head 2"


def test_an_answer_to_an_older_click_does_not_move_the_mark(show) -> None:
    page = show(model_scene(6, 4, 2, layer=0, head=0))
    cell(page, 1, 1).click()
    cell(page, 4, 3).click()
    answer(page, model_scene(6, 4, 2, layer=1, head=1, causal=False))
    assert cell(page, 4, 3).get_attribute("aria-selected") == "true"
    answer(page, model_scene(6, 4, 2, layer=4, head=3))
    assert cell(page, 4, 3).get_attribute("aria-selected") == "true"
    answer(page, model_scene(6, 4, 2, layer=2, head=0, causal=False))  # nobody waits any more
    assert cell(page, 2, 0).get_attribute("aria-selected") == "true"


def test_arrow_keys_read_and_enter_opens(show) -> None:
    one = model_scene(6, 4, 2, layer=3, head=0)
    page = show(one)
    cell(page, 3, 0).focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == []
    assert says(page) == f"Layer 5, head 1: {one.model_map.entropy[5][1]:.2f}"
    assert page.locator(".hc-map-says").get_attribute("aria-live") == "polite"
    page.keyboard.press("ArrowDown")  # there is no layer below
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert page.evaluate("heard") == [["layer", 5], ["head", 3]]
    assert page.locator(".hc-cell[tabindex='0']").count() == 1


def test_focus_stays_on_the_map_when_the_answer_comes(show) -> None:
    page = show(model_scene(6, 4, 2, layer=3, head=0))
    cell(page, 4, 1).click()
    answer(page, model_scene(6, 4, 2, layer=4, head=1, causal=False))
    focused = "document.querySelector('#host').shadowRoot.activeElement.ariaLabel"
    assert page.evaluate(focused).startswith("Layer 4, head 1:")


def test_page_keys_ask_for_the_next_and_the_previous_layer(show) -> None:
    page = show(model_scene(6, 4, 2, layer=4, head=0))
    page.get_by_role("radio", name=re.compile(r"^Head 0\b")).focus()
    for key in ("PageDown", "PageDown", "PageUp"):
        page.keyboard.press(key)
    # The second Page Down is beyond the last layer.
    assert page.evaluate("heard") == [["layer", 5], ["layer", 4]]
    page.locator(".hc-field").focus()
    page.keyboard.press("PageDown")  # elsewhere the key scrolls, as ever
    assert len(page.evaluate("heard")) == 2


def test_page_keys_work_on_the_map_wherever_it_stands(show) -> None:
    page = show(model_scene(32, 32, 8, layer=4, head=0))
    cell(page, 4, 0).focus()
    page.keyboard.press("PageDown")
    assert page.evaluate("heard") == [["layer", 5]]


def test_pointing_reads_a_cell_and_leaves(show) -> None:
    one = model_scene(6, 4, 2, layer=3, head=0)
    page = show(one)
    cell(page, 1, 2).hover()
    assert says(page) == f"Layer 1, head 2: {one.model_map.entropy[1][2]:.2f}"
    page.mouse.move(2, 2)
    assert says(page).startswith("Layer 3, head 0:")


def test_layers_may_differ_in_heads(show) -> None:
    one = model_scene(3, 4, 2, layer=1)
    ragged = [[0.5] * 2, [0.25] * 4, [0.75] * 3]
    page = show(replace(one, model_map=ModelMap(ragged, ragged, ragged, ragged)))
    assert page.locator(".hc-cell").count() == 9
    cell(page, 1, 3).focus()
    page.keyboard.press("ArrowUp")
    assert says(page) == "Layer 0, head 1: 0.50"


@pytest.mark.parametrize(
    ("shape", "place", "high"),
    [
        ((30, 9, 3), "beside", 685),
        ((6, 12, 12), "beside", 685),
        ((2, 32, 8), "below", 756),
        ((32, 32, 8), "below", 930),
        ((80, 64, 8), "below", 1250),
    ],
)
def test_the_map_stands_where_there_is_room(show, shape, place: str, high: int) -> None:
    page = show(model_scene(*shape))
    assert page.locator(".hc-duo").get_attribute("data-map") == place
    box = page.locator(".hc-picture").bounding_box()
    assert box["height"] <= high
    cells = page.locator(".hc-cell")
    last, part = cells.last.bounding_box(), page.locator(".hc-map").bounding_box()
    assert last["x"] + last["width"] <= part["x"] + part["width"]
    assert page.locator(".hc-tile").nth(0).bounding_box()["width"] >= 48
    size = page.locator(".hc-cell").nth(0).bounding_box()
    assert min(size["width"], size["height"]) >= 6
    assert smallest_type(page) >= 12


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_on_a_phone_the_map_is_as_wide_as_the_page(show, lang: str) -> None:
    page = show(model_scene(30, 9, 3, lang=lang), size=(390, 844))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".hc-cells").bounding_box()["width"] > 300
    assert page.locator(".hc-cell").nth(0).bounding_box()["height"] >= 9
    assert smallest_type(page) >= 12


def test_the_map_moves_with_the_width_of_the_page(show) -> None:
    page = show(model_scene(32, 32, 8))
    places = []
    for width in (1368, 1000, 500, 1368):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(60)
        places.append(page.locator(".hc-duo").get_attribute("data-map"))
        assert page.locator(".hc-map").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert places == ["below", "below", "above", "below"]


def test_without_a_map_nothing_of_it_is_there(show) -> None:
    page = show(replace(model_scene(6, 4, 2), model_map=None))
    assert not page.locator(".hc-map").is_visible()
    assert page.locator(".hc-gallery .hc-title").inner_text() == "All heads"


def test_only_a_changed_map_is_coloured_again(show) -> None:
    one = model_scene(30, 9, 3)
    page = show(one)
    page.evaluate(
        """() => { window.changes = 0; const root = document.querySelector('#host').shadowRoot;
          new MutationObserver((all) => { window.changes += all.length; }).observe(
            root.querySelector('.hc-cells'), {subtree: true, attributeFilter: ['style']}); }"""
    )
    answer(page, replace(one, token=2))
    assert page.evaluate("changes") == 0
    page.locator(".hc-measure").select_option("first")
    assert (
        page.evaluate("new Promise(done => setTimeout(() => done(changes)))") >= 250
    )  # some keep their colour


def test_blocks_without_attention_have_a_row_that_says_what_they_are(show) -> None:
    one = model_scene(2, 4, 2, layer=1, head=0)
    rows = ("convolution", 0, "Mamba", 1)
    page = show(replace(one, model_map=replace(one.model_map, rows=rows)))
    assert page.locator(".hc-cell").count() == 8
    assert page.locator(".hc-other-row").all_inner_texts() == ["convolution", "Mamba"]
    assert cell(page, 3, 2).count() == 1 and cell(page, 0, 2).count() == 0
    assert page.locator(".hc-map-labels text").all_text_contents()[:4] == ["0", "1", "2", "3"]
    assert page.locator(".hc-cells > div").nth(3).get_attribute("class").endswith("hc-own-row")
    assert "layer 3" in page.locator(".hc-gallery .hc-title").inner_text()
    cell(page, 1, 2).click()
    assert page.evaluate("heard") == [["layer", 0], ["head", 2]]
