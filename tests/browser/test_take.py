"""Files from the page: what the menu saves is what is shown, of picture and chart."""

import base64
import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from app.heads.forming.choice import runs
from attention.theme import LIGHT, role_color
from tests.picture.test_take_browser import pages_of, take

Visit = Callable[..., Page]
pytestmark = pytest.mark.browser


def words_in(svg: bytes) -> list[str]:
    return [
        "".join(one.itertext()) for one in ET.fromstring(svg).iter() if one.tag.endswith("text")
    ]


def images_in(svg: bytes) -> list[np.ndarray]:
    """The pixels of every image, uint8 [height, width, 3]."""
    found = [one for one in ET.fromstring(svg).iter() if one.tag.endswith("image")]
    links = [link for one in found for name, link in one.attrib.items() if name.endswith("href")]
    files = [io.BytesIO(base64.b64decode(link.split(",")[1])) for link in links]
    return [np.asarray(Image.open(file).convert("RGB")) for file in files]


def rgb(colour: str) -> str:
    return f"rgb{tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))}"


def on_paper(weights: np.ndarray) -> np.ndarray:
    """The light colours of weights from 0 to 1, float [..., 3]."""
    stops = [re.findall(r"\d+", rgb(stop)) for stop in LIGHT.scale]
    places = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(weights, places, part) for part in np.array(stops, float).T], -1)


def test_picture_and_numbers(visit: Visit) -> None:
    page = visit("?head=5", dark=True)
    name, content = take(page, "head", "svg", "paper")
    assert name == "headcount-head-1-5.svg"
    assert "Head 5 · KV 1" in words_in(content)
    assert b'fill="#ffffff"' in content
    _, image = take(page, "all", "png", "screen")
    assert len(Image.open(io.BytesIO(image)).convert("RGB").getcolors(1 << 24)) > 50
    _, numbers = take(page, "head", "csv")
    first = numbers.decode("utf-8-sig").splitlines()[1].split(",")
    assert [first[0], float(first[2])] == ["0", pytest.approx(1)]


def test_a_chart_in_light_colours_from_a_dark_page(visit: Visit) -> None:
    page = visit("?section=curve", dark=True)
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    _, content = take(page, "chart-1", "svg", "paper")
    assert "tokens" in words_in(content)
    assert b"rgb(22, 25, 31)" in content and b"rgb(236, 238, 241)" not in content
    _, numbers = take(page, "chart-1", "csv")
    assert numbers.decode("utf-8-sig").splitlines()[0] == "panel,line,x,y"


def test_of_two_heads_side_by_side_each_is_saved(visit: Visit) -> None:
    page = visit("?head=5&layer=1&section=beside&kv_heads=8")
    page.locator(".hc-pair .hc-likely-bar").first.wait_for()
    title = page.locator(".hc-pair .hc-title").nth(1).inner_text()
    _, own = take(page, "beside-1", "svg", "paper")
    name, other = take(page, "beside-2", "svg", "paper")
    assert "Head 5 · KV 5" in words_in(own) and own != other
    assert re.fullmatch(r"headcount-beside-2-head-\d-\d\.svg", name)
    assert page.locator(".hc-take option", has_text=title).count() >= 1
    _, numbers = take(page, "beside-2", "csv")
    first = numbers.decode("utf-8-sig").splitlines()[1].split(",")
    assert [first[0], float(first[2])] == ["0", pytest.approx(1)]


def test_heads_before_and_after_as_numbers(visit: Visit) -> None:
    page = visit("heads?section=share", dark=True)
    page.locator(".js-plotly-plot .heatmaplayer image").nth(1).wait_for(timeout=60_000)
    _, numbers = take(page, "chart-2", "csv")
    header, *rows = csv.reader(numbers.decode("utf-8-sig").splitlines())
    assert header == ["panel", "line", "x", "y", "z"]
    cells = {(key, query): float(weight) for _, _, key, query, weight in rows}
    tokens = sorted({query for _, query in cells}, key=lambda name: int(name.split()[0]))
    assert len(cells) == len(tokens) ** 2 > 16
    assert cells[tokens[0], tokens[0]] == pytest.approx(1, abs=1e-3)
    assert sum(cells[key, tokens[-1]] for key in tokens) == pytest.approx(1, abs=1e-3)
    weights = np.array([[cells[key, query] for key in tokens] for query in tokens])
    (image,) = images_in(take(page, "chart-2", "svg", "paper")[1])
    assert np.abs(image - on_paper(weights)).max() < 6  # a step of 256 is as much
    (image,) = images_in(take(page, "chart-2", "svg", "screen")[1])
    assert image[0, -1].tolist() == [14, 17, 23]  # of weight 0 as on the screen


