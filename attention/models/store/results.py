"""What was measured of models, on disk: JSON under ``heads/`` in the cache folder."""

import hashlib
import json
from collections.abc import Callable, Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from attention.models.base import Model
from attention.models.store import inventory
from attention.version import versions

Result = TypeVar("Result")
How = tuple[Hashable, ...]
MOST = 512  # files; the one that was read or written longest ago goes first


def kept(model: Model, how: How, read: Callable[[Any], Result]) -> Result | None:
    """What was measured of these weights before, in the same way; None where nothing was kept.

    Args:
        how: what was measured, by what protocol, and on what: all that decides the result.
        read: of what :func:`keep` was given; what it cannot read is measured again.
    """
    place = _place(model, how)
    if place is None:
        return None
    try:
        found = read(json.loads(place.read_text(encoding="utf-8")))
        place.touch()
    except (OSError, ValueError, TypeError, KeyError, IndexError):
        return None
    return found


def keep(model: Model, how: How, plain: Any) -> None:
    """Write it down; where the folder cannot be written, it is measured again next time.

    Args:
        plain: dictionaries, lists, strings and numbers.
    """
    place = _place(model, how)
    if place is None:
        return
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(".part")
        part.write_text(json.dumps(plain), encoding="utf-8")
        part.replace(place)
        _drop_oldest(place.parent)


def _place(model: Model, how: How) -> Path | None:
    """Another device, number format or package may change a digit: they are in the name."""
    fingerprint = model.fingerprint()
    if fingerprint is None:
        return None
    whole = (fingerprint, how, model.device, model.number_format, versions())
    digest = hashlib.sha256(repr(whole).encode())
    return inventory.folder() / "heads" / f"{digest.hexdigest()[:32]}.json"


def _drop_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
    for file in files[:-MOST]:
        file.unlink(missing_ok=True)
