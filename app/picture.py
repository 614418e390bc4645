"""The attention picture on the page: mounts :mod:`attention.picture` and reads its clicks."""

import json
from dataclasses import dataclass, fields

import streamlit as st

from app.parts import WITH_PARTS
from attention import picture
from attention.picture.scene import MEASURES

MOST_TOKENS = 64  # chosen at once; several.js has the same

# setStateValue costs one rerun (several in one handler, too); the picture has drawn the choice
# before that. A state is repeated at every run, so each choice carries the moment it was made at:
# the same head chosen again is a new choice, also after an example has reset it.
_HOST = """
let made = 0;

export default function ({ parentElement, data, setStateValue }) {
  const chosen = (name) => (value) => {
    made = Math.max(made + 1, Date.now());
    setStateValue(name, [value, made]);
  };
  const on = {
    head: chosen("head"), token: chosen("token"), tokens: chosen("tokens"), layer: chosen("layer"),
    off: chosen("off"), measure: (name) => chosen("measure")(NAMES.indexOf(name)),
    part: chosen("part"), leave: chosen("leave"),
  };
  withParts(({ drawPicture }) => drawPicture(parentElement, data, on));
}
"""

# Once, when the module is imported: to register a changed definition again warns.
_mount = st.components.v2.component(
    "headcount_picture",
    css=picture.style(),
    js=WITH_PARTS + _HOST.replace("NAMES", json.dumps(MEASURES)),
)


@dataclass(frozen=True)
class Click:
    """One choice: what, and when by the browser's clock (ms, never twice the same)."""

    value: int
    made: int


@dataclass(frozen=True)
class Several:
    """The same of several at once."""

    values: tuple[int, ...]
    made: int


@dataclass(frozen=True)
class Clicks:
    """What the visitor last chose in the picture; None is nothing yet."""

    head: Click | None = None
    token: Click | None = None
    layer: Click | None = None
    off: Click | None = None  # a head of the layer that is shown, to be switched off or on
    measure: Click | None = None  # its place in :data:`attention.picture.scene.MEASURES`
    part: Click | None = None  # its place in the presenter's view
    leave: Click | None = None  # that view; the value says nothing
    tokens: "Several | None" = None  # chosen at once, the one whose numbers are shown first


def show_picture(payload: bytes, key: str) -> None:
    """Draw an encoded scene. Choices arrive in the session under ``key``, see :func:`parse_clicks`.

    With the same ``key`` the picture stays in the page and is updated in place.
    """
    _mount(
        key=key,
        data=payload,
        on_head_change=_heard,
        on_token_change=_heard,
        on_tokens_change=_heard,
        on_layer_change=_heard,
        on_off_change=_heard,
        on_measure_change=_heard,
        on_part_change=_heard,
        on_leave_change=_heard,
    )


def parse_clicks(value: object) -> Clicks:
    """Read the component's value, which the browser made: whatever is no pair of counts is None.

    The range above is not known here: the caller compares with its layers, heads and tokens.
    """
    names = [each.name for each in fields(Clicks) if each.name != "tokens"]
    clicks = {name: parse_click(value, name) for name in names}
    return Clicks(**clicks, tokens=_parse_several(value, "tokens"))


def parse_click(value: object, name: str) -> Click | None:
    """One choice of a component's value, which the browser made; None where it is no such."""
    try:
        chosen, made = value[name]  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        return None
    return Click(chosen, made) if _is_count(chosen) and _is_count(made) else None


def _parse_several(value: object, name: str) -> Several | None:
    try:
        chosen, made = value[name]  # type: ignore[index]
        counts = all(map(_is_count, chosen)) and 0 < len(chosen) <= MOST_TOKENS
    except (KeyError, TypeError, ValueError):
        return None
    return Several(tuple(chosen), made) if counts and _is_count(made) else None


def _is_count(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


def _heard() -> None:
    """A state needs a callback to exist; the page reads the value when it runs."""
