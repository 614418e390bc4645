"""A part of the picture as a file: SVG that any reader takes, PNG, and the exact numbers."""

import csv
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from attention import theme
from attention.picture.payload import decode, encode
from attention.picture.scene import ModelMap, Scene
from attention.picture.still import PARTS, Still, StillError
from tests.picture.synthetic import HINDI, SENTENCE, made_up_joined, plain, scene

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ("<b>bold</b>", "]]>", "&amp;", '"quoted"', "\x01\x1f", "\ud800", "عربي", "क्षत्रिय", " ")


def root_of(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in root_of(svg).iter(f"{SVG}text")]


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def whole(lang: str = "en") -> Scene:
    """With all that a scene may lack."""
    rows = [[0.25, None, 1.0, 0.5, 0.125, 0.0, 0.75, 0.375]] * 2
    values = ModelMap(entropy=rows, distance=rows, first=rows, previous=rows)
    one = scene(lang=lang)
    return plain(one, model_map=values, joined=made_up_joined(one.config))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("lang", ["en", "hi"])
def test_every_part_is_xml_of_a_size_with_its_title(part: str, lang: str) -> None:
    one = whole(lang)
    root = root_of(Still(one, part).svg())
    assert root.tag == f"{SVG}svg"
    _, _, width, height = map(float, root.get("viewBox").split())
    assert (root.get("width"), root.get("height")) == (f"{width:g}", f"{height:g}")
    key = {"all": "split", "head": "cache"}.get(part, part)
    title = one.words[f"{key}_title"] if part != "head" else "5"
    assert any(title in text for text in texts(Still(one, part).svg()))
    assert not list(root.iter(f"{SVG}style")) and "class=" not in Still(one, part).svg()


@pytest.mark.parametrize("tokens", [SENTENCE.split(), HINDI.split()[:3], HINDI.split()])
@pytest.mark.parametrize("part", ["sentence", "head"])
def test_each_token_is_text(tokens: list[str], part: str) -> None:
    found = texts(Still(scene(tokens=tuple(tokens)), part).svg())
    times = 2 if part == "head" else 1
    for token in set(tokens):
        assert found.count(token) >= times * tokens.count(token)


@pytest.mark.parametrize("n_heads, n_kv_heads", [(1, 1), (8, 2), (32, 8), (32, 1)])
def test_a_tile_for_each_head(n_heads: int, n_kv_heads: int) -> None:
    root = root_of(Still(scene(n_heads, n_kv_heads), "gallery").svg())
    heads = [int(one.get("data-head")) for one in root.iter() if one.get("data-head")]
    assert heads == list(range(n_heads))


def test_an_arc_for_each_weight_that_is_seen() -> None:
    one = scene(head=4, tokens=tuple(SENTENCE.split()[:6]))
    weights = np.asarray(one.chosen)
    largest = one.tiles.max()
    seen = (weights[-1] >= 0.02 * largest).sum()  # nobody looks at the last token but itself
    paths = list(root_of(Still(one, "sentence").svg()).iter(f"{SVG}path"))
    assert len(paths) == seen > 1


def ties_of(one: Scene) -> list[list[float]]:
    """Each from where to where it goes, across."""
    paths = root_of(Still(one, "sentence").svg()).iter(f"{SVG}path")
    drawn = [path.get("d") for path in paths if path.get("data-tie")]
    return [[float(each) for each in re.findall(r"[MQ ]([\d.-]+) [\d.-]+", d)[::2]] for d in drawn]


@pytest.mark.parametrize("tokens", [("un", "believ", "able", "!"), ("عرب", "ية", "جد", "ا")])
def test_a_tie_stands_between_two_pieces_of_one_word(tokens: tuple[str, ...]) -> None:
    one = scene(tokens=tokens, head=4, goes_on=(1, 2))
    svg = root_of(Still(one, "sentence").svg())
    middles = {"".join(t.itertext()): float(t.get("x")) for t in svg.iter(f"{SVG}text")}
    assert f"‿ {one.words['sentence_goes_on']}" in middles
    ties = ties_of(one)
    assert len(ties) == 2
    for (left, right), pair in zip(ties, (tokens[:2], tokens[1:3]), strict=True):
        low, high = sorted(middles[token] for token in pair)
        assert low < left < right < high
    assert ties_of(scene(tokens=tokens)) == []


def test_few_weights_are_shapes_and_many_an_image() -> None:
    few = root_of(Still(scene(), "head").svg())
    assert not list(few.iter(f"{SVG}image"))
    many = root_of(Still(scene(tokens=tuple(SENTENCE.split() * 5)), "head").svg())
    (image,) = many.iter(f"{SVG}image")
    assert image.get("href").startswith("data:image/png;base64,")
    assert image.get("image-rendering") == "pixelated"


