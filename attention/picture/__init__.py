"""The attention picture: a scene encoded by :mod:`.payload`, drawn by the scripts beside it.

The scripts are plain ES modules, a small file a part. They know nothing of the host: a Streamlit
page, a notebook cell or a self-contained HTML file takes :func:`script` and :func:`style`, and
calls ``drawPicture(node, bytes, {head, token})``.
"""

import re
from functools import cache
from pathlib import Path

from attention import theme

HERE = Path(__file__).parent

#: Every script, each after those that it imports.
PARTS = (
    "text", "dom", "decode", "colours", "paint", "axes", "split", "gallery", "cursor", "heatmap",
    "arcs", "sentence", "cache", "picture",
)  # fmt: skip

_IMPORT = re.compile(r'^import \{[^}]*\} from "[^"]+";\n', re.MULTILINE)
_COMMENT = re.compile(r"^\s*(//.*|/\*\*.*?\*/)\n", re.MULTILINE)
_BLOCK_COMMENT = re.compile(r"^/\*\*.*?\*/\n", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^\s+", re.MULTILINE)


@cache
def script() -> str:
    """All scripts as one, defining ``drawPicture`` and exporting nothing: the host adds its own.

    Imports, comments and indentation are taken out: a Streamlit page sends the script again with
    every change of the data.
    """
    sources = [f"const THEME = {theme.as_json()};\n"]
    for part in PARTS:
        source = (HERE / f"{part}.js").read_text(encoding="utf-8")
        source = _COMMENT.sub("", _BLOCK_COMMENT.sub("", _IMPORT.sub("", source)))
        sources.append(re.sub(r"^export ", "", _INDENT.sub("", source), flags=re.MULTILINE))
    return "".join(sources)


@cache
def style() -> str:
    """The style sheet; every class in it begins with ``hc-``."""
    return (HERE / "picture.css").read_text(encoding="utf-8")
