"""The attention picture: a scene encoded by :mod:`.payload`, drawn by the scripts beside it.

The scripts are plain ES modules, a small file a part. They know nothing of the host: a Streamlit
page, a notebook cell or a self-contained HTML file takes :func:`script` and :func:`style`, and
calls ``drawPicture(node, data, {head, token, layer})``:

* ``data`` is the bytes of :func:`.payload.encode`, or ``sceneOf(header, tiles, chosen)``, the same
  in parts. Called again on the same node the picture is updated in place.
* ``head(number)`` and ``token(number)`` hear a choice; the picture has drawn it by then.
* ``layer(number)`` hears that another layer is asked for: by a click on the map of the model, which
  calls ``head`` after it, or by Page Up and Page Down. The picture is drawn anew when its data
  come. A host without ``layer`` gets no such keys.
"""

import re
from functools import cache
from pathlib import Path

from attention import theme

HERE = Path(__file__).parent

#: Every script, each after those that it imports; the last one puts the others together.
PARTS = (
    "text", "dom", "terms", "decode", "colours", "paint", "axes", "generated", "split", "map",
    "gallery", "several", "said", "cursor", "heatmap", "joined", "arcs", "strip", "sentence",
    "cache", "announce", "present", "patches", "picture",
)  # fmt: skip

#: The scripts that make files of a scene, SVG and CSV, in a browser or without one.
STILL_PARTS = (
    "stills/xml", "stills/type", "stills/cells", "stills/blocks", "stills/heads",
    "stills/joined", "stills/patches", "stills/line", "stills/sizes", "stills/still",
    "stills/numbers",
)  # fmt: skip

#: What those need where there is no browser.
ENGINE_PART = "stills/engine"

#: Two heads side by side.
PAIR_PARTS = (
    "text", "dom", "terms", "decode", "colours", "paint", "axes", "generated", "several", "cursor",
    "heatmap", "pair",
)  # fmt: skip

#: Weights painted as tiles, for what draws many of them beside the picture.
TILE_PARTS = ("text", "dom", "colours", "paint")

#: The menu that saves such files in a browser, and its charts.
TAKE_PARTS = ("stills/legend", "stills/boxes", "stills/images", "stills/charts", "take")

#: The scripts of a self-contained page, which come after the picture's.
PAGE_PARTS = ("page",)

#: Its style sheets.
STYLES = ("picture.css", "present.css")

THEME_LINE = "const THEME = {};\n"

_IMPORT = re.compile(r'^import \{[^}]*\} from "[^"]+";\n', re.MULTILINE)
_COMMENT = re.compile(r"^\s*(//.*|/\*\*.*?\*/)\n", re.MULTILINE)
_BLOCK_COMMENT = re.compile(r"^/\*\*.*?\*/\n", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^\s+", re.MULTILINE)


@cache
def script() -> str:
    """All scripts as one, defining ``drawPicture`` and exporting nothing: the host adds its own.

    Imports, comments and indentation are taken out: a Streamlit page sends the script with every
    run.
    """
    return THEME_LINE.format(theme.as_json()) + _bundled(PARTS)


@cache
def still_script() -> str:
    """The scripts that make files, for an engine without a browser: see :mod:`.still`."""
    return THEME_LINE.format(theme.as_json()) + _bundled((*PARTS[:-1], *STILL_PARTS, ENGINE_PART))


@cache
def take_script() -> str:
    """:func:`script` and the menu that saves files, ``showTake`` and ``savePage``: ``take.js``."""
    return script() + _bundled((*STILL_PARTS, *TAKE_PARTS))


@cache
def take_style() -> str:
    """Its style sheet."""
    return (HERE / "take.css").read_text(encoding="utf-8")


@cache
def page_script() -> str:
    """All that a self-contained page needs, see :mod:`attention.picture.page`."""
    return take_script() + _bundled(PAGE_PARTS)


@cache
def page_style() -> str:
    """:func:`style` and that of a self-contained page around it, both palettes filled in."""
    page = (HERE / "page.css").read_text(encoding="utf-8")
    for name, palette in (("LIGHT", theme.LIGHT), ("DARK", theme.DARK)):
        page = page.replace(f"{name}.background", palette.background)
        page = page.replace(f"{name}.text", palette.text)
    return page + style() + take_style()


def _bundled(parts: tuple[str, ...]) -> str:
    sources = []
    for part in parts:
        source = (HERE / f"{part}.js").read_text(encoding="utf-8")
        source = _COMMENT.sub("", _BLOCK_COMMENT.sub("", _IMPORT.sub("", source)))
        sources.append(re.sub(r"^export ", "", _INDENT.sub("", source), flags=re.MULTILINE))
    return "".join(sources)


@cache
def pair_script() -> str:
    """What draws two heads side by side, defining ``drawPair``: see :mod:`.pair`."""
    return THEME_LINE.format(theme.as_json()) + _bundled(PAIR_PARTS)


@cache
def tiles_script() -> str:
    """What paints tiles in the page's colours, defining ``paintTile`` and ``readPalette``."""
    return THEME_LINE.format(theme.as_json()) + _bundled(TILE_PARTS)


@cache
def elements_script() -> str:
    """What makes elements, for what needs nothing else of the picture: see ``dom.js``."""
    return _bundled(("dom",))


@cache
def style() -> str:
    """The style sheet; every class in it begins with ``hc-``."""
    return "".join((HERE / name).read_text(encoding="utf-8") for name in STYLES)
