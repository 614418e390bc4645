"""What was measured of models, on disk."""

import os
from pathlib import Path

import pytest

from attention.models.store import results
from tests.models.tiny import load_tiny


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    return tmp_path


def test_it_comes_back_by_weights_and_by_how(cache: Path) -> None:
    model = load_tiny("llama")
    results.keep(model, ("prune", "1", "a text"), {"loss": 1.5})
    assert results.kept(model, ("prune", "1", "a text"), dict) == {"loss": 1.5}
    assert results.kept(model, ("prune", "2", "a text"), dict) is None
    assert results.kept(load_tiny("gpt2"), ("prune", "1", "a text"), dict) is None


def test_what_cannot_be_read_is_measured_again(cache: Path) -> None:
    model = load_tiny("llama")
    results.keep(model, ("prune",), [1])
    assert results.kept(model, ("prune",), lambda plain: plain["loss"]) is None


def test_what_was_used_longest_ago_goes_first(cache: Path, monkeypatch) -> None:
    monkeypatch.setattr(results, "MOST", 2)
    model = load_tiny("llama")
    for n in range(2):
        results.keep(model, (n,), n)
        [file] = [each for each in (cache / "heads").iterdir() if each.read_text() == str(n)]
        os.utime(file, (n, n))
    assert results.kept(model, (0,), int) == 0  # and now it was used last
    results.keep(model, (2,), 2)
    assert [results.kept(model, (n,), int) for n in range(3)] == [0, None, 2]
