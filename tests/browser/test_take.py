"""Files from the page: what the menu saves is what is shown, of picture and chart."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.picture.test_take_browser import pages_of, take

Visit = Callable[..., Page]
pytestmark = pytest.mark.browser


def words_in(svg: bytes) -> list[str]:
    return [
        "".join(one.itertext()) for one in ET.fromstring(svg).iter() if one.tag.endswith("text")
    ]


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
    page = visit("heads?section=share")
    page.locator(".js-plotly-plot .heatmaplayer image").nth(1).wait_for(timeout=60_000)
    _, numbers = take(page, "chart-2", "csv")
    header, *rows = csv.reader(numbers.decode("utf-8-sig").splitlines())
    assert header == ["panel", "line", "x", "y", "z"]
    cells = {(key, query): float(weight) for _, _, key, query, weight in rows}
    tokens = sorted({query for _, query in cells}, key=lambda name: int(name.split()[0]))
    assert len(cells) == len(tokens) ** 2 > 16
    assert cells[tokens[0], tokens[0]] == pytest.approx(1, abs=1e-3)
    assert sum(cells[key, tokens[-1]] for key in tokens) == pytest.approx(1, abs=1e-3)


def test_how_heads_form_is_saved(visit: Visit) -> None:
    page = visit("heads?section=forming", dark=True)
    page.locator(".hc-run").nth(2).wait_for()
    _, content = take(page, "chart-1", "svg", "paper")
    said = set(words_in(content))
    assert {"Loss", "tokens read", page.locator(".hc-run h2").first.inner_text()} <= said
    assert content.count(b"<image") == 3 and b"rgb(236, 238, 241)" not in content
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
    assert sorted(words) == sorted(one for one in words_in(content) if one in words)
    assert "KV head 1" in words_in(content) and b"rgb(14, 17, 23)" not in content
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
