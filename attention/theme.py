"""Every colour and size of the project, once: for the picture, the page and the Plotly figures.

The picture's scripts receive this module as JSON (:func:`as_json`) when they are bundled, so a
colour is never written twice. Two palettes, light and dark, hold the same roles.

How the colours were chosen:

* `kv`: eight fills, one a key-value head. Text of colour `on_kv` on any of them reaches a contrast
  of 4.5 (WCAG 2.2, 1.4.3), and any two stay apart under normal sight and under simulated
  protanopia, deuteranopia and tritanopia (Machado et al. 2009).
* `scale`: nine steps from "weight 0", which is the page's own background, to the largest weight,
  with lightness falling (dark: rising) in equal steps of OKLab.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Theme:
    """One palette; every value is a CSS hex colour.

    `scale[0]` is the background. `looks` draws what a token looks at, `looked` who looks at it.
    """

    background: str
    text: str
    muted: str
    line: str
    neutral: str
    on_neutral: str
    kv: tuple[str, ...]
    on_kv: str
    scale: tuple[str, ...]
    looks: str
    looked: str


LIGHT = Theme(
    background="#ffffff",
    text="#16191f",
    muted="#5b6069",
    line="#d9dade",
    neutral="#e3e4e8",
    on_neutral="#33373e",
    kv=("#0d51aa", "#b55355", "#01817e", "#935abf", "#6b6801", "#2c256d", "#7a0c08", "#554d57"),
    on_kv="#ffffff",
    scale=(
        "#ffffff", "#c6e7e7", "#90ced2", "#5cb1c3", "#3792b1",
        "#1e729e", "#145384", "#113666", "#0d1c42",
    ),
    looks="#145384",
    looked="#a8480a",
)  # fmt: skip

DARK = Theme(
    background="#0e1117",
    text="#eceef1",
    muted="#a3a9b4",
    line="#333943",
    neutral="#343a44",
    on_neutral="#dfe2e7",
    kv=("#5accfd", "#d88b13", "#2cb67a", "#ef9ec0", "#bfd156", "#5d7fdf", "#ba6496", "#dee6e1"),
    on_kv="#0e1117",
    scale=(
        "#0e1117", "#182744", "#20416a", "#275f8b", "#2d80a8",
        "#40a3bb", "#62c4ca", "#9fe2d0", "#f3f5cf",
    ),
    looks="#62c4ca",
    looked="#f0a35e",
)  # fmt: skip

#: The fill of each role of a head; text of colour `text` on it reaches a contrast of 4.5. Blue: it
#: looks at a place; orange: at what repeats; green and violet: along a relation of two words.
_ROLES_LIGHT = {
    "previous": "#78c7fd", "next": "#b4e7fc", "self": "#95a4f6", "positional": "#89e7e6",
    "first": "#ebe2bc", "duplicate": "#f7c56d", "induction": "#f78955",
    "subject": "#74c878", "referent": "#c5e68c", "object": "#42ae8e",
    "adjective": "#ed9ee5", "determiner": "#be8df3", "possessor": "#f0d2f7", "semantic": "#f58397",
}  # fmt: skip
_ROLES_DARK = {
    "previous": "#005887", "next": "#38687b", "self": "#394183", "positional": "#006c6c",
    "first": "#4a4121", "duplicate": "#795000", "induction": "#773007",
    "subject": "#1a5b21", "referent": "#506815", "object": "#005137",
    "adjective": "#72386e", "determiner": "#553576", "possessor": "#705676", "semantic": "#782a3b",
}  # fmt: skip

#: Pixels. `text` is the smallest type anywhere; `wide` and `narrow` are the picture's own widths
#: at which it goes from one column to two and from two to three.
SIZES = {"text": 12, "label": 13, "heading": 14, "headline": 26, "narrow": 760, "wide": 1180}


def kv_color(theme: Theme, kv_head: int, n_kv_heads: int, chosen: int | None = None) -> str:
    """The fill of one key-value head.

    Up to as many key-value heads as there are colours, each has its own. Above that a repeated
    colour would suggest sharing that is not there: all are neutral but the `chosen` one.
    """
    if n_kv_heads <= len(theme.kv):
        return theme.kv[kv_head]
    return theme.kv[0] if kv_head == chosen else theme.neutral


def role_color(theme: Theme, role: str) -> str:
    """The fill of a head's role. A head that looks everywhere is neutral, a mixed one has none."""
    if role == "broad":
        return theme.neutral
    return (_ROLES_LIGHT if theme is LIGHT else _ROLES_DARK).get(role, theme.background)


def plotly_colorscale(theme: Theme) -> list[list[float | str]]:
    """The scale of attention weights as Plotly wants it: [[0.0, colour], ..., [1.0, colour]]."""
    last = len(theme.scale) - 1
    return [[step / last, color] for step, color in enumerate(theme.scale)]


def as_json() -> str:
    """Both palettes and the sizes, for the picture's scripts."""
    return json.dumps({"light": asdict(LIGHT), "dark": asdict(DARK), "sizes": SIZES})
