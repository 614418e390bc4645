"""A picture with the weights of a query over it: payload, saved page, notebook, drawings."""

import base64
import csv
import io
import json
import re
import zlib
from functools import cache

import numpy as np
import pytest
from PIL import Image

from attention.models.image import ImageError
from attention.models.images import seen
from attention.models.limits import TextError
from attention.notebook import trace
from attention.picture.compose import opened_scene
from attention.picture.page import html_of
from attention.picture.payload import decode, encode
from attention.picture.still import PARTS, Still
from attention.words import load_words
from tests.models import tiny
from tests.models.tiny_pictures import load_tiny, make_model, make_processor, picture
from tests.picture.looking import pixels

EN = load_words("en")


@cache
def shown(name="vit"):
    """A scene of layer 1, head 2, and its look."""
    one = seen(load_tiny(name), picture())
    look = one.model.look(one.reading.ids, layer=1, head=2)
    return opened_scene(one.model, one.reading, look, EN, layer=1, head=2), look, one


def test_the_payload_holds_the_picture_and_where_its_patches_are():
    scene, look, one = shown()
    header, _, fine = decode(encode(scene))
    own = header["patches"]
    assert {name: own[name] for name in ("rows", "columns", "first")} == {
        "rows": 4, "columns": 4, "first": 1,
    }  # fmt: skip
    assert base64.b64decode(own["png"]) == one.reading.patches.png
    assert (header["token"], header["cache"]) == (0, None)  # [CLS] first; nothing is kept
    np.testing.assert_allclose(fine, look.weights(1, 2), atol=1e-4)
    assert "patches" not in decode(encode(shown_text()))[0]


def shown_text():
    model = tiny.load_tiny("bert")
    ids = model.encode("the cat sat")
    from attention.models.reading import read_ids  # noqa: PLC0415

    return opened_scene(model, read_ids(model, ids), model.look(ids), EN, layer=0, head=0)


def test_what_is_said_is_said_of_pictures():
    scene, look, _ = shown()
    assert set(scene.head_role) <= {"broad", "self", "left", "cls", "mixed"}
    assert scene.words["map_previous"] == "on the left neighbour"
    assert scene.words["cache_none"].startswith("Where every patch sees every other")
    assert scene.model_map.previous == look.values("agreement")
    assert scene.model_map.first == look.values("first")
    nothing = [[None] * 4] * 3
    assert scene.model_map.distance == nothing
    assert shown("siglip-vision")[0].model_map.first == nothing  # token 0 is a patch like others


def test_a_head_is_called_by_its_left_neighbours(monkeypatch):
    """A head whose weights were put on the patch to the left, and one that rests on [CLS]."""
    from attention.picture.heads import places_of, told_of  # noqa: PLC0415

    _, look, one = shown()
    places, roles = places_of(look, one.reading, raw=False), one.reading.patches.roles
    assert {name: n for name, n in places.items() if n} == {
        "agreement": 12, "first": 16, "self": 16, "spread": 16,
    }  # fmt: skip
    low = dict.fromkeys(places, 0.01)
    left = told_of(low | {"agreement": 0.9, "previous": 0.99}, places, None, EN, roles)
    assert (left.role, left.short) == ("left", "left 0.90")
    assert left.long == "mostly the patch on the left · here 0.90 on 12 patches"
    rests = told_of(low | {"first": 0.8}, places, None, EN, roles)
    assert (rests.role, rests.short) == ("cls", "[CLS] 0.80")


def packed(page):
    """Of a saved page what all layers have in common, each layer's header, and its bytes."""
    lines = re.search(r'<script type="text/plain" class="packed">(.*?)</script>', page, re.S)[1]
    head, *layers = [zlib.decompress(base64.b64decode(line)) for line in lines.split("\n")]
    told = json.loads(head)
    return told["common"], told["layers"], layers


def test_the_page_keeps_small_weights_apart():
    """255 steps of the root: a weight of a hundredth of the largest is right to a tenth of it."""
    _, look, one = shown()
    common, headers, layers = packed(html_of(one.model, one.reading, look, (), EN))
    assert common["roots"] and common["token"] == 0
    for layer, (header, content) in enumerate(zip(headers, layers, strict=True)):
        roots = np.frombuffer(content[: 4 * 17 * 17], np.uint8).reshape(4, 17, 17)
        held = (roots / 255) ** 2 * header["scale"]
        for head in range(4):
            weights = look.weights(layer, head)
            assert abs(held[head] - weights).max() <= header["scale"] / 255
            small = (weights > 0.005 * header["scale"]) & (weights < 0.02 * header["scale"])
            np.testing.assert_allclose(held[head][small], weights[small], rtol=0.06)


