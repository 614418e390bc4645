"""The attention picture on the page: mounts :mod:`attention.picture` and reads its clicks."""

from dataclasses import dataclass

import streamlit as st

from attention import picture

# setStateValue costs one rerun; the picture has drawn the choice before that.
_HOST = """
export default function ({ parentElement, data, setStateValue }) {
  drawPicture(parentElement, data, {
    head: (head) => setStateValue("head", head),
    token: (token) => setStateValue("token", token),
  });
}
"""

# Once, when the module is imported: to register a changed definition again warns.
_mount = st.components.v2.component(
    "headcount_picture", css=picture.style(), js=picture.script() + _HOST
)


@dataclass(frozen=True)
class Choice:
    """What the visitor last chose in the picture; None is nothing yet."""

    head: int | None = None
    token: int | None = None


def show_picture(payload: bytes, key: str) -> None:
    """Draw an encoded scene. Choices arrive in the session under ``key``, see :func:`parse_choice`.

    With the same ``key`` the picture stays in the page and is updated in place.
    """
    _mount(key=key, data=payload, on_head_change=_heard, on_token_change=_heard)


def parse_choice(value: object) -> Choice:
    """Read the component's value, which the browser made: whatever is not a count is None.

    The range above is not known here: the caller compares with its heads and tokens.
    """
    return Choice(head=_count(value, "head"), token=_count(value, "token"))


def _count(value: object, name: str) -> int | None:
    try:
        number = value[name]  # type: ignore[index]
    except (KeyError, TypeError):
        return None
    is_count = isinstance(number, int) and not isinstance(number, bool) and number >= 0
    return number if is_count else None


def _heard() -> None:
    """A state needs a callback to exist; the page reads the value when it runs."""
