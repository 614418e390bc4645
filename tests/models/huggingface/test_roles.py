"""Roles that are measured of a language model, by the atlas of one seed, and kept."""

import numpy as np
import pytest

from attention import atlas
from attention.atlas import quick
from attention.models.huggingface import checkpoint
from tests.models.real import fetched
from tests.models.tiny import load_tiny


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["llama", "gpt2", "bert"])
def test_every_head_gets_a_role(name: str, cache) -> None:
    model = load_tiny(name)
    found = quick.measure_roles(model)
    assert [len(layer) for layer in found] == [config.n_heads for config in model.configs]
    assert all(-1 <= head.score <= 1 for layer in found for head in layer)


@pytest.mark.slow
def test_they_are_kept_and_give_way_to_the_whole_atlas(cache) -> None:
    model = load_tiny("llama")
    assert quick.roles_kept(model) is None
    found = quick.measure_roles(model)
    assert quick.roles_kept(model) == found
    whole = atlas.measure(model)
    atlas.keep(model, whole)
    assert quick.roles_kept(model) == whole.roles != found


def test_one_text_is_measured_at_a_time(cache) -> None:
    seen = []
    quick.measure_roles(load_tiny("llama"), lambda work: seen.append(work) or work())
    assert len(seen) > 10


@pytest.mark.slow
def test_smollm2s_induction_head_is_one_though_it_mostly_rests(cache) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HEADCOUNT_CACHE")  # the folder is found before the cache is another one
        model = checkpoint.load(str(fetched("smollm2")), device="cpu")
    found = model.roles()
    assert found[18][6].name == "induction" and found[18][6].score > 0.8
    assert found[16][0].name == "previous"
    names = np.array([[head.name for head in layer] for layer in found])
    assert (names == "first").sum() > 50
    assert quick.roles_kept(model) == found  # what another process would read