def test_the_notebook_takes_a_picture(tmp_path):
    model, processor = make_model("vit"), make_processor("vit")
    given = Image.fromarray(picture())
    cell = trace(image=given, model=model, tokenizer=processor, layer=1, head=2)
    assert repr(cell).startswith("<Traced ViTModel on 17 tokens: ")
    cell.save(tmp_path / "page.html")
    assert "<title>ViTModel on one picture</title>" in (tmp_path / "page.html").read_text()
    cell.svg(tmp_path / "picture.svg", "sentence", token=6)
    assert "r2 c2" in (tmp_path / "picture.svg").read_text()
    told = r"^A picture stands by itself: leave out text\.$"
    with pytest.raises(TextError, match=told):
        trace("a text", image=given, model=model, tokenizer=processor)
    with pytest.raises(ImageError, match=r"^The picture 'none.png' cannot be read: No such file"):
        trace(image="none.png", model=model, tokenizer=processor)
    with pytest.raises(TextError, match=r" reads pictures and no text: look at one with trace "):
        trace("a text", model=model, tokenizer=processor)


@pytest.mark.parametrize("name", ["vit", "siglip-vision", "dinov2-registers"])
def test_every_part_can_be_taken(name):
    scene, look, one = shown(name)
    for part in PARTS:
        assert Still(scene, part).svg().startswith("<svg")
    rows = list(csv.reader(io.StringIO(Still(scene, "sentence").csv().removeprefix("\ufeff"))))
    row = [float(each[2]) for each in rows[1:]]  # looked at by the query
    np.testing.assert_allclose(row, look.weights(1, 2)[one.reading.patches.opening], atol=1e-4)


def test_the_drawing_covers_a_patch_by_its_weight():
    scene, look, _ = shown()
    svg = Still(scene, "sentence").svg()
    covers = [float(each) for each in re.findall(r'fill-opacity="([\d.]+)"', svg)]
    row = look.weights(1, 2)[0, 1:]
    np.testing.assert_allclose(covers, 0.25 + 0.65 * row / row.max(), atol=0.01)


@pytest.mark.slow
def test_the_drawing_as_png():
    scene, *_ = shown()
    png = Image.open(io.BytesIO(Still(scene, "sentence").png())).convert("RGB")
    assert len(png.getcolors(2**24)) > 200  # the picture itself is in it, twice


@pytest.mark.browser
def test_a_patch_is_chosen_by_mouse_and_by_key(files, tmp_path):
    _, look, one = shown()
    path = tmp_path / "page.html"
    path.write_text(html_of(one.model, one.reading, look, (), EN), encoding="utf-8")
    page = files.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    field, side = page.locator(".hc-patch-field"), page.locator(".hc-patch-side")
    weights = look.weights(1, 2)
    chosen = page.locator(".hc-patch-tokens button")
    assert chosen.get_attribute("aria-checked") == "true"
    assert side.inner_text().endswith("of its attention [CLS] gives to a patch")
    assert page.locator(".hc-sentence").first.is_hidden()

    box = field.bounding_box()
    at = {"x": box["width"] * 0.6, "y": box["height"] * 0.3}  # row 2, column 3: token 7
    field.click(position=at)
    assert chosen.get_attribute("aria-checked") == "false"
    said = re.search(r"([\d.]+)%\s+of its attention r2 c3 gives to a patch", side.inner_text())
    assert float(said[1]) == pytest.approx(100 * weights[7, 1:].max(), abs=0.2)
    heat = pixels(page.locator(".hc-patch-heat"))[:4, :4]
    covers = heat.reshape(16, 4)[:, 3] / 255
    row = weights[7, 1:]
    np.testing.assert_allclose(covers, 0.25 + 0.65 * row / row.max(), atol=0.01)

    field.focus()
    for key, token in (("ArrowRight", "r2 c4"), ("ArrowRight", "r2 c4"), ("ArrowDown", "r3 c4"),
                       ("Home", "r1 c1"), ("End", "r4 c4")):  # fmt: skip
        page.keyboard.press(key)
        assert f"attention {token} gives" in side.inner_text()
    chosen.click()
    assert "attention [CLS] gives" in side.inner_text()
    assert errors == []
    page.close()
