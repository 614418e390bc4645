import json

import pytest
import torch

from attention.interventions.sharing import Sharing
from attention.models.huggingface import checkpoint
from attention.models.losses import losses
from attention.models.store import twins
from attention.uptraining import named
from attention.uptraining.twin import keep, names_of
from tests.models.real import fetched
from tests.models.tiny import load_tiny

HELD_OUT = (
    "The train was late again this morning, so we waited on the platform and talked about the "
    "weather. When it arrived at last, every seat was taken, and my brother had to stand beside "
    "the door with a large bag of apples that he wanted to give to our grandmother."
)
CARD = {"kv_heads": 1, "by": "mean", "grouping": "contiguous", "seed": 0}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(twins, "FOLDER", tmp_path)
    for name in ("smollm2-kv1", "smollm2-kv2", "unheard-kv1", "minilm"):
        (tmp_path / f"{name}.safetensors").touch()
    (tmp_path / "smollm2-kv1.json").write_text(json.dumps(CARD))
    return tmp_path


def test_a_twin_is_known_by_its_file(folder):
    assert twins.twins_of("smollm2") == (1, 2)
    assert twins.twins_of("minilm") == ()
    assert twins.file_of("smollm2-kv1") == folder / "smollm2-kv1.safetensors"
    assert twins.card_of("smollm2-kv1") == CARD
    assert twins.twin_name("smollm2", 2) == "smollm2-kv2"


@pytest.mark.parametrize("name", ["smollm2", "smollm2-kv3", "unheard-kv1", "../smollm2-kv1", ""])
def test_any_other_name_is_its_own(folder, name):
    assert (twins.file_of(name), twins.card_of(name), twins.base_of(name)) == (None, None, name)


def test_a_twin_has_its_own_keys_and_values_and_all_else_of_the_original(folder, monkeypatch):
    fetched_one = load_tiny("llama")
    monkeypatch.setattr(checkpoint, "load", lambda name, **_: {"smollm2": fetched_one}[name])
    taught = fetched_one.shared(Sharing(kv_heads=1))
    own = dict(taught.model.named_parameters())
    trained = {name: own[name].detach() + 0.25 for name in names_of(taught)}
    keep(trained, CARD, folder / "smollm2-kv1.safetensors")
    found = named.load("smollm2-kv1")
    assert found.source == "smollm2-kv1"
    assert found.title == f"{fetched_one.title} with n_kv_heads 1, uptrained"
    for name, value in found.model.named_parameters():
        wanted = trained[name].half().float() if name in trained else own[name]
        assert torch.equal(value, wanted)
    assert named.load("smollm2") is fetched_one


def test_every_twin_that_is_here_is_of_the_model_that_its_card_says():
    for name in (each.stem for each in twins.FOLDER.glob("*.safetensors")):
        card = twins.card_of(name)
        fetched(twins.base_of(name))
        found = named.load(name, device="cpu")
        assert {config.n_kv_heads for config in found.configs} == {card["kv_heads"]}
        assert card["loss_uptrained"] < card["loss_after"]


@pytest.mark.slow
def test_smollm2s_twin_says_more_of_a_text_that_nobody_trained_on_than_the_mean_of_its_heads():
    fetched("smollm2")
    original, twin = (named.load(name, device="cpu") for name in ("smollm2", "smollm2-kv1"))
    rows = torch.tensor([original.encode(HELD_OUT)])
    built, mean, taught = (
        losses(model, rows).mean().item()
        for model in (original, original.shared(Sharing(kv_heads=1)), twin)
    )
    assert built < taught < mean - 2
