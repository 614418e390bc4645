"""A picture from a file, from bytes or from memory: opened within limits, upright, in RGB."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image as Pillow
from PIL import ImageOps

from attention.errors import HeadcountError
from attention.sentence import Sentence

if TYPE_CHECKING:
    import numpy as np

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES, MOST_PIXELS = 32 * 2**20, 64_000_000
LONGEST = 10  # times as long as wide: what is thinner a model's square enlarges beyond measure


class ImageError(HeadcountError):
    """A picture that cannot be read; the message says why."""


@dataclass(frozen=True, eq=False)
class Image:
    """A picture in memory.

    Args:
        pixels: RGB, as Pillow holds it.
        name: of its file, or of one that is built in; "" where it has none.
    """

    pixels: Pillow.Image
    name: str = ""


def open_image(given: Any, name: str = "") -> Image:
    """A picture, whatever it is given as.

    Args:
        given: the path of a PNG, JPEG or WebP file, its bytes, a picture of Pillow, a uint8 array
            ``[height, width, 3]``, or what this function gave.
        name: what to call it, if it is no file.

    Raises:
        ImageError: there is no such file, it is no picture, or it is too large.
    """
    if isinstance(given, Image):
        return given
    if isinstance(given, bytes):
        return _decoded(given, name)
    if isinstance(given, str | os.PathLike):
        return _decoded(_file(Path(given)), Path(given).name)
    if isinstance(given, Pillow.Image):
        return _checked(given, name)
    if hasattr(given, "__array_interface__"):
        return _checked(_of_array(given), name)
    raise ImageError(
        "The picture is a {kind}: give a file's path, its bytes, a picture of Pillow or an array.",
        kind=type(given).__name__,
    )


def _file(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            _too_many_bytes(path.name, size)
        return path.read_bytes()
    except OSError as error:
        raise ImageError(
            "The picture {path!r} cannot be read: {reason}.",
            path=str(path)[:120],
            reason=error.strerror or type(error).__name__,
        ) from None
    except ValueError:  # a name with a zero byte
        raise ImageError("{path!r} is no name of a file.", path=str(path)[:120]) from None


def _decoded(content: bytes, name: str) -> Image:
    if len(content) > MOST_BYTES:
        _too_many_bytes(name, len(content))
    try:
        opened = Pillow.open(io.BytesIO(content), formats=FORMATS)
    except Pillow.DecompressionBombError:
        raise ImageError(
            "{name} has more pixels than can be read: make it smaller than {most} megapixels.",
            name=_called(name),
            most=MOST_PIXELS // 10**6,
        ) from None
    except (OSError, ValueError, SyntaxError):
        raise ImageError(
            "{name} is no picture that can be read: give a PNG, a JPEG or a WebP.",
            name=_called(name),
        ) from None
    return _checked(opened, name)


def _checked(opened: Pillow.Image, name: str) -> Image:
    """Upright and in RGB; a transparent ground becomes white."""
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise ImageError(
            "{name} has {width:,} × {height:,} pixels, and at most {most} megapixels are read: "
            "make it smaller.",
            name=_called(name),
            width=width,
            height=height,
            most=MOST_PIXELS // 10**6,
        )
    if not 0 < max(width, height) <= LONGEST * min(width, height):
        raise ImageError(
            "{name} has {width:,} × {height:,} pixels: give one that is at most {longest} times as "
            "long as wide.",
            name=_called(name),
            width=width,
            height=height,
            longest=LONGEST,
        )
    try:
        upright = ImageOps.exif_transpose(opened)
        if upright.has_transparency_data:
            ground = Pillow.new("RGBA", upright.size, "white")
            upright = Pillow.alpha_composite(ground, upright.convert("RGBA"))
        return Image(upright.convert("RGB"), name)
    except (OSError, ValueError, SyntaxError):
        raise ImageError(
            "{name} is damaged: only a part of it can be read.", name=_called(name)
        ) from None


def _of_array(given: np.ndarray) -> Pillow.Image:
    if given.ndim != 3 or given.shape[2] != 3 or str(given.dtype) != "uint8":
        raise ImageError(
            "The picture is an array of the shape {shape} and of {kind}: give uint8 "
            "[height, width, 3].",
            shape=str(given.shape),
            kind=str(given.dtype),
        )
    if not given.size:
        raise ImageError("The picture is an array without a pixel.")
    return Pillow.fromarray(given)


def _too_many_bytes(name: str, size: int) -> None:
    raise ImageError(
        "{name} has {size} MB, and at most {most} are read: make it smaller.",
        name=_called(name),
        size=-(-size // 2**20),
        most=MOST_BYTES // 2**20,
    )


def _called(name: str) -> str:
    return name[:60] or Sentence("The picture")
