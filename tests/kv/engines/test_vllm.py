"""vLLM's rules beyond the logged cases: blocks, devices, groups, pages."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.kv.allocation import AllocationError
from attention.kv.engines.vllm import ENGINE as VLLM
from attention.kv.engines.vllm import allocate as vllm
from attention.kv.engines.vllm.groups import sort_layers
from attention.kv.engines.vllm.pool import make_pool, needed_bytes, v0_block_bytes
from attention.kv.layer import LayerKind
from tests.kv.layers import delta_net, full, latent, model, window


def replace_settings(workload, **settings):
    made = VLLM.workload(context=workload.context, **settings)
    return replace(workload, settings=made.settings)


TOKEN = 2 * 2 * 64 * 2  # bytes of a token in a layer of `full`, float16


def groups_of(shape, **settings):
    found = sort_layers(shape, VLLM.workload(**{"context": 4096, **settings})).groups
    return [(spec.kind, len(members)) for spec, members in found]


@given(
    context=st.integers(1, 5000),
    batch=st.integers(1, 5),
    size=st.sampled_from([1, 8, 16, 32, 128]),
    prefix=st.integers(0, 5000),
)
def test_a_sequence_takes_whole_blocks_and_shares_whole_blocks(context, batch, size, prefix):
    prefix = min(prefix, context)
    workload = VLLM.workload(context=context, batch=batch, block_size=size, shared_prefix=prefix)
    found = vllm.allocate(model(full(), full()), workload)
    blocks = {
        (0 if (block + 1) * size <= prefix else sequence, block)
        for sequence in range(batch)
        for block in range(-(-context // size))
    }
    assert found.bytes_total == len(blocks) * size * 2 * TOKEN
    assert found.usable_tokens == len(blocks) * size >= found.asked_tokens
    assert found.ideal_bytes <= found.allocated_bytes
    assert found.bytes_per_token == 2 * TOKEN


def test_kv_heads_are_copied_where_there_are_more_devices():
    """vllm-project/vllm: max(1, total_num_kv_heads // tensor_parallel_size)."""
    shape = model(full(n_heads=64, n_kv_heads=4))
    sizes = {
        tp: vllm.allocate(shape, VLLM.workload(context=16, tp=tp)).bytes_total
        for tp in (1, 2, 4, 8, 16)
    }
    assert sizes == {1: 16 * 1024, 2: 16 * 512, 4: 16 * 256, 8: 16 * 256, 16: 16 * 256}


def test_the_latent_is_whole_on_every_device():
    found = vllm.allocate(model(latent()), VLLM.workload(context=64, tp=8, k_format="bf16"))
    assert found.bytes_total == 64 * 576 * 2
    assert found.per_layer[0].parts[0].factors[-2] == (64, "token")
    assert "the latent, which all heads read, is kept whole by each." in found.gaps[0]


def test_sparse_attention_in_fp8_takes_656_bytes_and_132_for_the_indexer():
    sparse = latent(indexer_dim=128)
    fp8 = vllm.allocate(model(sparse, sparse), VLLM.workload(context=64, k_format="fp8"))
    assert fp8.bytes_total == 2 * 64 * (656 + 132)
    half = vllm.allocate(model(sparse, sparse), VLLM.workload(context=64, k_format="bf16"))
    assert half.bytes_total == 2 * 64 * (576 * 2 + 132)


def test_scales_of_each_token_and_head():
    """2 · block_size · num_kv_heads · 4 bytes beside the page."""
    found = vllm.allocate(model(full()), VLLM.workload(context=16, k_format="fp8_per_token_head"))
    assert found.bytes_total == 16 * 2 * (64 + 64) + 2 * 16 * 2 * 4
    plain = vllm.allocate(model(full()), VLLM.workload(context=16, k_format="fp8"))
    assert plain.bytes_total == 16 * 2 * (64 + 64)


def test_nvfp4_has_a_scale_for_16_numbers():
    found = vllm.allocate(model(full(k_head_dim=128)), VLLM.workload(context=16, k_format="nvfp4"))
    assert found.bytes_total == 16 * 2 * ((128 + 64) // 2 + (128 + 64) // 16)


@pytest.mark.parametrize(
    ("n_full", "n_window", "expected"),
    [
        # the examples in kv_cache_utils.py: 1:2, gpt-oss with a draft head, Gemma 3's 5:1
        (10, 20, [("window", 10), ("window", 10), ("full", 10)]),
        (13, 12, [("window", 12), ("full", 13)]),
        (8, 40, [("window", 8)] * 5 + [("full", 8)]),
        (2, 3, [("window", 2), ("window", 1), ("full", 2)]),
    ],
)
def test_layers_are_sorted_into_groups(n_full, n_window, expected):
    shape = model(*[window(1024)] * n_window, *[full()] * n_full)
    assert groups_of(shape) == expected


def test_a_group_that_is_not_full_has_padding_layers():
    shape = model(*[window(64)] * 3, *[full()] * 2)
    workload = VLLM.workload(context=1000, max_batched_tokens=16)
    found = vllm.allocate(shape, workload)
    windows, fulls = -(-(63 + 32) // 16) + 1, -(-1000 // 16)
    page = 16 * TOKEN
    assert found.bytes_total == 2 * page * (2 * windows + fulls)
    assert sum(part.n_bytes for part in found.padding) == page * windows
    assert "A group that is not full has padding layers: their pages are idle." in found.gaps


def test_a_window_holds_a_piece_of_prompt_and_one_block_more():
    for version, flight in (("0.25", 2048), ("0.26", 4096)):
        for context, blocks in ((100, 8), (9000, (1023 + flight + 15) // 16 + 1)):
            asked = VLLM.workload(context=context, vllm_version=version)
            found = vllm.allocate(model(window(1024)), asked)
            assert found.bytes_total == blocks * 16 * TOKEN
        chunk = full(kind=LayerKind.CHUNK, window=1024)
        found = vllm.allocate(model(chunk), VLLM.workload(context=10000, vllm_version=version))
        assert found.bytes_total == (1024 + flight) * TOKEN
    alone = VLLM.workload(context=10000, async_scheduling=False)
    assert vllm.allocate(model(chunk), alone).bytes_total == (1024 + 2048) * TOKEN


def test_without_the_hybrid_manager_windows_keep_every_token():
    shape = model(window(64), full())
    found = vllm.allocate(shape, VLLM.workload(context=4096, hybrid=False))
    assert found.bytes_total == 2 * 4096 * TOKEN
    assert "Without the hybrid manager window layers keep every token." in found.gaps


def test_one_kind_of_layer_with_several_widths_is_one_group():
    shape = model(full(), full(n_kv_heads=4), full(k_head_dim=96))
    assert groups_of(shape) == [("full", 3)]
    found = vllm.allocate(shape, VLLM.workload(context=16))
    assert found.bytes_total == 16 * (TOKEN + 2 * TOKEN + 2 * (96 + 64) * 2)


def test_smaller_pages_get_more_tokens():
    """Gemma 4: one KV head of 512 numbers in global layers, eight of 256 in the others."""
    wide = {"n_heads": 8, "n_kv_heads": 8, "k_head_dim": 256, "v_head_dim": 256}
    narrow = {"n_heads": 8, "n_kv_heads": 1, "k_head_dim": 512, "v_head_dim": 512}
    shape = model(*[window(1024, **wide)] * 5, full(**narrow))
    groups = sort_layers(shape, VLLM.workload(context=4096)).groups
    assert {spec.kind: spec.block_size for spec, _ in groups} == {"window": 16, "full": 64}
    assert len({spec.page for spec, _ in groups}) == 1


def test_pages_that_cannot_be_made_equal_are_refused():
    shape = model(window(64, k_head_dim=80, v_head_dim=80), full())
    with pytest.raises(AllocationError) as refused:
        vllm.allocate(shape, VLLM.workload(context=100, vllm_version="0.23.0"))
    assert str(refused.value) == (
        "vLLM cannot make pages of 8192 and 10240 bytes equal: choose a tp or a format at which "
        "one divides the other."
    )


def test_since_0_24_a_smaller_page_is_padded():
    shape = model(window(64, k_head_dim=80, v_head_dim=80), full())
    groups = sort_layers(shape, VLLM.workload(context=100, vllm_version="0.24.0")).groups
    assert {spec.kind: (spec.page, spec.padding) for spec, _ in groups} == {
        "window": (10240, 0),
        "full": (10240, 2048),
    }


@pytest.mark.parametrize(("k_format", "block"), [("bf16", 784), ("fp8", 1568)])
def test_blocks_grow_until_they_hold_a_state(k_format, block):
    """Qwen3.5-27B: a state of 61440 + 3145728 bytes, tokens of 4096 (fp8: 2048) bytes."""
    attention = full(n_heads=24, n_kv_heads=4, k_head_dim=256, v_head_dim=256)
    shape = model(*[delta_net()] * 3, attention, model_type="qwen3_5_text")
    workload = VLLM.workload(context=100, k_format=k_format, model_format="bf16")
    groups = sort_layers(shape, workload).groups
    sizes = {spec.kind: (spec.block_size, spec.page, spec.padding) for spec, _ in groups}
    page = block * (4096 if k_format == "bf16" else 2048)
    assert sizes["full"] == (block, page, 0)
    assert sizes["state"] == (1, page, page - 61440 - 3145728)
    found = vllm.allocate(shape, workload)
    assert found.bytes_total == (3 * 2 + 1) * page
    assert found.usable_tokens == block
    alone = replace_settings(workload, prefix_caching="off")
    assert vllm.allocate(shape, alone).bytes_total == 4 * page


@given(
    n_full=st.integers(1, 12),
    n_window=st.integers(0, 30),
    context=st.integers(1, 3000),
    sequences=st.integers(1, 4),
)
def test_memory_for_so_many_sequences_is_concurrency_for_as_many(
    n_full, n_window, context, sequences
):
    shape = model(*[window(200)] * n_window, *[full()] * n_full)
    workload = VLLM.workload(context=context)
    needed = needed_bytes(shape, workload)
    pool = make_pool(shape, workload, needed * sequences)
    assert pool.concurrency == sequences
    assert make_pool(shape, workload, needed * sequences - 1).concurrency < sequences
    one = vllm.allocate(shape, workload)
    assert one.bytes_total == needed


def test_v0_keeps_every_token_of_windows():
    shape = model(window(64), full())
    assert v0_block_bytes(shape, VLLM.workload(context=1)) == 2 * 16 * TOKEN


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"k_format": "q8_0"},
            "vLLM has no cache format q8_0: choose float32, float16, bfloat16, fp8, "
            "fp8_per_token_head, int8_per_token_head, nvfp4.",
        ),
        (
            {"k_format": "fp8", "v_format": "f16"},
            "vLLM keeps K and V in one format, not fp8 and float16: leave out V's.",
        ),
    ],
)
def test_refuses_what_it_has_not(settings, sentence):
    with pytest.raises(AllocationError) as refused:
        vllm.allocate(model(full()), VLLM.workload(context=16, **settings))
    assert str(refused.value) == sentence


def test_a_state_that_does_not_divide_is_refused():
    with pytest.raises(AllocationError) as refused:
        vllm.allocate(model(delta_net()), VLLM.workload(context=16, tp=7))
    assert str(refused.value) == (
        "the convolution state's 30720 numbers do not divide over 7 devices: choose another tp."
    )


def test_a_model_without_a_cache_takes_one_block_that_nobody_uses():
    nothing = full(kind=LayerKind.NONE, n_kv_heads=0, k_head_dim=0, n_heads=0, v_head_dim=0)
    from_nothing = make_pool(model(nothing), VLLM.workload(context=16), 2**30)
    assert (from_nothing.blocks, from_nothing.tokens, from_nothing.concurrency) == (1, 0, None)
