from pathlib import Path

import pytest

from attention import atlas
from attention.atlas import Atlas
from attention.models.base import Model
from tests.models.tiny import load_tiny


@pytest.fixture(scope="module")
def model() -> Model:
    return load_tiny("llama")


@pytest.fixture(scope="module")
def found(model: Model) -> Atlas:
    return atlas.measure(model, seeds=1)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    return tmp_path


def test_it_is_kept_by_weights_seeds_and_protocol(model, found, cache: Path, monkeypatch) -> None:
    assert atlas.kept(model, seed=0, seeds=1) is None
    atlas.keep(model, found)
    assert atlas.kept(model, seed=0, seeds=1) == found
    assert atlas.kept(model, seed=1, seeds=1) is None
    assert atlas.kept(model, seed=0, seeds=1, twin=False) is None
    assert atlas.kept(load_tiny("gpt2"), seed=0, seeds=1) is None
    monkeypatch.setattr("attention.atlas.store.PROTOCOL", atlas.PROTOCOL + "x")
    assert atlas.kept(model, seed=0, seeds=1) is None


def test_what_cannot_be_read_is_measured_again(model, found, cache: Path) -> None:
    atlas.keep(model, found)
    [file] = (cache / "heads").iterdir()
    file.write_text("[[1]]", encoding="utf-8")
    assert atlas.kept(model, seed=0, seeds=1) is None


def test_a_folder_that_cannot_be_written_is_no_error(
    model, found, tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path / "file"))
    atlas.keep(model, found)


def test_a_model_in_memory_may_change_and_is_not_kept(
    model, found, cache: Path, monkeypatch
) -> None:
    monkeypatch.setattr(model, "source", "memory")
    atlas.keep(model, found)
    assert atlas.kept(model, seed=0, seeds=1) is None
    assert list(cache.iterdir()) == []
