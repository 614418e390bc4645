"""Atlases on disk: under ``heads/`` in the cache folder, by weights, texts, protocol and seeds."""

import hashlib
import json
from pathlib import Path

from attention.atlas.heads import PROTOCOL, Atlas
from attention.atlas.ordinary import HELD_OUT
from attention.models.base import Model
from attention.models.store import inventory
from attention.version import versions


def kept(model: Model, *, seed: int, seeds: int, twin: bool = True) -> Atlas | None:
    """What was measured of these weights before, in the same way; None where nothing was kept."""
    place = _place(model, seed, seeds, twin)
    if place is None:
        return None
    try:
        return Atlas.of_json(json.loads(place.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep(model: Model, atlas: Atlas, *, twin: bool = True) -> None:
    """Write it down; where the folder cannot be written, it is measured again next time."""
    place = _place(model, atlas.seed, atlas.seeds, twin)
    if place is None:
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(".part")
        part.write_text(json.dumps(atlas.json()), encoding="utf-8")
        part.replace(place)
    except OSError:
        return


def _place(model: Model, seed: int, seeds: int, twin: bool) -> Path | None:
    """Another device, number format or package may change a digit: they are in the name."""
    fingerprint = model.fingerprint()
    if fingerprint is None:
        return None
    how = (PROTOCOL, seed, seeds, twin, model.device, model.number_format, versions())
    digest = hashlib.sha256(HELD_OUT.read_bytes() + f"{fingerprint}{how}".encode())
    return inventory.folder() / "heads" / f"{digest.hexdigest()[:32]}.json"
