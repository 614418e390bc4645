"""A model from the Hub: one of our own, on this machine.

The server answers as much of the Hub's API as huggingface_hub 2.4 asks for.
"""

import contextlib
import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import huggingface_hub
import pytest

from attention.models.huggingface import checkpoint
from attention.models.huggingface.errors import CheckpointError
from tests.models import tiny
from tests.models.adapted import write
from tests.models.store import fetching

ROOT = Path(__file__).parents[3]
COMMIT = "c" * 40
LOAD = (
    "import sys\n"
    "from attention.models.huggingface.checkpoint import CheckpointError, load\n"
    "try:\n"
    "    model = load(sys.argv[1], device='cpu')\n"
    "    print(model.title, model.source, model.architecture, len(model.encode('the cat')))\n"
    "except CheckpointError as error:\n"
    "    print(error)\n"
)


class Hub(http.server.ThreadingHTTPServer):
    """One model, ``us/tiny``, whose files are those of a folder."""

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), Answer)
        self.folder, self.status, self.asked = folder, 200, []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())


class Answer(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.do_GET(body=False)

    def do_GET(self, body=True):
        self.server.asked.append(f"{self.command} {self.path}")
        path = self.path.split("?")[0]
        if self.server.status != 200:
            told = {403: "GatedRepo", 401: "RepoNotFound", 404: "RepoNotFound"}
            self.send_response(self.server.status)
            self.send_header("X-Error-Code", told.get(self.server.status, "x"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif re.fullmatch(rf"/us/tiny/resolve/(main|{COMMIT})/[\w.-]+", path):
            file = self.server.folder / path.rsplit("/", 1)[1]
            self.send(file.read_bytes() if file.is_file() else None, body)
        elif path.startswith("/api/models/us/tiny/tree/"):
            self.send(json.dumps([self.entry(name) for name in self.server.names()]).encode(), body)
        elif path in ("/api/models/us/tiny", "/api/models/us/tiny/revision/main"):
            files = [{"rfilename": name} for name in self.server.names()]
            about = {"id": "us/tiny", "sha": COMMIT, "siblings": files, "private": False}
            self.send(json.dumps(about).encode(), body)
        else:
            self.send(None, body)

    def entry(self, name):
        content = (self.server.folder / name).read_bytes()
        oid = hashlib.sha1(content).hexdigest()
        return {"type": "file", "path": name, "size": len(content), "oid": oid}

    def send(self, content, body):
        self.send_response(200 if content is not None else 404)
        if content is None:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("Content-Length", str(len(content or b"")))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha1(content or b"").hexdigest()}"')
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if body and content:
            with contextlib.suppress(ConnectionError):
                self.wfile.write(content)

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def hub(tmp_path):
    server = Hub(tiny.make("llama", tmp_path / "files"))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def load(monkeypatch, capfd):
    """``load(name, endpoint, home)``: what is said of a model of this name; nothing is printed."""

    def attempt(name, endpoint, home):
        constants = huggingface_hub.constants
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home))
        fetching.point_hub_at(endpoint, monkeypatch.setattr)
        fetching.without_proxy(monkeypatch.setenv)
        huggingface_hub.close_session()  # the next one reads the proxies anew
        capfd.readouterr()
        try:
            model = checkpoint.load(name, device="cpu")
            said = (
                f"{model.title} {model.source} {model.architecture} {len(model.encode('the cat'))}"
            )
        except CheckpointError as error:
            said = str(error)
        assert capfd.readouterr() == ("", "")
        return said

    yield attempt
    huggingface_hub.close_session()


def load_alone(name, endpoint, home):
    """The same from a process of its own, whose client reads its settings when it is imported."""
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HOME": str(home)}
    fetching.without_proxy(environment.__setitem__)
    environment.pop("HF_HUB_OFFLINE", None)
    ran = subprocess.run(
        [sys.executable, "-c", LOAD, name],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.stderr, ran.returncode) == ("", 0)
    return ran.stdout.strip()


@pytest.mark.parametrize("alone", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_model_is_fetched_once_and_is_there_without_a_network(hub, load, tmp_path, alone):
    load = load_alone if alone else load
    (hub.folder / "modeling_own.py").write_text("raise SystemExit")
    (hub.folder / "pytorch_model.bin").write_bytes(b"pickled")
    told = "tiny us/tiny LlamaForCausalLM 2"
    assert load("us/tiny", hub.url, tmp_path / "home") == told
    fetched = {path.name for path in (tmp_path / "home").rglob("*") if path.is_file()}
    assert {"model.safetensors", "config.json", "tokenizer.json"} <= fetched
    assert not {"modeling_own.py", "pytorch_model.bin"} & fetched
    assert load("us/tiny", fetching.CLOSED, tmp_path / "home") == told


def test_without_a_network_and_never_fetched(load, tmp_path):
    told = "us/tiny on the Hub is not on this machine, and the Hub cannot be reached."
    assert load("us/tiny", fetching.CLOSED, tmp_path) == told


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (404, "us/tiny on the Hub does not exist there, or is private."),
        (
            403,
            "us/tiny on the Hub wants its licence accepted: do so there, and log in with hf auth "
            "login.",
        ),
        (418, "us/tiny on the Hub could not be fetched: the Hub answered 418."),
    ],
)
def test_what_the_hub_refuses(hub, load, tmp_path, status, told):
    hub.status = status
    assert load("us/tiny", hub.url, tmp_path / "home") == told


def test_what_would_be_refused_is_not_downloaded(hub, load, tmp_path):
    (hub.folder / "model.safetensors").rename(hub.folder / "pytorch_model.bin")
    assert load("us/tiny", hub.url, tmp_path / "home") == (
        "The weights are pickled (pytorch_model.bin), which can run code when they are opened: "
        "only safetensors are read."
    )
    config = json.loads((hub.folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Own"}}
    (hub.folder / "config.json").write_text(json.dumps(config))
    said = load("us/tiny", hub.url, tmp_path / "home2")
    assert said.startswith("The model brings Python code of its own (auto_map in config.json)")
    assert not any("tokenizer.json" in asked for asked in hub.asked)


def test_without_a_config(hub, load, tmp_path):
    (hub.folder / "config.json").unlink()
    assert load("us/tiny", hub.url, tmp_path / "home") == "us/tiny on the Hub holds no config.json."


def test_an_adapter_is_fetched_and_put_onto_its_base(hub, load, tmp_path):
    base = hub.folder
    hub.folder, _ = write(tmp_path / "made")
    config = json.loads((hub.folder / "adapter_config.json").read_text())
    config |= {"base_model_name_or_path": str(base)}
    (hub.folder / "adapter_config.json").write_text(json.dumps(config))
    told = "tiny us/tiny LlamaForCausalLM 2"
    assert load("us/tiny", hub.url, tmp_path / "home") == told
    assert load("us/tiny", fetching.CLOSED, tmp_path / "home") == told
    (hub.folder / "adapter_model.safetensors").rename(hub.folder / "adapter_model.bin")
    assert load("us/tiny", hub.url, tmp_path / "home2") == (
        "The weights are pickled (adapter_model.bin), which can run code when they are opened: "
        "only safetensors are read."
    )
