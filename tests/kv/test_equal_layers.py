"""Caches of equal layers against what llama.cpp printed, transformers' caches, sums by hand."""

from decimal import Decimal

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import DynamicCache

from attention.kv.allocation import AllocationError
from attention.kv.engines import logical
from attention.kv.equal_layers import cache_bytes
from attention.kv.formats import FormatError, stored_format
from attention.kv.shape import ShapeError, uniform
from attention.kv.workload import Workload, WorkloadError
from attention.kv_cache import KVCache

MIB = 2**20

# (public log, n_layers, n_kv_heads, head_dim, n_ctx, MiB of K and V together), all f16
LLAMA_CPP = [
    ("ggml-org/llama.cpp#8503 Qwen2-7B", 28, 4, 128, 512, "28.00"),
    ("ggml-org/llama.cpp#8138 CodeLlama-13B", 40, 40, 128, 16384, "12800.00"),
    ("ggml-org/llama.cpp#6396 StableLM-3B", 32, 32, 80, 512, "160.00"),
    ("ggml-org/llama.cpp#12012 Phi 4", 40, 10, 128, 4096, "800.00"),
    ("ggml-org/llama.cpp#10080 Mistral-7B-v0.3", 32, 8, 128, 32768, "4096.00"),
    ("ggml-org/llama.cpp#8117 Llama-3-70B", 80, 8, 128, 8192, "2560.00"),
    ("ggml-org/llama.cpp#7337 open_llama_3b", 26, 32, 100, 512, "162.50"),
    ("ggml-org/llama.cpp#14689 stories15M_MOE", 6, 6, 48, 4096, "27.00"),
    ("ggml-org/llama.cpp#9836 Qwen2.5-7B", 28, 4, 128, 131072, "7168.00"),
    ("ggml-org/llama.cpp#7611 Llama-3-8B", 32, 8, 128, 512, "64.00"),
    ("ggml-org/llama.cpp#5469 TinyLlama-1.1B", 22, 4, 64, 512, "11.00"),
    ("ggml-org/llama.cpp#9112 Phi-3.5-mini", 32, 32, 96, 131072, "49152.00"),
    ("ggml-org/llama.cpp#8760 Llama-3.1-70B", 80, 8, 128, 8224, "2570.00"),
    ("ikawrakow/ik_llama.cpp#387 BitNet-2B", 30, 5, 128, 4096, "300.00"),
]


def allocation(sizes, context=1, batch=1, k_format="float16", v_format=None):
    """The formula's, of a model with a query head for each KV head."""
    shape = uniform(**{"n_heads": sizes["n_kv_heads"], **sizes})
    workload = Workload(context=context, batch=batch, k_format=k_format, v_format=v_format)
    return logical.allocate(shape, workload)


def both(sizes, context, batch=1, k_format="float16"):
    """The product and the formula's sum, which must be one."""
    each = stored_format(k_format).bytes_per_number
    product = cache_bytes(**sizes, tokens=context * batch, number_bytes=each)
    assert product == allocation(sizes, context, batch, k_format).bytes_total
    return product


@pytest.mark.parametrize("case", LLAMA_CPP, ids=lambda case: case[0])
def test_equals_what_llama_cpp_printed(case):
    _, n_layers, n_kv_heads, head_dim, n_ctx, mib = case
    sizes = {"n_layers": n_layers, "n_kv_heads": n_kv_heads, "head_dim": head_dim}
    assert both(sizes, n_ctx, k_format="f16") == Decimal(mib) * MIB


def test_int8_is_the_payload_of_llama_cpp_q8_0_and_v_is_typed_apart():
    """ggml-org/llama.cpp#6112, Command-R: K (q8_0) 170.00 MiB, V (f16) 320.00 MiB at 512.

    q8_0 stores 34 bytes for 32 numbers: the 2 are a scale, which is not payload.
    """
    sizes = {"n_layers": 40, "n_kv_heads": 64, "head_dim": 128}
    payload_of_k = 170 * MIB * 32 // 34
    assert allocation(sizes, 512, 1, "int8", "f16").bytes_total == payload_of_k + 320 * MIB


@given(
    n_layers=st.integers(1, 4),
    n_kv_heads=st.integers(1, 6),
    head_dim=st.integers(1, 9),
    seq_len=st.integers(1, 12),
    batch=st.integers(1, 3),
    k_format=st.sampled_from(["float32", "float16", "bfloat16"]),
)
def test_equals_what_transformers_and_our_cache_hold(
    n_layers, n_kv_heads, head_dim, seq_len, batch, k_format
):
    theirs, ours = DynamicCache(), KVCache(n_layers)
    size = (batch, n_kv_heads, seq_len, head_dim)
    for layer in range(n_layers):
        k = torch.zeros(size, dtype=getattr(torch, k_format))
        theirs.update(k, k, layer)
        ours.append(layer, k, k)
    held = sum(
        t.numel() * t.element_size() for layer in theirs.layers for t in (layer.keys, layer.values)
    )
    sizes = {"n_layers": n_layers, "n_kv_heads": n_kv_heads, "head_dim": head_dim}
    assert both(sizes, seq_len, batch, k_format) == held == ours.nbytes
    per_token = allocation(sizes, seq_len, batch, k_format).bytes_per_token
    assert per_token * seq_len * batch == held


