"""Shared by the tests of the page with a language model."""

import pytest

from attention.atlas import quick
from tests.models.tiny import make


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a random checkpoint: 3 layers, 4 heads, 2 KV heads, 256 tokens."""
    return str(make("llama", tmp_path_factory.mktemp("models") / "tiny_llama"))


@pytest.fixture
def any_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The visitor may name any model."""
    monkeypatch.setenv("HEADCOUNT_ANY_MODEL", "1")
    monkeypatch.setattr(quick, "keep", lambda *_, **__: None)  # nothing on this machine's disk
