"""Names and files are checked before they are used."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.folder import (
    MAX_CONFIG_BYTES,
    check_weights,
    find_folder,
    is_hub_id,
    looks_like_path,
    read_config,
)

ROOT = Path(__file__).parents[3]
HEAVY = {"torch", "numpy", "transformers", "huggingface_hub"}


@pytest.mark.parametrize("module", ["", ".errors", ".folder"])
def test_loads_without_torch_or_transformers(module):
    name = f"attention.models.huggingface{module}"
    code = f"import sys, {name}; sys.exit(bool({HEAVY} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def message(call, *given):
    with pytest.raises(CheckpointError) as caught:
        call(*given)
    return str(caught.value)


@pytest.mark.parametrize(
    "name", ["gpt2", "Qwen/Qwen3-0.6B", "a_b/c.d-e", "sentence-transformers/x"]
)
def test_hub_ids(name):
    assert is_hub_id(name) and not looks_like_path(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a/b/c",
        "../x",
        "a/..",
        "a/../b",
        "/etc",
        "a b",
        "a/b?x=1",
        "a//b",
        "-a",
        "a--b/c",
        "https:x",
        "a/b\n",
        "é/a",
        "a" * 97,
        "a/" + "b" * 97,
        "~/x",
        "c:\\x",
        "a/b\0",
    ],
)
def test_no_hub_ids(name):
    assert not is_hub_id(name)


@pytest.mark.parametrize("name", ["./x", "../x", "/x", "~/x", "~x", "a\\b", "."])
def test_what_can_only_be_a_folder(name):
    assert looks_like_path(name)


def test_a_folder_is_found_with_its_links_resolved(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "config.json").write_text("{}")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert find_folder(str(tmp_path / "link" / ".." / "link")) == tmp_path / "real"


def test_what_is_no_folder_gets_a_sentence(tmp_path):
    file = tmp_path / "model.safetensors"
    file.touch()
    (tmp_path / "empty").mkdir()
    there, empty = str(file), str(tmp_path / "empty")
    nowhere = "No model is named: give a short name, a folder or a Hub id."
    assert message(find_folder, "") == message(find_folder, "  ") == nowhere
    assert message(find_folder, "./none\0") == "'./none\\x00' is no folder on this machine."
    assert (
        message(find_folder, "~nobody-here/x") == "'~nobody-here/x' is no folder on this machine."
    )
    assert (
        message(find_folder, "/" + "x" * 5000) == f"'/{'x' * 118}…' is no folder on this machine."
    )
    assert (
        message(find_folder, there)
        == f"{there!r} is a file: give the folder that holds config.json."
    )
    assert (
        message(find_folder, empty)
        == f"{empty!r} holds no config.json: it is no Hugging Face checkpoint."
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "config.json is not valid JSON: the download may be broken."),
        ("\x00\xff", "config.json is not valid JSON: the download may be broken."),
        ("[" * 100_000, "config.json is not valid JSON: the download may be broken."),
        ("[]", "config.json names no model_type: it is no Hugging Face checkpoint."),
        ("{}", "config.json names no model_type: it is no Hugging Face checkpoint."),
        ('{"model_type": 3}', "config.json names no model_type: it is no Hugging Face checkpoint."),
        (
            " " * (MAX_CONFIG_BYTES + 1),
            "config.json has 4,194,305 bytes: that is no model's config.",
        ),
    ],
)
def test_a_config_that_is_none_gets_a_sentence(tmp_path, content, told):
    path = tmp_path / "config.json"
    path.write_text(content, encoding="latin-1")
    assert message(read_config, path) == told


def test_one_file_or_those_of_the_index(tmp_path):
    (tmp_path / "model.safetensors").touch()
    assert check_weights(tmp_path) == [tmp_path / "model.safetensors"]
    (tmp_path / "model-1.safetensors").touch()
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "model-1.safetensors"}}))
    assert check_weights(tmp_path) == [tmp_path / "model-1.safetensors"]
    index.write_text(json.dumps({"weight_map": {"a": "model-2.safetensors"}}))
    told = "model-2.safetensors is missing: the download may be incomplete."
    assert message(check_weights, tmp_path) == told


@pytest.mark.parametrize(
    "name", ["../model.safetensors", "/etc/x.safetensors", "a/b.safetensors", "model.bin", ""]
)
def test_an_index_names_nothing_outside_its_folder(tmp_path, name):
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": name}}))
    assert message(check_weights, tmp_path) == (
        "model.safetensors.index.json names files that are not safetensors of its folder."
    )


@pytest.mark.parametrize("content", ["{", "[]", '{"weight_map": 3}', '{"weight_map": {"a": [1]}}'])
def test_an_index_that_is_none_gets_a_sentence(tmp_path, content):
    (tmp_path / "model.safetensors.index.json").write_text(content)
    assert message(check_weights, tmp_path) == (
        "model.safetensors.index.json cannot be read: the download may be broken."
    )


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "model.pt", "weights.PTH", "a.pkl", "x.ckpt"]
)
def test_pickled_weights_are_refused_with_the_reason(tmp_path, name):
    (tmp_path / name).touch()
    assert message(check_weights, tmp_path) == (
        f"The weights are pickled ({name}), which can run code when they are opened: only "
        "safetensors are read."
    )


def test_a_folder_without_weights(tmp_path):
    assert message(check_weights, tmp_path) == "The folder holds no model.safetensors."


GGUF = (
    "model.gguf is a GGUF file, made for llama.cpp: take the same model's folder of safetensors "
    "(python -m attention kv --gguf counts the cache of such a file)."
)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("model.gguf", GGUF),
        (
            "tf_model.h5",
            "The weights are in tf_model.h5, and only safetensors are read: save them so, as "
            "save_pretrained of PyTorch models does.",
        ),
        (
            "model.fp16.safetensors",
            "The folder holds model.fp16.safetensors and no model.safetensors: rename it, if that "
            "is the whole model as save_pretrained writes it.",
        ),
    ],
)
def test_weights_in_another_format(tmp_path, name, told):
    (tmp_path / name).touch()
    assert message(check_weights, tmp_path) == told


def test_a_file_of_llama_cpp_or_a_folder_of_it(tmp_path):
    (tmp_path / "model.gguf").touch()
    assert message(find_folder, str(tmp_path)) == GGUF
    assert message(find_folder, str(tmp_path / "model.gguf")) == GGUF
