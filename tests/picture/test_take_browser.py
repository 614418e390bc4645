"""The menu in a saved page, in a real browser: what is chosen is saved; print has the drawing."""

import io
import re
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from attention.models.layouts.cards import available_layouts
from attention.models.layouts.load import load_layout
from attention.picture.page import page_html

TEXT = "The keys near the old cabinet are lost."
PART, KIND, COLOURS = 0, 1, 2


@pytest.fixture
def saved(files, tmp_path):
    """``saved(dark=True)``: the page of a small layout. Nothing may be refused or fail in it."""
    if (4, 2) not in available_layouts():
        pytest.skip("layout 4x2 is not trained yet")
    path, wrong, pages = tmp_path / "page.html", [], []

    def open_page(*, dark: bool = False, lang: str = "en"):
        path.write_text(page_html(load_layout(4, 2), TEXT, layer=1, lang=lang), encoding="utf-8")
        page = files.new_page()
        page.emulate_media(color_scheme="dark" if dark else "light")
        pages.append(page)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(path.as_uri())
        page.wait_for_selector(".hc-weights")
        return page

    yield open_page
    for page in pages:
        page.close()
    assert wrong == []


def take(page, part: str, kind: str, colours: str | None = None) -> tuple[str, bytes]:
    """The name and the content of what the menu saves."""
    if not page.locator(".hc-take-room").is_visible():
        page.locator(".hc-take summary").click()
    choices = page.locator(".hc-take select")
    choices.nth(PART).select_option(part)
    choices.nth(KIND).select_option(kind)
    if colours:
        choices.nth(COLOURS).select_option(colours)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save", exact=True).click()
    with open(download.value.path(), "rb") as file:
        return download.value.suggested_filename, file.read()


@pytest.mark.browser
def test_a_drawing_of_what_is_chosen(saved) -> None:
    page = saved()
    page.get_by_role("radio", name=re.compile(r"^Head 3\b")).click()
    name, content = take(page, "head", "svg")
    assert name == "headcount-head-1-3.svg"
    assert "Head 3 · KV 1" in ["".join(one.itertext()) for one in ET.fromstring(content).iter()]


@pytest.mark.browser
def test_an_image_for_paper_or_as_on_the_screen(saved) -> None:
    page = saved(dark=True)
    grounds = []
    for colours in ("paper", "screen"):
        name, content = take(page, "all", "png", colours)
        image = Image.open(io.BytesIO(content)).convert("RGB")
        assert name == "headcount-all.png" and len(image.getcolors(1 << 24)) > 50
        grounds.append(image.getpixel((2, 2)))
    assert grounds == [(255, 255, 255), (14, 17, 23)]


@pytest.mark.browser
def test_the_numbers(saved) -> None:
    page = saved()
    name, content = take(page, "gallery", "csv")
    assert name == "headcount-gallery.csv"
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 4 * 10 and lines[0].startswith("layer,head,kv_head,query,token,0 The,")
    assert page.locator(".hc-take label:visible").count() == 2  # no colours for numbers


@pytest.mark.browser
def test_on_paper_stands_the_drawing_alone(saved) -> None:
    page = saved(dark=True)
    assert not page.locator(".hc-paper").is_visible()
    page.emulate_media(media="print", color_scheme="dark")
    page.locator(".hc-paper > svg").wait_for()
    assert not page.locator("main, footer, input, .hc-take").filter(visible=True).count()
    assert page.locator(".hc-paper > svg > rect").get_attribute("fill") == "#ffffff"
    for landscape in (False, True):
        assert pages_of(page.pdf(format="A4", landscape=landscape)) == 1


@pytest.mark.browser
def test_the_menu_speaks_hindi(saved) -> None:
    assert saved(lang="hi").locator(".hc-take summary").inner_text() == "साथ ले जाएँ"


def pages_of(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n") or pdf.count(b"/Type /Page ")
