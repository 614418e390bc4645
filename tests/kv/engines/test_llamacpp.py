"""llama.cpp's rules beyond the logged cases: padding, streams, windows, formats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.kv.allocation import AllocationError
from attention.kv.engines.llamacpp import ENGINE as LLAMA_CPP
from attention.kv.engines.llamacpp import allocate as llamacpp
from attention.kv.engines.llamacpp.cells import n_streams, stream_cells, window_cells
from attention.kv.formats import FormatError
from attention.kv.layer import Cross, LayerKind
from attention.kv.read.catalog import find_model
from tests.kv.cases import of_engine, shape_of, workload_of
from tests.kv.layers import delta_net, full, latent, model, window

CELL = 2 * 2 * 64 * 2  # bytes of a cell in a layer of `full`, float16


@given(
    context=st.integers(1, 5000),
    batch=st.integers(1, 6),
    unified=st.booleans(),
    pad=st.sampled_from([1, 32, 256]),
)
def test_cells_are_as_few_multiples_of_the_padding_as_hold_the_context(
    context, batch, unified, pad
):
    workload = LLAMA_CPP.workload(context=context, batch=batch, unified=unified, pad=pad)
    found = llamacpp.allocate(model(full()), workload)
    cells, streams = stream_cells(workload), n_streams(workload)
    assert cells % pad == 0
    assert streams == (1 if unified else batch)
    assert found.usable_tokens == cells * streams >= context * batch
    assert (cells - pad) * streams < context * batch
    assert found.bytes_total == cells * streams * CELL
    assert found.ideal_bytes <= found.allocated_bytes


@pytest.mark.parametrize(
    "case",
    [case for case in of_engine("llama.cpp") if "cells" in case["workload"]],
    ids=lambda case: case["id"],
)
def test_the_cells_that_logs_print_follow_from_their_context(case):
    """n_ctx is printed rounded up already, before November 2025 to 32."""
    workload = workload_of({**case, "workload": {**case["workload"], "cells": None, "pad": 32}})
    assert stream_cells(workload) == case["workload"]["cells"]
    allocation = llamacpp.allocate(shape_of(case), workload)
    assert allocation.usable_tokens == allocation.asked_tokens
    assert not [gap for gap in allocation.gaps if "rounded up" in gap]


@pytest.mark.parametrize(
    ("settings", "cells"),
    [
        ({}, 1536),
        ({"n_ubatch": 2048}, 3072),
        ({"batch": 4, "unified": True}, 4608),
        ({"batch": 4}, 1536),
        ({"n_seq_max": 4, "unified": True}, 4608),
        ({"swa_full": True}, 8192),
        ({"context": 1000}, 1024),
        ({"n_ubatch": 100}, 1280),
        ({"n_ubatch": 100, "pad": 32}, 1152),
    ],
)
def test_a_window_cache_has_room_for_a_micro_batch(settings, cells):
    workload = LLAMA_CPP.workload(**{"context": 8192, **settings})
    shape = model(window(1024), full())
    assert window_cells(shape, workload) == cells
    found = llamacpp.allocate(shape, workload)
    assert found.per_layer[0].bytes_total == cells * n_streams(workload) * CELL


def test_windows_everywhere_are_ignored_unless_asked_for():
    shape = model(window(1024), window(1024))
    assert window_cells(shape, LLAMA_CPP.workload(context=8192)) == 8192
    assert window_cells(shape, LLAMA_CPP.workload(context=8192, swa_full=False)) == 1536
    note = "Every layer is a window: llama.cpp ignores such windows and keeps all."
    assert note in llamacpp.allocate(shape, LLAMA_CPP.workload(context=8192)).assumptions


def test_slots_divide_the_context():
    """-c 8192 -np 4."""
    found = llamacpp.allocate(model(full()), LLAMA_CPP.workload(context=8192, n_seq_max=4))
    assert found.bytes_total == 8192 * CELL
    assert found.gaps == (
        "Each of the 4 sequences has 2048 cells, fewer than the context of 8192: -c is divided by "
        "-np.",
    )


def test_given_cells_are_those_of_all_streams():
    shape = model(window(1024), full())
    found = llamacpp.allocate(shape, LLAMA_CPP.workload(context=4096, cells=4096, n_seq_max=3))
    assert found.per_layer[1].bytes_total == 4096 * CELL
    assert found.per_layer[0].bytes_total == 3 * 1365 * CELL  # a window has no more than a stream
    assert found.usable_tokens == 4096


def test_k_and_v_in_formats_of_their_own():
    workload = LLAMA_CPP.workload(context=256, k_format="q8_0", v_format="q4_0")
    found = llamacpp.allocate(model(full()), workload)
    assert found.per_layer[0].k_bytes == 256 * 2 * 64 * 34 // 32
    assert found.per_layer[0].v_bytes == 256 * 2 * 64 * 18 // 32
    assert found.bytes_per_token == 2 * 64 * (34 + 18) // 32


def test_a_head_must_fill_its_blocks():
    """llama_init_from_model: "K cache type q8_0 with block size 32 does not divide"."""
    shape = model(full(k_head_dim=80))
    with pytest.raises(FormatError) as refused:
        llamacpp.allocate(shape, LLAMA_CPP.workload(context=256, k_format="q8_0"))
    assert "K's head_dim 80" in str(refused.value)
    with pytest.raises(FormatError) as refused:
        llamacpp.allocate(
            model(full(v_head_dim=80)),
            LLAMA_CPP.workload(context=256, k_format="f16", v_format="q4_0"),
        )
    assert "V's head_dim 80" in str(refused.value)


def test_without_flash_attention_v_is_as_wide_as_the_widest():
    shape = model(full(n_kv_heads=1), full(n_kv_heads=4))
    found = llamacpp.allocate(shape, LLAMA_CPP.workload(context=256, flash_attn=False))
    assert [layer.v_bytes for layer in found.per_layer] == [256 * 4 * 64 * 2] * 2
    assert [layer.k_bytes for layer in found.per_layer] == [256 * 64 * 2, 256 * 4 * 64 * 2]


@pytest.mark.parametrize(
    ("mla", "k", "v"), [("latent", 576, 0), ("latent_and_v", 576, 512), ("expanded", 24576, 16384)]
)
def test_latent_layers_in_their_three_forms(mla, k, v):
    found = llamacpp.allocate(model(latent()), LLAMA_CPP.workload(context=256, mla=mla))
    assert (found.per_layer[0].k_bytes, found.per_layer[0].v_bytes) == (256 * k * 2, 256 * v * 2)
    assert found.bytes_per_token == (k + v) * 2


def test_states_are_float32_for_every_slot():
    found = llamacpp.allocate(
        model(delta_net(), full()), LLAMA_CPP.workload(context=256, n_seq_max=3)
    )
    assert found.state_bytes == 3 * 4 * (30720 + 48 * 128 * 128)


def test_an_encoder_s_tokens_are_not_kept():
    layer = full(cross=Cross(n_kv_heads=2, k_head_dim=64, v_head_dim=64, tokens=100))
    found = llamacpp.allocate(model(layer), LLAMA_CPP.workload(context=256))
    assert found.bytes_total == 256 * CELL
    assert "K and V of the encoder's tokens are computed anew at each step, not kept." in (
        found.assumptions
    )


def test_it_prints_as_a_c_float_does():
    assert llamacpp.printed_mib(5.625 * 2**20) == "5.62"  # to even, as printf does
    assert llamacpp.printed_mib(76457472) == "72.92"
    assert llamacpp.printed_mib(61 * 576 * 2048 * 34 // 32) == "72.91"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"tp": 2},
            "llama.cpp splits layers, not heads, between devices, so that tp 2 says nothing of its "
            "cache: leave tp out.",
        ),
        (
            {"k_format": "fp8"},
            "llama.cpp has no cache format fp8: choose float32, float16, bfloat16, q8_0, q5_1, "
            "q5_0, q4_1, q4_0, iq4_nl.",
        ),
        (
            {"v_format": "q8_0", "flash_attn": False},
            "llama.cpp keeps V in q8_0 with flash attention alone.",
        ),
    ],
)
def test_refuses_what_it_has_not(settings, sentence):
    with pytest.raises(AllocationError) as refused:
        llamacpp.allocate(model(full()), LLAMA_CPP.workload(context=256, **settings))
    assert str(refused.value) == sentence


def test_compressed_layers():
    """DeepSeek V4: entries of 4 tokens overlap and have an indexer, those of 128 do not."""
    sizes = {"n_kv_heads": 1, "k_head_dim": 512, "v_head_dim": 0, "window": 128}
    fine = full(kind=LayerKind.COMPRESSED, compress=4, indexer_dim=128, indexer_compress=4, **sizes)
    coarse = full(kind=LayerKind.COMPRESSED, compress=128, **sizes)
    workload = LLAMA_CPP.workload(context=4096, batch=2, unified=True)
    found = llamacpp.allocate(model(fine, coarse), workload)
    cells = 8192  # of the pool; a window has 2 · 128 + 512
    assert found.per_layer[0].k_bytes == 1024 * (768 + 2 * cells // 4)
    assert found.per_layer[0].of("other") == 2 * 128 * cells // 4 * 2
    assert found.per_layer[0].of("state") == 4 * 2 * 2 * (8 * 1024 + 8 * 256)
    assert found.per_layer[1].k_bytes == 1024 * (768 + 2 * 256)
    assert found.per_layer[1].of("state") == 4 * 2 * 2 * 128 * 512
    assert found.bytes_per_token == (1024 + 256) / 4 + 1024 / 128
    with pytest.raises(AllocationError) as refused:
        llamacpp.allocate(model(coarse), LLAMA_CPP.workload(context=256, v_format="q8_0"))
    assert str(refused.value) == (
        "llama.cpp keeps compressed layers in one format, not float16 and q8_0: leave out V's."
    )


# Bytes of 1,024 tokens in MiB, as ggml-org/Llama-macOS pull 63 lists them for its app's sums.
PER_1024 = {"0.8B": 12, "2B": 12, "4B": 32, "9B": 32, "27B": 64, "35B-A3B": 20, "122B-A10B": 24,
            "397B-A17B": 30}  # fmt: skip


@pytest.mark.parametrize("size", PER_1024)
def test_a_thousand_tokens_of_qwen_3_5(size):
    shape = find_model(f"Qwen3.5-{size}")
    more, less = (
        LLAMA_CPP.allocate(shape, LLAMA_CPP.workload(context=n)).allocated_bytes
        for n in (3072, 2048)
    )
    assert (more - less) / 2**20 == PER_1024[size]


@pytest.mark.parametrize(("stored", "mib"), [("float16", 1040.0), ("q8_0", 552.5), ("q4_0", 292.5)])
def test_formats_of_a_mistral_small(stored, mib):
    """ggml-org/llama.cpp pull 21551: a fine-tune of Mistral Small 24B, of so many tokens."""
    shape = find_model("Mistral-Small-3.1-24B-2503")
    workload = LLAMA_CPP.workload(context=6656, k_format=stored, v_format=stored)
    assert LLAMA_CPP.allocate(shape, workload).allocated_bytes / 2**20 == mib