def test_how_heads_form_is_saved(visit: Visit) -> None:
    page = visit("heads?section=forming", dark=True)
    page.locator(".hc-run").nth(2).wait_for()
    _, content = take(page, "chart-1", "svg", "paper")
    said = set(words_in(content))
    assert {"Loss", "tokens read", page.locator(".hc-run h2").first.inner_text()} <= said
    assert b"rgb(236, 238, 241)" not in content
    for run, image in zip(runs("letters"), images_in(content), strict=True):
        tiles = run.tiles[0][-1]  # [n_layers, n_heads, tokens, tokens]
        size = (image.shape[0] + 4) // tiles.shape[0] - 4
        at = np.ceil(np.arange(tiles.shape[-1]) * size / tiles.shape[-1]).astype(int)
        for layer, head in np.ndindex(tiles.shape[:2]):
            tile = image[layer * (size + 4) :, head * (size + 4) :][np.ix_(at, at)]
            assert np.abs(tile - on_paper(tiles[layer, head] / 255)).max() <= 1
    _, image = take(page, "chart-1", "png", "screen")
    assert Image.open(io.BytesIO(image)).convert("RGB").getpixel((2, 2)) == (14, 17, 23)
    _, numbers = take(page, "chart-1", "csv")
    header, *rows = csv.reader(numbers.decode("utf-8-sig").splitlines())
    assert header == ["training", "step", "tokens", "loss", "layer", "head", "score"]
    assert len({row[0] for row in rows}) == 3 and rows[-1][1] == "5000"


def test_the_atlas_is_saved(visit: Visit) -> None:
    page = visit("heads", dark=True)
    page.locator(".hc-atlas-cell").first.wait_for(timeout=120_000)
    _, content = take(page, "chart-1", "svg", "paper")
    words = page.locator(".hc-atlas-cell .word").all_inner_texts()
    said = words_in(content)
    assert sorted(words) == sorted(one for one in said if one in words)
    assert "KV head 1" in said and b"rgb(14, 17, 23)" not in content
    legend = ["induction: what followed the same token before", "another role on ordinary text"]
    assert [said.count(one) for one in legend] == [1, 1]
    fills = [one.get("fill") for one in ET.fromstring(content).iter()]
    assert fills.count(rgb(role_color(LIGHT, "induction"))) == words.count("induction") + 1
    corners = page.locator(".hc-atlas-cell .cut").count()
    drawn = [one for one in ET.fromstring(content).iter() if one.tag.endswith("path")]
    assert len(drawn) == corners + 1 > 2
    assert {one.get("fill") for one in drawn} == {rgb(LIGHT.text)}
    _, numbers = take(page, "chart-1", "csv")
    header, *rows = csv.reader(numbers.decode("utf-8-sig").splitlines())
    assert header[:4] == ["layer", "head", "kv_head", "role"]
    assert [row[3] for row in rows] == words


def test_there_is_nothing_to_save_without_a_chart(visit: Visit) -> None:
    page = visit("heads?section=prune")  # nothing was asked yet
    page.locator(".hc-take summary").click()
    expect(page.locator(".hc-take")).to_contain_text("There is nothing here to save yet.")
    expect(page.locator(".hc-take-room")).to_be_hidden()


def test_the_whole_view_as_one_page(visit: Visit, chrome: Browser, tmp_path: Path) -> None:
    page = visit("?head=5&token=2&layer=0")  # The animal did …
    page.locator(".hc-take summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the whole view as one file").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "headcount.html"
    saved = chrome.new_page()
    saved.goto(path.as_uri())
    expect(saved.locator(".hc-heat .hc-title")).to_have_text("Head 5")
    expect(saved.locator(".hc-token[aria-checked=true]")).to_have_text("did")
    expect(saved.locator("header output")).to_have_text("0")
    saved.close()


def test_on_paper(visit: Visit) -> None:
    page = visit("", dark=True)
    page.locator(".hc-take").wait_for()
    page.emulate_media(media="print", color_scheme="dark")
    page.locator(".hc-paper > svg").wait_for()
    expect(page.locator(".hc-top")).to_be_visible()
    controls = ".hc-picture:visible, input:visible, button:not(.hc-term):visible"
    assert not page.locator(controls).count()
    for landscape in (False, True):
        assert pages_of(page.pdf(format="A4", landscape=landscape)) == 1
