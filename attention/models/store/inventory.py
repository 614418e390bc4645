"""Where fetched models lie, and whether each is there and whole.

A model is a folder in the user's cache: config.json, model.safetensors (float16), tokenizer.json
and tokenizer_config.json, as ``from_pretrained`` of transformers reads them, and manifest.json,
which gives the size and the sha256 of each of them. The manifest is written last and the folder
gets its name after that, so what was interrupted is never taken for a model.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import platformdirs

from attention.errors import HeadcountError, sentence_of
from attention.models.store.names import NAMED, Named, PinnedFile
from attention.sentence import Sentence

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
    source: str | None = None  # the package or the Hub's revision that it was made from
    weights: str | None = None  # what its weights are, in words
    size: int = 0  # bytes on disk of its files; 0 when it is not ready
    problem: str | None = None  # why it is broken


@dataclass(frozen=True, kw_only=True)
class _Manifest:
    """What is used of a folder's manifest.json."""

    source: str
    weights: str
    files: tuple[PinnedFile, ...]


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
        raise StoreError(
            "model {name!r} is unknown: choose {choices}.", name=name, choices=" or ".join(NAMED)
        )
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
    absent = Held(name=name, title=model.title, state="absent", path=place)
    if not place.exists():
        return absent
    try:
        manifest = _read_manifest(place, model)
        _require_whole(place, manifest.files, full)
    except StoreError as error:
        return replace(absent, state="broken", problem=sentence_of(error))
    return replace(
        absent,
        state="ready",
        source=manifest.source,
        weights=manifest.weights,
        size=sum(file.size for file in manifest.files),
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
            "{name} is not on this machine yet: run python -m attention fetch {name}.", name=name
        )
    if there.state == "broken":
        raise StoreError(
            "{name} in {path} is damaged ({problem}): run python -m attention fetch {name}.",
            name=name,
            path=there.path,
            problem=there.problem,
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


def _read_manifest(place: Path, model: Named) -> _Manifest:
    try:
        read = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        files = tuple(
            PinnedFile(name=str(f["name"]), size=int(f["size"]), sha256=str(f["sha256"]))
            for f in read["files"]
        )
        made_as = (read["format"], read["source"])
        manifest = _Manifest(
            source=read["source"], weights=Sentence(str(read["weights"])), files=files
        )
    except FileNotFoundError:
        raise StoreError("it has no {manifest}", manifest=MANIFEST) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreError("its {manifest} cannot be read", manifest=MANIFEST) from None
    if made_as not in {(FORMAT, model.package), (FORMAT, model.hub_source)}:
        raise StoreError(Sentence("another version of this program made it"))
    return manifest


def _require_whole(place: Path, files: Sequence[PinnedFile], full: bool) -> None:
    """Refuse the first file that is not what the manifest says."""
    for file in files:
        real = place / file.name
        if real.parent != place or not real.is_file():
            raise StoreError("{name} is missing", name=file.name)
        if (size := real.stat().st_size) != file.size:
            raise StoreError(
                "{name} has {size} bytes instead of {wanted}",
                name=file.name,
                size=size,
                wanted=file.size,
            )
        if full and sha256_of(real) != file.sha256:
            raise StoreError("{name} has changed", name=file.name)
