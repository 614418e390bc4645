"""Where fetched models lie, and whether each is there and whole.

A model is a folder in the user's cache: config.json, model.safetensors (float16), tokenizer.json
and tokenizer_config.json, as ``from_pretrained`` of transformers reads them, and manifest.json,
which gives the size and the sha256 of each of them. The manifest is written last and the folder
gets its name after that, so what was interrupted is never taken for a model.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import platformdirs

from attention.errors import HeadcountError
from attention.models.store.names import NAMED, Named, PinnedFile

State = Literal["ready", "absent", "broken"]
MANIFEST = "manifest.json"
FORMAT = 1  # of the folder; to be raised when convert.py writes something else
CHUNK = 1 << 20


class StoreError(HeadcountError):
    """A model that is unknown, not there or not whole. The message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """What is known of one model's folder."""

    name: str
    title: str
    state: State
    path: Path
    source: str | None  # the package or the Hub's revision that it was made from
    weights: str | None  # what its weights are, in words
    size: int  # bytes on disk of its files; 0 when it is not ready
    problem: str | None  # why it is broken


def folder() -> Path:
    """The user's cache folder; ``HEADCOUNT_CACHE`` names another one. It may not exist yet."""
    chosen = os.environ.get("HEADCOUNT_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_cache_path("headcount", appauthor=False)


def named(name: str) -> Named:
    """The catalog's entry.

    Raises:
        StoreError: there is none; the message says which there are.
    """
    if name not in NAMED:
        raise StoreError(f"model {name!r} is unknown: choose {' or '.join(NAMED)}.")
    return NAMED[name]


def held(name: str, *, full: bool = False) -> Held:
    """What is there of a model.

    Args:
        full: read every file and compare its sha256, not only its size (about 0.2 s for SmolLM2's
            272 MB).

    Raises:
        StoreError: the name is unknown.
    """
    model, place = named(name), folder() / name
    found, manifest, problem = place.exists(), None, None
    if found:
        try:
            manifest = _read_manifest(place, model)
            problem = _difference(place, manifest["files"], full)
        except StoreError as error:
            problem = str(error)
    whole = found and problem is None
    return Held(
        name=name,
        title=model.title,
        state="ready" if whole else "broken" if found else "absent",
        path=place,
        source=manifest["source"] if whole else None,
        weights=manifest["weights"] if whole else None,
        size=sum(file.size for file in manifest["files"]) if whole else 0,
        problem=problem,
    )


def state(name: str) -> State:
    """``"ready"``, ``"absent"`` or ``"broken"``, by the manifest and the sizes: well under 1 ms.

    Raises:
        StoreError: the name is unknown.
    """
    return held(name).state


def path(name: str) -> Path:
    """The folder of a model that is ready.

    Raises:
        StoreError: the name is unknown, or the model is not there or not whole.
    """
    there = held(name)
    if there.state == "absent":
        raise StoreError(
            f"{name} is not on this machine yet: run python -m attention fetch {name}."
        )
    if there.state == "broken":
        raise StoreError(
            f"{name} in {there.path} is damaged ({there.problem}): "
            f"run python -m attention fetch {name}."
        )
    return there.path


def at_hand(*, full: bool = False) -> tuple[Held, ...]:
    """Every model of the catalog, in its order, with its state."""
    return tuple(held(name, full=full) for name in NAMED)


def sha256_of(file: Path) -> str:
    """The sha256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def write_manifest(place: Path, model: Named, source: str, weights: str) -> None:
    """Write down what every file of a finished folder is; the last step before it is named."""
    files = [
        PinnedFile(name=file.name, size=file.stat().st_size, sha256=sha256_of(file))
        for file in sorted(place.iterdir())
    ]
    manifest = {
        "format": FORMAT,
        "name": model.name,
        "title": model.title,
        "licence": model.licence,
        "source": source,
        "weights": weights,
        "files": [asdict(file) for file in files],
    }
    (place / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def _read_manifest(place: Path, model: Named) -> dict:
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        files = [
            PinnedFile(name=str(f["name"]), size=int(f["size"]), sha256=str(f["sha256"]))
            for f in manifest["files"]
        ]
        made_as = (manifest["format"], manifest["source"])
        manifest = manifest | {"files": files, "weights": str(manifest["weights"])}
    except FileNotFoundError:
        raise StoreError(f"it has no {MANIFEST}") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreError(f"its {MANIFEST} cannot be read") from None
    if made_as not in {(FORMAT, model.package), (FORMAT, model.hub_source)}:
        raise StoreError("another version of this program made it")
    return manifest


def _difference(place: Path, files: list[PinnedFile], full: bool) -> str | None:
    """The first file that is not what the manifest says, in words."""
    for file in files:
        real = place / file.name
        if real.parent != place or not real.is_file():
            return f"{file.name} is missing"
        if (size := real.stat().st_size) != file.size:
            return f"{file.name} has {size} bytes instead of {file.size}"
        if full and sha256_of(real) != file.sha256:
            return f"{file.name} has changed"
    return None
