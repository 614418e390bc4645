"""Pages of several sizes in one block: DeepSeek V4, and pooled indexer keys as GLM-5.3-Flash's.

The groups and the bytes of a block were compared with ``_get_packed_kv_cache_groups`` of vLLM
0.33.0 itself, run on the same pages; the figures are from there.
"""

import pytest

from attention.kv.allocation import AllocationError
from attention.kv.engines.vllm import ENGINE as VLLM
from attention.kv.engines.vllm.allocate import allocate
from attention.kv.engines.vllm.groups import sort_layers
from attention.kv.engines.vllm.packed import least_padding
from attention.kv.engines.vllm.pool import blocks_of_one_sequence, make_pool, needed_bytes
from attention.kv.layer import Layer, LayerKind, State
from attention.kv.read.catalog import find_model
from tests.kv.layers import full, model

LINEAR = Layer(
    kind=LayerKind.STATE,
    states=(
        State(name="convolution", shape=(24576, 3)),
        State(name="recurrent", shape=(64, 128, 128), number_format="float32"),
    ),
)
POOLED = Layer(
    kind=LayerKind.LATENT, n_heads=64, n_kv_heads=64, k_head_dim=256, v_head_dim=256,
    latent_rank=512, indexer_dim=128, indexer_compress=16,
)  # fmt: skip
GLM = model(*[POOLED if i % 4 == 3 else LINEAR for i in range(45)], model_type="glm5_next_text")


def groups_of(shape, **settings):
    return sort_layers(shape, VLLM.workload(**{"context": 131072, **settings}))


@pytest.mark.parametrize(
    ("name", "row", "layers"),
    [
        ("DeepSeek-V4-Flash", 1002240, [22, 21, 62, 42, 20]),
        ("DeepSeek-V4-Pro", 1435968, [31, 30, 91, 60, 31]),
    ],
)
def test_deepseek_v4_has_five_groups(name, row, layers):
    groups = groups_of(find_model(name))
    assert groups.row == row
    assert sorted(len(members) for _, members in groups.groups) == sorted(layers)
    sizes = {(spec.kind, spec.window, spec.block_size) for spec, _ in groups.groups}
    assert sizes == {("window", 128, 64), ("full", 0, 256), ("window", 8, 4), ("window", 128, 8)}


def test_deepseek_v4_pages_are_multiples_of_576():
    """An entry of 584 bytes, 64 of them in 37,376: 37,440."""
    groups = groups_of(find_model("DeepSeek-V4-Flash"))
    pages = {spec.page for _, spec in groups.members}
    assert pages == {37440, 8640, 1728, 32832}


def test_a_sequence_of_deepseek_v4():
    shape, workload = find_model("DeepSeek-V4-Flash"), VLLM.workload(context=131072)
    flight = 2 * 2048
    each = 512 + 2 * (-(-(127 + flight) // 64) + 1)  # entries, and two groups of windows
    each += -(-(7 + flight) // 4) + 1 + -(-(127 + flight) // 8) + 1  # what is to be compressed
    assert blocks_of_one_sequence(shape, workload) == each == 2202
    assert needed_bytes(shape, workload) == each * 1002240
    found = allocate(shape, workload)
    assert found.bytes_total == each * 1002240
    assert found.usable_tokens == 131072
    pool = make_pool(shape, workload, 10 * each * 1002240)
    assert (pool.tokens, pool.concurrency) == (1310720, 10)
    stored = "Whatever the number format, entries are stored as fp8_ds_mla: 584 bytes each."
    assert stored in found.assumptions


def test_deepseek_v4_drafts_with_a_window_alone():
    groups = groups_of(find_model("DeepSeek-V4-Flash"), speculative_tokens=2)
    windows = [m for spec, m in groups.groups if (spec.window, spec.block_size) == (128, 64)]
    assert sum(len(members) for members in windows) == 44


@pytest.mark.parametrize(
    ("version", "row", "each"),
    [
        # 22 slots of each size; of each size as many as the group that has most
        ("0.22", 22 * (37440 + 8640 + 1728), None),
        ("0.23", 22 * 37440 + 21 * 8640 + 20 * 1728, None),
        ("0.27", 22 * 37440 + 21 * 8640 + 20 * 1728, 2202),
        ("0.28", 1002240, 2202),
    ],
)
def test_deepseek_v4_before_pages_stood_side_by_side(version, row, each):
    """0.22 to 0.27 by ``_get_kv_cache_config_packed``; up to 0.26 a sequence by its bytes."""
    shape = find_model("DeepSeek-V4-Flash")
    workload = VLLM.workload(context=131072, vllm_version=version)
    assert sort_layers(shape, workload).row == row
    if each is None:  # 1 step in flight
        held = [512, 35, 35, 515, 273]
        bytes_of = [1002240, 22 * 37440, 21 * 37440, 21 * (37440 + 8640), 20 * 37440]
        each = -(-sum(n * page for n, page in zip(held, bytes_of, strict=True)) // 1002240)
    assert blocks_of_one_sequence(shape, workload) == each


@pytest.mark.parametrize(
    ("tp", "block", "row", "layers"),
    [
        # rows of the latent are 1,024 bytes: 52,322,688 and so on, rounded up to them
        (1, 4608, 52323328, [9, 9, 8, 8, 22, 11]),
        (8, 1024, 11627520, [9, 9, 8, 8, 22, 11]),
    ],
)
def test_glm_5_3_flash_is_served(tp, block, row, layers):
    groups = groups_of(GLM, tp=tp)
    assert groups.row == row
    assert [len(members) for _, members in groups.groups] == layers
    sizes = {spec.kind: spec.block_size for spec, _ in groups.groups}
    assert sizes == {"state": 1, "full": block, "ring": 16}
    each = blocks_of_one_sequence(GLM, VLLM.workload(context=131072, tp=tp))
    assert each == 4 * 3 + -(-131072 // block) + 1
    found = allocate(GLM, VLLM.workload(context=131072, tp=tp))
    assert found.bytes_total == each * row
    assert any(text.startswith("Pages of several sizes stand side by side") for text in found.gaps)


def test_glm_5_3_flash_drafts():
    groups = groups_of(GLM, tp=8, speculative_tokens=20)
    assert {spec.block_size for spec, _ in groups.groups if spec.kind == "ring"} == {64}
    assert groups.row == 12684288


def test_the_indexer_keeps_a_key_for_a_pool():
    specs = {spec.page for _, spec in groups_of(GLM, tp=8).members if spec.ratio > 1}
    assert specs == {1024 // 16 * 132}


def test_before_0_28_there_is_no_such_model():
    with pytest.raises(AllocationError) as refused:
        groups_of(GLM, vllm_version="0.27")
    assert str(refused.value) == (
        "vLLM 0.27 does not have this model: choose vllm_version 0.28 or a later one."
    )


def test_entries_of_other_sizes_are_refused():
    other = full(kind=LayerKind.COMPRESSED, v_head_dim=0, window=128, compress=16)
    with pytest.raises(AllocationError) as refused:
        groups_of(model(other))
    assert str(refused.value) == (
        "vLLM compresses 4 or 128 tokens into an entry, not 16: choose the engine logical."
    )


@pytest.mark.parametrize(
    ("numbers", "least", "size"), [([43, 21, 20], 21, 22), ([34, 11, 11], 11, 12), ([8, 8], 4, 8)]
)
def test_little_is_padded(numbers, least, size):
    assert least_padding(numbers, least) == size
