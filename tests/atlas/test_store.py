from pathlib import Path

import pytest

from attention import atlas
from tests.models.tiny import load_tiny


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    return tmp_path


def test_it_is_kept_by_weights_seeds_and_protocol(cache: Path, monkeypatch) -> None:
    model = load_tiny("llama")
    assert atlas.kept(model, seed=0, seeds=1) is None
    found = atlas.measure(model, seeds=1)
    atlas.keep(model, found)
    assert atlas.kept(model, seed=0, seeds=1) == found
    assert atlas.kept(model, seed=1, seeds=1) is None
    assert atlas.kept(model, seed=0, seeds=1, twin=False) is None
    assert atlas.kept(load_tiny("gpt2"), seed=0, seeds=1) is None
    monkeypatch.setattr("attention.atlas.store.PROTOCOL", atlas.PROTOCOL + "x")
    assert atlas.kept(model, seed=0, seeds=1) is None


def test_what_cannot_be_read_is_measured_again(cache: Path) -> None:
    model = load_tiny("llama")
    atlas.keep(model, atlas.measure(model, seeds=1))
    [file] = (cache / "heads").iterdir()
    file.write_text("[[1]]", encoding="utf-8")
    assert atlas.kept(model, seed=0, seeds=1) is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path / "file"))
    model = load_tiny("llama")
    atlas.keep(model, atlas.measure(model, seeds=1))


def test_a_model_in_memory_may_change_and_is_not_kept(cache: Path, monkeypatch) -> None:
    model = load_tiny("llama")
    monkeypatch.setattr(model, "source", "memory")
    atlas.keep(model, atlas.measure(model, seeds=1))
    assert atlas.kept(model, seed=0, seeds=1) is None
    assert list(cache.iterdir()) == []
