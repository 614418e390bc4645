"""Files from the page: what the menu saves is what is shown, of picture and chart."""

import io
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
    return ["".join(one.itertext()) for one in ET.fromstring(svg).iter()]


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
