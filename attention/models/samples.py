"""Pictures that are built in, each drawn here: nobody's photograph."""

from __future__ import annotations

from functools import cache

from PIL import Image as Pillow
from PIL import ImageDraw

from attention.models.image import Image

SIDE = 384  # pixels; more than models ask for
SMOOTH = 2  # drawn so many times as large
SAMPLES = ("house", "shapes", "rings")


@cache
def sample(name: str) -> Image:
    """One of :data:`SAMPLES`."""
    large = SIDE * SMOOTH
    picture = Pillow.new("RGB", (large, large), "white")
    draw = {"house": _house, "shapes": _shapes, "rings": _rings}[name]
    draw(ImageDraw.Draw(picture), large / 100)
    return Image(picture.resize((SIDE, SIDE), Pillow.Resampling.LANCZOS), name)


def _box(unit: float, *sides: float) -> list[float]:
    """Left, top, right, bottom in hundredths of the picture."""
    return [side * unit for side in sides]


def _points(unit: float, *places: tuple[float, float]) -> list[tuple[float, float]]:
    return [(x * unit, y * unit) for x, y in places]


def _house(draw: ImageDraw.ImageDraw, unit: float) -> None:
    """A house on a meadow, a tree, and the sun."""
    for row in range(100):
        blue = 205 + row // 2
        draw.rectangle(_box(unit, 0, row, 100, row + 1), fill=(120 + row, 180 + row // 2, blue))
    draw.rectangle(_box(unit, 0, 68, 100, 100), fill="#6ea84f")
    draw.ellipse(_box(unit, 74, 8, 92, 26), fill="#ffd23f")
    draw.rectangle(_box(unit, 22, 46, 56, 78), fill="#c8553d")
    draw.polygon(_points(unit, (18, 46), (39, 26), (60, 46)), fill="#4a3b35")
    draw.rectangle(_box(unit, 34, 60, 44, 78), fill="#5d3a1a")
    for left in (25.5, 47):
        draw.rectangle(_box(unit, left, 52, left + 6, 58), fill="#fff3c4")
    draw.rectangle(_box(unit, 77, 54, 81, 76), fill="#6b4423")
    draw.ellipse(_box(unit, 67, 34, 91, 60), fill="#2f6b3a")


def _shapes(draw: ImageDraw.ImageDraw, unit: float) -> None:
    """A circle, a square and a triangle on grey."""
    draw.rectangle(_box(unit, 0, 0, 100, 100), fill="#d7d9dd")
    draw.ellipse(_box(unit, 8, 10, 44, 46), fill="#d1495b")
    draw.rectangle(_box(unit, 58, 14, 90, 46), fill="#2e5eaa")
    draw.polygon(_points(unit, (50, 54), (76, 92), (24, 92)), fill="#e6a817")


def _rings(draw: ImageDraw.ImageDraw, unit: float) -> None:
    """Rings around one point: the same everywhere in a direction, and nowhere in another."""
    draw.rectangle(_box(unit, 0, 0, 100, 100), fill="#f4f1ea")
    for ring in range(16):
        radius, dark = 96 - 6 * ring, ring % 2 == 0
        sides = (38 - radius, 42 - radius, 38 + radius, 42 + radius)
        draw.ellipse(_box(unit, *sides), fill="#1f3b4d" if dark else "#e9c46a")
