"""GGUF headers that say something of each layer: lists of ratios, windows, indexers, heads.

The keys are those that llama.cpp reads with ``get_key_or_arr`` or ``get_arr``; sizes were worked
out by hand from what its constructors make.
"""

from dataclasses import replace

import pytest

from attention.kv import engines
from attention.kv.read.catalog import find_model
from attention.kv.read.gguf.shape import from_gguf
from attention.kv.shape import LayerKind, ShapeError
from tests.kv.read.test_gguf import LLAMA, write

GIB = 2**30
V4_FLASH = {
    "block_count": 43,
    "context_length": 1048576,
    "embedding_length": 4096,
    "attention.head_count": 64,
    "attention.head_count_kv": 1,
    "attention.key_length": 512,
    "attention.value_length": 512,
    "attention.sliding_window": 128,
    "attention.indexer.head_count": 64,
    "attention.indexer.key_length": 128,
    "attention.indexer.top_k": 512,
    "attention.compress_ratios": [0, 0, *([4, 128] * 20), 4, 0],
    "rope.dimension_count": 64,
}
GLM = {
    "block_count": 79,
    "nextn_predict_layers": 1,
    "context_length": 1048576,
    "embedding_length": 6144,
    "attention.head_count": 64,
    "attention.head_count_kv": 1,
    "attention.key_length": 576,
    "attention.value_length": 512,
    "attention.key_length_mla": 256,
    "attention.value_length_mla": 256,
    "attention.kv_lora_rank": 512,
    "rope.dimension_count": 64,
    "attention.indexer.key_length": 128,
}
FULL_INDEXERS = [index < 2 or (index - 2) % 4 == 0 for index in range(78)]


@pytest.fixture
def made(tmp_path):
    def make(arch="llama", values=LLAMA, **changes):
        new = {name.replace("__", "."): value for name, value in changes.items()}
        present = {k: v for k, v in {**values, **new}.items() if v is not None}
        return from_gguf(write(tmp_path / "small.gguf", arch, present, tensors=False))

    return make


def total(shape, context, **settings):
    workload = engines.ENGINES["llama.cpp"].workload(context=context, batch=1, **settings)
    return engines.get("llama.cpp")(shape, workload).bytes_total


def test_deepseek_v4_has_compressed_entries_and_no_false_note(made):
    shape = made("deepseek4", V4_FLASH)
    assert total(shape, 131072) == 947_798_016  # 0.88 GiB
    assert shape.assumptions == ()
    same = find_model("DeepSeek-V4-Flash")
    assert shape.kinds == same.kinds == {LayerKind.COMPRESSED: 41, LayerKind.WINDOW: 2}
    assert [replace(layer, origins={}) for layer in shape.layers] == [
        replace(layer, origins={}) for layer in same.layers
    ]


@pytest.mark.parametrize("missing", ["attention.compress_ratios", "attention.sliding_window"])
def test_deepseek_v4_without_what_it_needs(made, missing):
    with pytest.raises(ShapeError) as refused:
        made("deepseek4", {**V4_FLASH, missing: None})
    assert str(refused.value) == f"the GGUF header has no deepseek4.{missing}."


def test_a_ratio_that_deepseek_v4_does_not_have(made):
    with pytest.raises(ShapeError) as refused:
        made("deepseek4", {**V4_FLASH, "attention.compress_ratios": [8] * 43})
    assert str(refused.value) == "8 in compress_ratios is none of 0, 4 and 128."


@pytest.mark.parametrize(
    ("types", "context_length", "gib"),
    [
        (FULL_INDEXERS, 1048576, 11.625),
        ([int(full) for full in FULL_INDEXERS], 1048576, 11.625),
        (None, 1048576, 11.625),  # llama.cpp's own list for GLM-5.2
        (None, 202752, 13.40625),  # GLM-5 and 5.1: every layer has one
        ([True] * 78, 1048576, 13.40625),
    ],
)
def test_glm_keeps_an_indexers_keys_where_its_list_says_so(made, types, context_length, gib):
    shape = made("glm-dsa", GLM, attention__indexer__types=types, context_length=context_length)
    assert total(shape, 131072) == gib * GIB


def test_a_list_that_is_shorter_than_the_model(made):
    with pytest.raises(ShapeError) as refused:
        made("glm-dsa", GLM, attention__indexer__types=[True] * 77)
    assert str(refused.value) == (
        "glm-dsa.attention.indexer.types has 77 entries, but there are 78 layers."
    )


def test_minimax_m3_has_an_indexer_behind_its_dense_layers_and_llama_cpp_a_v_beside_it(made):
    shape = made("minimax-m3", leading_dense_block_count=1, attention__indexer__key_length=32)
    assert [layer.indexer_dim for layer in shape.layers] == [0, 32, 32, 32]
    keys_and_values, keys, unread_v = 4 * 2 * (16 + 16), 3 * 32, 3 * 16
    assert total(shape, 256) == 256 * 2 * (keys_and_values + keys + unread_v)


