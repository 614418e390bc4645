import re

import pytest

from attention.models.store.names import NAMED

EVERY = tuple(NAMED.values())


def test_the_two_models_by_name():
    assert list(NAMED) == ["smollm2", "minilm"]
    assert all(name == model.name for name, model in NAMED.items())


@pytest.mark.parametrize("model", EVERY, ids=lambda model: model.name)
def test_everything_is_pinned(model):
    files = (*model.hub_files, model.wheel, *model.inside)
    assert all(re.fullmatch(r"[0-9a-f]{64}", file.sha256) for file in files)
    assert all(file.size > 0 for file in files)
    assert re.fullmatch(r"[0-9a-f]{40}", model.hub_revision)
    assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+", model.package)
    distribution, version = model.package.split("==")
    assert model.wheel.name.startswith(f"{distribution.replace('-', '_')}-{version}-py3-none-any")


@pytest.mark.parametrize("model", EVERY, ids=lambda model: model.name)
def test_only_safetensors_from_the_hub(model):
    assert [file.name for file in model.hub_files] == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]


def test_both_sources_of_minilm_are_the_same_files():
    model = NAMED["minilm"]
    assert [f.sha256 for f in model.inside] == [f.sha256 for f in model.hub_files]