def test_v_has_a_width_of_its_own():
    sizes = {"n_layers": 2, "n_kv_heads": 3, "head_dim": 192, "v_head_dim": 128}
    assert allocation(sizes, k_format="fp16").bytes_per_token == 2 * 3 * (192 + 128) * 2
    apart = allocation(sizes, k_format="fp8", v_format="fp32").bytes_per_token
    assert apart == 2 * 3 * (192 * 1 + 128 * 4)


def test_int4_is_half_a_byte_exactly():
    odd = {"n_layers": 3, "n_kv_heads": 1, "head_dim": 5, "v_head_dim": 4}
    assert allocation(odd, k_format="int4").bytes_per_token == 13.5
    total = allocation(odd, 2, 1, "int4").bytes_total
    assert total == 27
    assert isinstance(total, int)
    even = both({"n_layers": 1, "n_kv_heads": 1, "head_dim": 5}, 1, 1, "int4")
    assert even == 5
    assert isinstance(even, int)


def test_large_sizes_lose_no_byte():
    sizes = {"n_layers": 126, "n_kv_heads": 127, "head_dim": 129}
    total = both(sizes, 10**9 + 7, 1001, "fp8")
    assert total == 2 * 126 * 127 * 129 * (10**9 + 7) * 1001
    assert float(total) != total  # a float would have lost some


@pytest.mark.parametrize(
    "value", [0, -1, 1.0, 1.5, True, float("nan"), float("inf"), "8", None, 2**40 + 1, 2**64]
)
@pytest.mark.parametrize("name", ["n_layers", "n_kv_heads", "head_dim", "context", "batch"])
def test_refuses_what_is_no_count(name, value):
    sizes = {"n_heads": 2, "n_layers": 2, "n_kv_heads": 2, "head_dim": 4, "context": 3, "batch": 1}
    sizes |= {name: value}
    with pytest.raises((ShapeError, WorkloadError)) as refused:
        context, batch = sizes.pop("context"), sizes.pop("batch")
        allocation(sizes, context, batch)
    most = 4096 if name == "n_layers" else 1099511627776
    assert str(refused.value) == f"{name} {value!r} is not a whole number from 1 to {most}."


def test_refuses_more_than_a_64_bit_size_can_say():
    sizes = {"n_layers": 2**20, "n_kv_heads": 2**20, "head_dim": 2**20}
    assert cache_bytes(**sizes, number_bytes=1) == 2**61
    with pytest.raises(AllocationError) as refused:
        cache_bytes(**sizes, tokens=4, number_bytes=1)
    assert str(refused.value) == (
        "the cache would take 9223372036854775808 bytes, more than 9223372036854775807."
    )


def test_refuses_half_bytes_that_a_float_cannot_hold():
    sizes = {"n_layers": 3**7, "n_heads": 3**14, "n_kv_heads": 3**14, "head_dim": 3**13}
    with pytest.raises(AllocationError) as refused:  # 3^34 · (1 + 2 / 3^13) int4s
        allocation({**sizes, "v_head_dim": 2}, k_format="int4")
    assert str(refused.value).endswith("bytes cannot be written exactly: choose an even head_dim.")


@pytest.mark.parametrize("name", ["fp7", "", "float", None])
def test_refuses_an_unknown_format(name):
    with pytest.raises(FormatError) as refused:
        stored_format(name)
    assert str(refused.value).startswith(
        f"number format {name!r} is unknown: choose float32, float16, bfloat16, fp8, int8, int4, "
    )


def test_ratio_to_mha_is_the_group_size():
    ratios = [
        logical.ratio_to_mha(uniform(n_layers=1, n_heads=32, n_kv_heads=n, head_dim=8))
        for n in (32, 8, 1)
    ]
    assert ratios == [1, 4, 32]
    shared = {"n_layers": 3, "n_heads": 12, "n_kv_heads": 2, "head_dim": 7}
    unshared = {**shared, "n_kv_heads": 12}
    ratio = allocation(unshared).bytes_per_token / allocation(shared).bytes_per_token
    assert logical.ratio_to_mha(uniform(**shared)) == ratio


def test_heads_that_do_not_divide_are_refused():
    with pytest.raises(ShapeError) as refused:
        uniform(n_layers=1, n_heads=32, n_kv_heads=5, head_dim=8)
    assert str(refused.value) == (
        "n_heads 32 does not divide by n_kv_heads 5: choose n_kv_heads 4 or 8."
    )


def test_formula_has_the_numbers_filled_in():
    llama = {"n_layers": 32, "n_kv_heads": 8, "head_dim": 128}
    assert allocation(llama, 4096, 2, "fp16").formula == (
        "2 (K and V) · 32 layers · 8 KV heads · 128 head_dim · 4096 tokens · 2 sequences · "
        "2 bytes (float16) = 1073741824 bytes"
    )
    apart = {"n_layers": 2, "n_kv_heads": 1, "head_dim": 192, "v_head_dim": 128}
    assert allocation(apart, 10, 1, "fp8", "int4").formula == (
        "2 layers · 1 KV head · (K: 192 head_dim · 1 byte (fp8) + V: 128 head_dim · "
        "½ byte (int4)) · 10 tokens · 1 sequence = 5120 bytes"
    )


def test_assumptions_say_that_scales_are_excluded():
    kept = "Every layer keeps every token's keys and values."
    sizes = {"n_layers": 1, "n_kv_heads": 1, "head_dim": 2}
    assert allocation(sizes, k_format="fp16").assumptions == (kept,)
    assert allocation(sizes, k_format="int4", v_format="fp8").assumptions == (
        kept,
        "int4 counts the payload only: scales and zero points are excluded.",
        "fp8 counts the payload only: scales and zero points are excluded.",
    )
