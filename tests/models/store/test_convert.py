import errno
import json
import os
import subprocess
import sys

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from attention.models.store.convert import ConvertError, convert
from attention.models.store.gguf_llama import GGUFLlama
from tests.models.store import fetching

TEXTS = ("The 12 keys, 2024.", "नमस्ते दुनिया", "🙂👩‍👩‍👧 and\n\ttabs  two", "<|im_start|>user", "")


KEPT = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "max_position_embeddings",
    "rms_norm_eps",
    "rope_parameters",
    "hidden_act",
    "tie_word_embeddings",
    "bos_token_id",
    "eos_token_id",
    "pad_token_id",
)


def converted(source, into, *, gguf_file=None, **replaced):
    """The folder that comes out of the Hub's files or of a GGUF file, and what was reported."""
    model, told = fetching.read(source), []
    hub = {file.name: source / "hub" / file.name for file in model.hub_files}
    files = {"tiny.gguf": gguf_file} if gguf_file else hub | replaced
    into.mkdir()
    convert(model, files, into, lambda done, total: told.append((done, total)))
    return told


@pytest.fixture(params=["hub", "package"])
def folder(request, source, tmp_path):
    gguf_file = source / "tiny.gguf" if request.param == "package" else None
    converted(source, tmp_path / "out", gguf_file=gguf_file)
    return tmp_path / "out"


def test_the_folder_has_what_from_pretrained_reads(folder):
    assert sorted(file.name for file in folder.iterdir()) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    weights = load_file(folder / "model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float16}
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert model.dtype == torch.float16
    wanted, found = fetching.CONFIG, model.config
    for name in KEPT:
        assert getattr(found, name) == getattr(wanted, name), name


def test_a_gguf_file_gives_the_network_that_it_was_made_from(source, tmp_path):
    converted(source, tmp_path / "out", gguf_file=source / "tiny.gguf")
    ours = load_file(tmp_path / "out" / "model.safetensors")
    network = fetching.network().state_dict()
    del network["lm_head.weight"]
    assert ours.keys() == network.keys()
    for name, original in network.items():
        # 4 bits: 15 steps between the least and the largest of 32 numbers in a row.
        blocks = original.reshape(-1, 32)
        step = (blocks.amax(1) - blocks.amin(1)) / 15
        error = (ours[name].float() - original).reshape(-1, 32).abs().amax(1)
        assert (error <= 0.6 * step + 1e-3).all(), name


def test_a_gguf_file_gives_what_transformers_reads_from_it(source, tmp_path):
    converted(source, tmp_path / "out", gguf_file=source / "tiny.gguf")
    theirs = AutoModelForCausalLM.from_pretrained(source, gguf_file="tiny.gguf")
    ours = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    for name, weights in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], weights.half()), name
    ids = torch.tensor([[5, 6, 7, 80, 9]])
    with torch.inference_mode():
        torch.testing.assert_close(ours.float()(ids).logits, theirs(ids).logits, atol=2e-3, rtol=0)


def test_both_sources_give_the_hubs_tokenizer(folder, source):
    assert (folder / "tokenizer.json").read_bytes() == (
        source / "hub" / "tokenizer.json"
    ).read_bytes()


@pytest.mark.parametrize("text", TEXTS)
def test_the_tokenizer_splits_digits_and_gives_every_text_back(folder, text):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(text).input_ids
    assert ids == fetching.tokenizer().encode(text).ids
    assert tokenizer.decode(ids) == text
    assert not any("12" in piece for piece in tokenizer.convert_ids_to_tokens(ids))
    assert (tokenizer.bos_token, tokenizer.eos_token) == fetching.SPECIAL[1:]
    assert tokenizer.model_max_length == 128


def test_it_tells_how_far_it_is(source, tmp_path):
    told = converted(source, tmp_path / "out")
    assert {total for _, total in told} == {400_000}
    done = [done for done, _ in told]
    assert done == sorted(done)
    parameters = sum(w.numel() for w in load_file(source / "hub" / "model.safetensors").values())
    assert done[-1] == 2 * parameters


def test_whole_numbers_stay_and_limits_of_the_tokenizer_go(source, tmp_path):
    save_file({"w": torch.ones(2), "ids": torch.arange(3)}, tmp_path / "w.safetensors")
    limited = fetching.tokenizer()
    limited.enable_truncation(4)
    limited.enable_padding(length=4)
    limited.save(str(tmp_path / "t.json"))
    replaced = {
        "model.safetensors": tmp_path / "w.safetensors",
        "tokenizer.json": tmp_path / "t.json",
    }
    converted(source, tmp_path / "out", **replaced)
    weights = load_file(tmp_path / "out" / "model.safetensors")
    assert (weights["w"].dtype, weights["ids"].dtype) == (torch.float16, torch.int64)
    left = json.loads((tmp_path / "out" / "tokenizer.json").read_bytes())
    assert (left["truncation"], left["padding"]) == (None, None)


def test_a_number_too_large_for_float16_is_refused(source, tmp_path):
    save_file({"w": torch.tensor([1.0, 1e5])}, tmp_path / "w.safetensors")
    with pytest.raises(ConvertError) as error:
        converted(source, tmp_path / "out", **{"model.safetensors": tmp_path / "w.safetensors"})
    assert str(error.value) == "w has a number that float16 cannot hold"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"pre": "llama-bpe"},
            "tokenizer.ggml.pre in the GGUF file is 'llama-bpe' instead of 'smollm'",
        ),
        ({"merges": fetching.MERGES[1:]}, "its tokenizer is not the Hub's"),
        (
            {"tensor": "blk.0.ffn_gate_inp.weight"},
            "the GGUF file has a tensor that is unknown here: 'blk.0.ffn_gate_inp.weight'",
        ),
        (
            {"tensor": "strange"},
            "the GGUF file has a tensor that is unknown here: 'strange'",
        ),
    ],
)
def test_a_gguf_file_of_something_else_is_refused(source, tmp_path, changed, message):
    fetching.write_gguf(tmp_path / "other.gguf", **changed)
    with pytest.raises(ConvertError) as error:
        converted(source, tmp_path / "out", gguf_file=tmp_path / "other.gguf")
    assert str(error.value) == message


def test_a_gguf_file_without_a_field_is_refused(tmp_path):
    file = gguf.GGUFWriter(tmp_path / "bare.gguf", "llama")
    file.add_tensor("token_embd.weight", np.zeros((2, 32), np.float32))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()
    with pytest.raises(ValueError, match=r"^the GGUF file has no tokenizer\.ggml\.model$"):
        GGUFLlama(tmp_path / "bare.gguf")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk")
def test_a_disk_that_the_weights_fill_is_an_os_error(source, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", small]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("this machine allows no mount")
    try:
        with pytest.raises(OSError, match="No space left on device") as error:
            converted(source, small / "out")
        assert error.value.errno == errno.ENOSPC
    finally:
        subprocess.run(["umount", small], check=True)
