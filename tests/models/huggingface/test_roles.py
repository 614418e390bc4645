"""Roles that are measured of a language model, and kept."""

import numpy as np
import pytest

from attention.models.huggingface import checkpoint, roles
from attention.models.roles import Role
from attention.text.words import token_of_word
from tests.models.real import fetched
from tests.models.tiny import load_tiny


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["llama", "gpt2", "bert"])
def test_every_head_gets_a_role(name: str) -> None:
    model = load_tiny(name)
    found = roles.measure(model)
    assert [len(layer) for layer in found] == [config.n_heads for config in model.configs]
    assert all(0 <= head.score <= 1 for layer in found for head in layer)


def test_one_text_is_measured_at_a_time() -> None:
    seen = []
    roles.measure(load_tiny("llama"), lambda work: seen.append(work) or work())
    texts = roles._texts()
    assert len(seen) == len(texts["prose"]) + roles.SEGMENTS + len(texts["agreement"])


def test_they_are_kept_by_the_weights(cache) -> None:
    model = load_tiny("llama")
    assert roles.kept(model) is None
    found = tuple((Role("previous", 0.5, 9),) * 4 for _ in range(3))
    roles.keep(model, found)
    assert roles.kept(model) == found
    assert roles.kept(load_tiny("gpt2")) is None
    [file] = (cache / "roles").iterdir()
    file.write_text("[[1]]", encoding="utf-8")
    assert roles.kept(model) is None  # measured again


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path / "file"))
    roles.keep(load_tiny("llama"), ())


def test_the_agreement_texts_name_the_words_that_they_mean() -> None:
    for row in roles._texts()["agreement"]:
        words = row["text"].split()
        for before, subject, between in row["verbs"]:
            assert subject < between < before
            assert words[before + 1] in ("is", "are", "was", "were")
            plural = words[subject].endswith("s")
            assert plural == (words[before + 1] in ("are", "were"))
            assert token_of_word(words, row["text"], before) == before


def test_smollm2s_induction_head_is_one_though_it_mostly_rests(cache) -> None:
    fetched_at = fetched  # the folder is found before the cache is another one
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HEADCOUNT_CACHE")
        model = checkpoint.load(str(fetched_at("smollm2")))
    found = model.roles()
    assert found[18][6].name == "induction" and found[18][6].score > 0.8
    assert found[16][0].name == "previous"
    names = np.array([[head.name for head in layer] for layer in found])
    assert (names == "first").sum() > 50
    assert checkpoint_roles(model) == found


def checkpoint_roles(model):
    """What another process would read."""
    return roles.kept(model)
