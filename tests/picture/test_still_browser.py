"""The drawings in a real browser: no two labels lie over one another, whatever is drawn."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from attention.picture.scene import ModelMap
from attention.picture.still import Still
from tests.picture.synthetic import HINDI, SENTENCE, made_up_joined, plain, scene

# Boxes of texts that overlap by more than a pixel and a half; turned texts by their own box.
OVERLAPS = """() => {
  const texts = [...document.querySelectorAll("text")].filter((one) => one.textContent.trim());
  const boxes = texts.map((one) => [one.textContent, one.getBoundingClientRect()]);
  const found = [];
  boxes.forEach(([text, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 1.5 && down > 0.45 * Math.min(a.height, b.height)) found.push([text, other]);
  }));
  return found;
}"""
OUTSIDE = """() => {
  const root = document.documentElement.getBoundingClientRect();
  return [...document.querySelectorAll("text")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.left < -1 || box.right > root.width + 1 || box.bottom > root.height + 1;
  }).map((one) => one.textContent);
}"""
LONG = tuple((SENTENCE + " " + HINDI).split() * 9)[:300]


@pytest.fixture(scope="module")
def page(files) -> Iterator[Page]:
    """One that shows a drawing after the other."""
    page = files.new_page()
    page.set_viewport_size({"width": 1500, "height": 1600})
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "hi"])
@pytest.mark.parametrize("heads", [(1, 1), (8, 2), (32, 8), (32, 32)])
@pytest.mark.parametrize("tokens", [3, 19, 300])
def test_labels_stand_apart(page: Page, tmp_path, heads, tokens: int, lang: str) -> None:
    words = tuple((HINDI if lang == "hi" else SENTENCE).split())
    one = scene(*heads, tokens=LONG if tokens == 300 else words[:tokens], lang=lang)
    if heads == (8, 2):
        rows = [[0.5] * 8] * 2
        values = ModelMap(entropy=rows, distance=rows, first=rows, previous=rows)
        one = plain(one, model_map=values, joined=made_up_joined(one.config))
    path = tmp_path / "still.svg"
    path.write_text(Still(one).svg(), encoding="utf-8")
    page.goto(path.as_uri())
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(OUTSIDE) == []
