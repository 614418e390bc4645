"""The formula: against the simple sum, sums by hand, and itself."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.kv import engines
from attention.kv.allocation import AllocationError
from attention.kv.engines import logical
from attention.kv.equal_layers import cache_bytes
from attention.kv.layer import Cross, Layer, LayerKind, State
from attention.kv.shape import ModelShape, uniform
from attention.kv.workload import Workload

BITS = {"float32": 32, "float16": 16, "bfloat16": 16, "fp8": 8, "int8": 8, "int4": 4}
FORMATS = list(BITS)


def model(*layers, **fields):
    return ModelShape(name="a", model_type="", layers=layers, n_heads=0, **fields)


def full(**changed):
    sizes = {"n_heads": 4, "n_kv_heads": 2, "k_head_dim": 64, "v_head_dim": 64} | changed
    return Layer(**{"kind": LayerKind.GLOBAL, **sizes})


@given(
    n_layers=st.integers(1, 6),
    n_kv_heads=st.integers(1, 6),
    group_size=st.integers(1, 4),
    head_dim=st.integers(1, 9),
    v_head_dim=st.integers(1, 9),
    context=st.integers(1, 40),
    batch=st.integers(1, 4),
    k_format=st.sampled_from(FORMATS),
    v_format=st.sampled_from([None, *FORMATS]),
)
def test_equal_layers_are_the_simple_sum(
    n_layers, n_kv_heads, group_size, head_dim, v_head_dim, context, batch, k_format, v_format
):
    shape = uniform(
        n_layers=n_layers,
        n_heads=n_kv_heads * group_size,
        n_kv_heads=n_kv_heads,
        head_dim=head_dim,
        v_head_dim=v_head_dim,
    )
    workload = Workload(context=context, batch=batch, k_format=k_format, v_format=v_format)
    found = logical.allocate(shape, workload)
    k, v = BITS[k_format], BITS[v_format or k_format]
    bits = n_layers * n_kv_heads * (head_dim * k + v_head_dim * v)
    assert found.bytes_per_token == Fraction(bits, 8)
    assert found.bytes_total == Fraction(bits * context * batch, 8)
    if head_dim == v_head_dim and k == v:
        sizes = {"n_layers": n_layers, "n_kv_heads": n_kv_heads, "head_dim": head_dim}
        product = cache_bytes(**sizes, tokens=context * batch, number_bytes=Fraction(k, 8))
        assert found.bytes_total == product
    assert found.ideal_bytes == found.allocated_bytes == found.bytes_total
    assert logical.ratio_to_mha(shape) == group_size


def test_windows_fill_and_then_add_nothing():
    window = full(kind=LayerKind.WINDOW, window=128)
    shape = model(window, full())
    row = 2 * 2 * 64 * 2  # K and V, heads, head_dim, bytes
    for context in (1, 127, 128, 129, 5000):
        found = logical.allocate(shape, Workload(context=context))
        assert found.bytes_total == row * (context + min(context, 128))
        following = logical.allocate(shape, Workload(context=context + 1))
        assert following.bytes_total - found.bytes_total == found.bytes_per_token


def test_a_latent_layer_keeps_the_latent_and_the_rotated_key():
    """DeepSeek V3: 61 layers of 512 + 64 numbers, 128 heads of 192 and 128 expanded."""
    layer = full(
        kind=LayerKind.LATENT, n_heads=128, n_kv_heads=128, k_head_dim=192, v_head_dim=128,
        latent_rank=512, rope_dim=64,
    )  # fmt: skip
    shape = model(*[layer] * 61)
    found = logical.allocate(shape, Workload(context=1, k_format="bf16"))
    assert found.bytes_total == 61 * 576 * 2 == 70272
    assert logical.ratio_to_mha(shape) == round(128 * 320 / 576, 4)


def test_compressed_entries_and_the_indexer_s_keys():
    layer = full(
        kind=LayerKind.COMPRESSED, window=10, compress=4, n_kv_heads=1, k_head_dim=512,
        v_head_dim=0, indexer_dim=128, indexer_compress=4,
    )  # fmt: skip
    found = logical.allocate(model(layer), Workload(context=103, batch=2))
    assert found.bytes_total == 2 * 2 * (512 * 10 + 512 * 25 + 128 * 25)
    assert found.bytes_per_token == 2 * (512 + 128) / 4


def test_states_are_counted_apart_and_do_not_grow():
    state = Layer(
        kind=LayerKind.STATE,
        states=(
            State(name="convolution", shape=(10, 3)),
            State(name="recurrent", shape=(4, 5), number_format="float32"),
        ),
    )
    shape = model(state, full())
    short, long = (logical.allocate(shape, Workload(context=n, batch=3)) for n in (1, 1000))
    assert short.state_bytes == long.state_bytes == 3 * (30 * 2 + 20 * 4)
    assert long.per_layer[0].other_bytes == long.state_bytes
    assert "States that follow the model's format are taken as float16." in long.assumptions


def test_shared_layers_hold_nothing_and_say_whose_they_read():
    shared = Layer(kind=LayerKind.SHARED, shares=0)
    found = logical.allocate(model(full(), shared), Workload(context=8))
    assert found.per_layer[1].bytes_total == 0
    assert found.per_layer[1].steps == "reads the cache of layer 0 = 0 bytes"


def test_an_encoder_s_tokens():
    cross = Cross(n_kv_heads=4, k_head_dim=64, v_head_dim=64, tokens=1500)
    layer = full(n_kv_heads=4, cross=cross)
    found = logical.allocate(model(layer), Workload(context=448, batch=2))
    assert found.per_layer[0].other_bytes == 2 * 4 * 64 * 1500 * 2 * 2
    asked = logical.ENGINE.workload(context=448, encoder_tokens=7)
    given_tokens = logical.allocate(model(layer), asked)
    assert given_tokens.per_layer[0].other_bytes == 2 * 4 * 64 * 7 * 2
    assert "The encoder's text (or image) is taken as 7 tokens." in given_tokens.assumptions


def test_tensor_parallel_divides_heads_and_copies_what_it_cannot():
    shape = uniform(n_layers=1, n_heads=8, n_kv_heads=4, head_dim=64)
    of = {tp: logical.allocate(shape, Workload(context=10, tp=tp)) for tp in (1, 2, 4, 8)}
    assert [of[tp].bytes_total * tp for tp in (1, 2, 4, 8)] == [
        20480 * n // 2 for n in (1, 1, 1, 2)
    ]
    assert of[8].ideal_bytes == of[4].bytes_total / 2
    assert of[4].gaps == ()
    assert of[8].gaps == (
        "Each of the 8 devices keeps more than a part in 8: a KV head is copied where there are "
        "fewer of them than devices.",
    )
    with pytest.raises(AllocationError) as refused:
        logical.allocate(shape, Workload(context=10, tp=3))
    assert str(refused.value) == (
        "tp 3 and n_kv_heads 4 do not divide: choose a tp that divides n_kv_heads, or that "
        "n_kv_heads divides."
    )


def test_every_figure_opens_into_its_sum():
    shape = model(full(kind=LayerKind.WINDOW, window=4), full(), full(n_kv_heads=1))
    found = logical.allocate(shape, Workload(context=10, k_format="q8_0", v_format="f16"))
    assert found.per_layer[0].steps == (
        "K: 2 KV heads · 64 head_dim · 4 tokens · 1 sequence · 34/32 bytes (q8_0: 34 bytes for 32 "
        "numbers) + V: 2 KV heads · 64 head_dim · 4 tokens · 1 sequence · 2 bytes (float16) "
        "= 1568 bytes"
    )
    assert found.formula.startswith("[1 layer · 2 KV heads · (K: 64 head_dim · 34/32 bytes (q8_0: ")
    assert found.formula.endswith(f" = {found.bytes_total} bytes")


def test_refuses_what_no_size_can_say():
    shape = uniform(n_layers=100, n_heads=2**30, n_kv_heads=2**30, head_dim=2**30)
    with pytest.raises(AllocationError) as refused:
        logical.allocate(shape, Workload(context=2**20))
    assert str(refused.value).endswith("bytes, more than 9223372036854775807.")


@pytest.mark.parametrize("name", ["tensorrt", "", None, 7, "x" * 10**6])
def test_an_unknown_engine_is_one_sentence(name):
    with pytest.raises(AllocationError) as refused:
        engines.get(name)
    assert str(refused.value).endswith(
        "is unknown: choose logical, transformers, vllm, llama.cpp, sglang."
    )
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("name", ["llama.cpp", "LLAMA.CPP", "llamacpp", "vLLM", "SGLang"])
def test_engines_go_by_their_usual_names(name):
    assert engines.get(name)
