"""A drawing whose scripts name their fonts: nothing is lost, and signs join as they do alone."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import resvg_py
from PIL import Image

from attention.picture.fonts import with_fonts
from attention.picture.still import Still
from tests.picture.synthetic import scene

TEXT = "{http://www.w3.org/2000/svg}text"


def drawing(text: str, anchor: str = "start") -> str:
    x = {"start": 10, "end": 390}[anchor]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="40" font-family="Noto Sans">'
        f'<text x="{x}" y="25" font-size="16" text-anchor="{anchor}">{text}</text></svg>'
    )


def inked(svg: str) -> np.ndarray:
    """How dark each pixel is, ``[height, width]``."""
    image = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=2))))
    return np.asarray(image)[:, :, 3].astype(int)


def box(ink: np.ndarray) -> tuple[int, int]:
    columns = np.flatnonzero(ink.any(axis=0))
    return int(columns[0]), int(columns[-1]) + 1


@pytest.fixture(scope="module", autouse=True)
def _devanagari() -> None:
    unknown, known = (inked(drawing(sign)) for sign in ("\ue000", "क"))
    if np.array_equal(unknown, known):
        pytest.skip("no font of this machine has Devanagari")


@pytest.mark.parametrize(
    ("text", "alone", "anchor"),
    [
        ("x परिणाम हिस्सों", "परिणाम हिस्सों", "end"),  # Latin at the beginning: its rules for all
        ("हेडों में विभाजन → 8", "हेडों में विभाजन", "start"),  # boxes, for the arrow's sake
        ("कोई भूमिका नहीं · 2", "कोई भूमिका नहीं", "start"),
    ],
)
def test_devanagari_is_drawn_as_it_is_alone(text: str, alone: str, anchor: str) -> None:
    by_itself = inked(with_fonts(drawing(alone, anchor)))
    left, right = box(by_itself)
    found = inked(with_fonts(drawing(text, anchor)))[:, left:right]
    assert np.abs(found - by_itself[:, left:right]).mean() < 2  # an unseen letter moves it a hair
    assert np.abs(inked(drawing(text, anchor))[:, left:right] - found).mean() > 10  # without


def test_every_letter_stays_but_the_unseen_one() -> None:
    root = ET.fromstring(with_fonts(drawing("x → परत 2 இது <tspan>عربي W</tspan> é")))
    (text,) = root.iter(TEXT)
    assert "".join(text.itertext()) == "पx → परत 2 இது عربي W é"
    assert text[0].text == "प" and text[0].get("font-size") == "0.01"


def test_latin_alone_is_left_as_it_is() -> None:
    svg = drawing("The split: 8 × 24")
    assert ET.canonicalize(with_fonts(svg)) == ET.canonicalize(svg)


def test_a_png_is_drawn_with_them() -> None:
    one = Still(scene(lang="hi"), "split")
    assert one.png() == bytes(
        resvg_py.svg_to_bytes(
            svg_string=with_fonts(one.svg()), image_rendering="optimize_speed", zoom=2
        )
    )