def test_glm5next_pools_its_indexers_keys(made):
    shape = made(
        "glm5next",
        GLM,
        block_count=4,
        nextn_predict_layers=None,
        attention__head_count_kv=[0, 0, 0, 1],
        rope__dimension_count=0,
        attention__indexer__kpool=4,
        kda__head_dim=128,
        ssm__conv_kernel=4,
    )
    assert shape.kinds == {LayerKind.STATE: 3, LayerKind.LATENT: 1}
    latent = shape.layers[3]
    assert (latent.latent_rank, latent.rope_dim) == (512, 0)
    assert (latent.indexer_dim, latent.indexer_compress) == (128, 4)
    states = 3 * 4 * (3 * 3 * 64 * 128 + 64 * 128 * 128)
    assert total(shape, 256) == 256 * 2 * (512 + 3 * 128) + states


def test_recurrent_layers_by_list(made):
    ssm = {"ssm__conv_kernel": 4, "ssm__inner_size": 128, "ssm__state_size": 6}
    listed = [True, False, True, True]
    shape = made("qwen35", attention__recurrent_layers=listed, **ssm)
    assert [layer.kind is LayerKind.STATE for layer in shape.layers] == listed
    assert shape.origins["layers"] == "qwen35.attention.recurrent_layers"


def test_lightning_attention_keeps_a_square_for_each_head(made):
    shape = made("minimax-01", block_count=8)
    assert shape.kinds == {LayerKind.STATE: 7, LayerKind.GLOBAL: 1}
    assert shape.layers[0].state_numbers == 4 * 16 * 16


WINDOW = {"attention.sliding_window": 32}


@pytest.mark.parametrize(
    ("arch", "changes", "windows"),
    [
        ("mellum", WINDOW, [32, 32, 32, None]),
        ("mellum", {**WINDOW, "attention.sliding_window_pattern": 2}, [32, None, 32, None]),
        (
            "mellum",
            {**WINDOW, "attention.sliding_window_pattern": [False, True, True, True]},
            [None, 32, 32, 32],
        ),
        ("laguna", WINDOW, [None, 32, 32, 32]),
        ("laguna", {}, [None] * 4),
        ("cohere2moe", {**WINDOW, "attention.sliding_window_pattern": 2}, [None, 32, None, 32]),
        ("smallthinker", WINDOW, [None, 4096, 4096, 4096]),
        ("smallthinker", {}, [None] * 4),
        ("lfm2", WINDOW, [32] * 4),
        ("gemma2", {}, [4096, None, 4096, None]),
        ("exaone-moe", {}, [128, 128, 128, None]),
        ("exaone4", WINDOW, [None] * 4),  # those of 64 layers alone have windows
        ("gemma3", {}, [None] * 4),
        ("llama4", {"attention.sliding_window": 0}, [None] * 4),
        ("berrylm", {"attention.sliding_window": [0, 64, 128, 0]}, [None, 64, 128, None]),
        (
            "granite-swa",
            {**WINDOW, "attention.sliding_window_pattern": [True, False] * 2},
            [32, None, 32, None],
        ),
    ],
)
def test_windows_as_the_header_lists_them_or_the_architecture_has_them(
    made, arch, changes, windows
):
    shape = made(arch, {**LLAMA, **changes})
    assert [layer.window for layer in shape.layers] == windows
    assert shape.assumptions == ()


def test_exaone4_of_64_layers_has_windows(made):
    shape = made("exaone4", block_count=64)
    assert shape.kinds == {LayerKind.WINDOW: 48, LayerKind.GLOBAL: 16}
    assert shape.largest_window == 4096


def test_dots3note_has_wider_latents_in_its_windows(made):
    shape = made(
        "dots3note",
        GLM,
        block_count=4,
        nextn_predict_layers=None,
        attention__head_count=[32, 64, 64, 64],
        attention__sliding_window=128,
        attention__sliding_window_pattern=[False, True, True, True],
        attention__kv_lora_rank_swa=1024,
        attention__key_length_mla_swa=256,
        attention__value_length_mla_swa=128,
        attention__indexer__types=[1, 0, 0, 0],
    )
    assert [layer.latent_rank for layer in shape.layers] == [512, 1024, 1024, 1024]
    assert [layer.window for layer in shape.layers] == [None, 128, 128, 128]
    assert [layer.indexer_dim for layer in shape.layers] == [128, 0, 0, 0]
    assert [layer.n_heads for layer in shape.layers] == [32, 64, 64, 64]


def test_a_model_that_loops_over_its_layers_keeps_each_pass(made):
    shape = made("nanbeige", num_loops=3)
    assert shape.n_layers == 12