def test_hostile_tokens_are_only_text() -> None:
    for part in ("all", "head", "sentence"):
        svg = Still(scene(tokens=HOSTILE), part).svg()
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", svg)
        assert not list(root_of(svg).iter("b"))
        found = texts(svg)
        for token in ("]]>", "&amp;", '"quoted"', "␁␟", "عربي", "क्षत्रिय", "␣"):
            assert token in found


def test_no_mark_of_a_term_is_left_in_a_file() -> None:
    assert not [text for text in texts(Still(whole()).svg()) if "<t " in text]
    assert "<t " not in Still(whole(), "cache").csv()


def test_the_same_scene_gives_the_same_bytes() -> None:
    assert Still(scene()).svg() == Still(scene()).svg()


def test_paper_is_white_and_dark_is_dark() -> None:
    ground = [root_of(Still(scene(), "head", colours).svg())[0].get("fill")
              for colours in ("light", "dark")]  # fmt: skip
    assert ground == ["#ffffff", "#0e1117"]


def test_a_png_is_the_drawing_at_twice_its_size() -> None:
    still = Still(scene(), "head")
    image = Image.open(io.BytesIO(still.png()))
    root = root_of(still.svg())
    assert image.size == (2 * int(root.get("width")), 2 * int(root.get("height")))
    assert len(image.convert("RGB").getcolors(1 << 24)) > 20


def test_the_numbers_of_a_head_are_the_payload_s() -> None:
    one = scene()
    header, _, chosen = decode(encode(one))
    names, *rows = rows_of(Still(one, "head").csv())
    assert names[:3] == ["query", "token", "0 the"] and len(names) == len(one.tokens) + 2
    assert [row[1] for row in rows] == list(one.tokens)
    values = np.array([[float(cell) for cell in row[2:]] for row in rows])
    steps = np.rint(chosen.astype(np.float64) / header["scale"] * 65535)
    np.testing.assert_array_equal(values, steps / 65535 * header["scale"])


def test_the_numbers_of_the_other_parts() -> None:
    one = whole()
    gallery = rows_of(Still(one, "gallery").csv())
    assert len(gallery) == 1 + 8 * len(one.tokens)
    sentence = rows_of(Still(one, "sentence").csv())
    assert sentence[0] == ["i", "token", "looked_at_by_18", "looks_at_18"]
    split = rows_of(Still(one, "split").csv())
    assert split[6] == ["5", "1", "120", "143", "24", "47", "192", "8", "2", "24"]
    cache = rows_of(Still(one, "cache").csv())
    assert cache[2][1:] == [str(one.cache.now_bytes), "2", "2", "24", "19", "4"]
    table = rows_of(Still(one, "map").csv())
    assert table[1:3] == [["0", "0", *["0.25"] * 4], ["0", "1", *[""] * 4]]


def test_the_heads_joined_are_a_cell_a_number_and_the_numbers_themselves() -> None:
    one = whole()
    contexts, output = one.joined.contexts, one.joined.output
    paths = list(root_of(Still(one, "joined").svg()).iter(f"{SVG}path"))
    cells = sum(path.get("d").count("M") for path in paths)
    assert cells == contexts.size + output.size == 8 * 24 + 192
    below = {path.get("fill") for path in paths} & {theme.LIGHT.looked}
    of_below = sum(p.get("d").count("M") for p in paths if p.get("fill") in below)
    assert of_below == (contexts < 0).sum() + (output < 0).sum()
    header, *rows = rows_of(Still(one, "joined").csv())
    assert header == ["token", "vector", "head", "kv_head", "i", "value"]
    assert rows[24][:5] == ["18", "context", "1", "0", "0"]
    assert rows[-1][:5] == ["18", "output", "", "", "191"]
    values = [float(row[-1]) for row in rows]
    np.testing.assert_allclose(values, [*contexts.ravel(), *output], atol=6e-4)


def test_all_of_the_picture_has_the_heads_joined_where_they_are_known() -> None:
    title = whole().words["joined_title"]
    assert title in texts(Still(whole()).svg())
    assert title not in texts(Still(scene()).svg())


def test_no_token_is_run_as_a_formula() -> None:
    rows = rows_of(Still(scene(tokens=("=1+1", "-", '"a,b"')), "head").csv())
    assert [row[1] for row in rows[1:]] == ["'=1+1", "-", '"a,b"']


@pytest.mark.parametrize(
    "choice, message",
    [
        ({"part": "map"}, "There is no part of the picture 'map': choose all, split, "
                          "gallery, head, sentence, cache."),
        ({"colours": "pink"}, "There is no ground 'pink': choose light, dark."),
        ({"measure": "x"}, "There is no measure 'x': choose entropy, distance, first, previous."),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_named(choice: dict[str, str], message: str) -> None:
    with pytest.raises(StillError) as caught:
        Still(scene(), **choice)
    assert str(caught.value) == message
