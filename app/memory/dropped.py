"""A file that was dropped on the page. The browser made this value: nothing of it is trusted."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_NAME = 200
LARGEST = 16_000_000  # characters; a header without its vocabulary has a hundredth of it
PROBLEMS = ("too_large", "no_header", "unreadable")


@dataclass(frozen=True)
class Dropped:
    """Its name, and its text or its header; where there is none, ``data`` names the problem."""

    name: str
    data: bytes


def parse_dropped(value: object) -> Dropped | None:
    """What the component sent in this run, or None for nothing and for what is no file."""
    found = value.get("dropped") if isinstance(value, Mapping) else None
    if not isinstance(found, Mapping):
        return None
    name, data = found.get("name"), found.get("data")
    if not isinstance(name, str):
        return None
    name = name[:LONGEST_NAME]
    if found.get("problem") in PROBLEMS:
        return Dropped(name, f"!{found['problem']}".encode())
    if not isinstance(data, str) or len(data) > LARGEST:
        return None
    try:
        return Dropped(name, base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        return None
