"""Pictures as people give them: read, or one clear sentence."""

import io
import re

import numpy as np
import pytest
from PIL import Image as Pillow

from attention.models import image
from attention.models.image import ImageError, open_image
from attention.models.samples import SAMPLES, sample


def encoded(picture: Pillow.Image, kind: str, **more) -> bytes:
    held = io.BytesIO()
    picture.save(held, kind, **more)
    return held.getvalue()


RED = Pillow.new("RGB", (6, 4), (200, 10, 20))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_files_of_three_kinds(tmp_path, kind):
    path = tmp_path / f"red.{kind.lower()}"
    path.write_bytes(encoded(RED, kind))
    read = open_image(str(path))
    assert (read.name, read.pixels.size, read.pixels.mode) == (path.name, (6, 4), "RGB")
    assert abs(np.asarray(read.pixels).astype(int) - (200, 10, 20)).max() <= 12
    assert open_image(read) is read
    assert open_image(path).pixels.size == open_image(path.read_bytes()).pixels.size == (6, 4)


def test_what_is_in_memory():
    assert open_image(RED).pixels.getpixel((0, 0)) == (200, 10, 20)
    assert np.array_equal(open_image(np.asarray(RED)).pixels, RED)


def test_a_picture_is_upright_and_on_white():
    turned = Pillow.Exif()
    turned[0x0112] = 6  # turned by a quarter: how a telephone writes a portrait
    assert open_image(encoded(RED, "JPEG", exif=turned)).pixels.size == (4, 6)
    clear = Pillow.new("RGBA", (2, 2), (0, 0, 0, 0))
    assert open_image(encoded(clear, "PNG")).pixels.getpixel((0, 0)) == (255, 255, 255)


def refusal(given, name="it.png") -> str:
    with pytest.raises(ImageError) as refused:
        open_image(given, name)
    return str(refused.value)


def test_refusals(tmp_path, monkeypatch):
    missing = tmp_path / "none.png"
    assert refusal(str(missing)) == (
        f"The picture {str(missing)!r} cannot be read: No such file or directory."
    )
    assert (
        refusal(str(tmp_path)) == f"The picture {str(tmp_path)!r} cannot be read: Is a directory."
    )
    assert refusal("a\0b") == "'a\\x00b' is no name of a file."
    no_picture = "it.png is no picture that can be read: give a PNG, a JPEG or a WebP."
    for content in (b"", b"<svg/>", encoded(RED, "GIF"), encoded(RED, "PNG")[:20]):
        assert refusal(content) == no_picture
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    damaged = encoded(Pillow.fromarray(noise), "PNG")[:3000]
    assert refusal(damaged) == "it.png is damaged: only a part of it can be read."
    assert refusal(encoded(Pillow.new("RGB", (200, 3)), "PNG")) == (
        "it.png has 200 × 3 pixels: give one that is at most 10 times as long as wide."
    )
    assert refusal(7) == (
        "The picture is a int: give a file's path, its bytes, a picture of Pillow or an array."
    )
    assert refusal(np.zeros((4, 4))) == (
        "The picture is an array of the shape (4, 4) and of float64: give uint8 [height, width, 3]."
    )
    assert refusal(np.zeros((0, 4, 3), np.uint8)) == "The picture is an array without a pixel."
    monkeypatch.setattr(image, "MOST_BYTES", 2**20)
    assert refusal(bytes(3 * 2**20)) == (
        "it.png has 3 MB, and at most 1 are read: make it smaller."
    )


def test_a_picture_of_too_many_pixels_is_not_unpacked():
    """1 GB of pixels in 120 kB of file."""
    bomb = encoded(Pillow.new("1", (9000, 9000)), "PNG")
    assert refusal(bomb) == (
        "it.png has 9,000 × 9,000 pixels, and at most 64 megapixels are read: make it smaller."
    )
    larger = bomb.replace((9000).to_bytes(4, "big"), (60000).to_bytes(4, "big"))
    assert re.fullmatch(
        r"it\.png (has more pixels than can be read: make it smaller than 64 megapixels|is no "
        r"picture that can be read: give a PNG, a JPEG or a WebP)\.",
        refusal(larger),
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_pictures_of_ours(name):
    drawn = sample(name)
    assert (drawn.name, drawn.pixels.size) == (name, (384, 384))
    colours = np.asarray(drawn.pixels).reshape(-1, 3)
    assert colours.std(0).max() > 40  # there is something in it
