"""A scene as files: each part of the picture as SVG or PNG, and its numbers as CSV.

The scripts that draw the picture in a browser draw it here, too (``stills/``), in V8, which
``mini-racer`` brings: the same scene gives the same bytes on the page, in a notebook and on the
command line. ``resvg-py`` makes the PNG, with the fonts of this machine.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

from attention import picture
from attention.errors import HeadcountError
from attention.extras import named_if_missing
from attention.picture.fonts import with_fonts
from attention.picture.payload import encode, parts_of
from attention.picture.scene import MEASURES, Scene

#: What can be taken; the heads joined, and the map, only of a scene that has them.
PARTS = ("all", "split", "gallery", "head", "joined", "sentence", "cache", "map")
COLOURS = ("light", "dark")
KINDS = ("svg", "png", "csv")
#: Pixels of a PNG for one of the SVG's.
PNG_SCALE = 2


class StillError(HeadcountError):
    """There is no such part of the picture, measure of the map or ground."""


@dataclass(frozen=True)
class Still:
    """One part of a scene.

    Args:
        part: of :data:`PARTS`.
        colours: "light", as for paper, or "dark".
        measure: what the map is coloured by, of :data:`attention.picture.scene.MEASURES`.

    Raises:
        StillError: one of them does not exist.
    """

    scene: Scene
    part: str = "all"
    colours: str = "light"
    measure: str = "entropy"

    def __post_init__(self) -> None:
        lacks = {"map": self.scene.model_map is None, "joined": self.scene.joined is None}
        parts = tuple(part for part in PARTS if not lacks.get(part))
        _check("part of the picture", self.part, parts)
        _check("ground", self.colours, COLOURS)
        _check("measure", self.measure, MEASURES)

    def svg(self) -> str:
        """The text of an SVG file. Words are text in it, and stay so."""
        return self._called("still")

    def png(self) -> bytes:
        """The SVG as PNG, at twice its size."""
        with named_if_missing():
            resvg = importlib.import_module("resvg_py")
        sharp = {"image_rendering": "optimize_speed", "zoom": PNG_SCALE}
        return bytes(resvg.svg_to_bytes(svg_string=with_fonts(self.svg()), **sharp))

    def csv(self) -> str:
        """The numbers of that part, as exact as the page has them."""
        return self._called("numbers")

    def write(self, kind: str, path: str | Path) -> int:
        """Write it as a file, ``kind`` of :data:`KINDS`.

        Returns:
            bytes written.

        Raises:
            OSError: the file cannot be written.
        """
        content = getattr(self, kind)()
        return Path(path).write_bytes(content if kind == "png" else content.encode("utf-8"))

    def _called(self, function: str) -> str:
        with named_if_missing():
            engine = importlib.import_module("py_mini_racer").MiniRacer()
        text, tiles, chosen = parts_of(encode(self.scene))
        look = {"dark": self.colours == "dark", "measure": self.measure}
        with engine:
            engine.eval(picture.still_script())
            return str(engine.call(function, self.part, text, tiles.hex(), chosen.hex(), look))


def _check(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise StillError(f"There is no {what} {value!r}: choose {', '.join(known)}.")
