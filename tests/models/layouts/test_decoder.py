"""Whole trained layouts against a forward pass in plain numpy, read from the same files."""

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from attention.kv.equal_layers import cache_bytes
from attention.kv.formats import stored_format
from attention.kv_cache import KVCache
from attention.models.layouts.cards import LAYOUTS, available_layouts
from attention.models.layouts.load import EMBEDDING, load_layout
from tests import numpy_oracle
from tests.models.layouts.passes import whole_pass
from tests.rounding import assert_within_rounding

TEXT = "The keys near the old cabinet are here."


def oracle(layout, ids, causal=True, off=None):
    n_heads, n_kv_heads = layout
    model = load_layout(*layout, device="cpu")
    file = load_file(LAYOUTS / f"{n_heads}x{n_kv_heads}.safetensors") | load_file(
        LAYOUTS / EMBEDDING
    )
    state = {name: array.astype(np.float64) for name, array in file.items()}
    bases = model.card["rope_bases"]
    return numpy_oracle.decoder(state, ids, n_heads, n_kv_heads, bases, causal=causal, off=off)


@pytest.mark.parametrize("layout", available_layouts(), ids=lambda layout: "{}x{}".format(*layout))
@pytest.mark.parametrize("causal", [True, False])
def test_every_trained_layout_equals_plain_numpy(layout, causal):
    model = load_layout(*layout, device="cpu")
    ids = model.encode(TEXT)
    trace = whole_pass(model, ids, causal=causal)
    weights, logits = oracle(layout, ids, causal)
    for layer, expected in zip(trace.layers, weights, strict=True):
        np.testing.assert_allclose(layer.weights[0], expected, atol=1e-4)
    given = model.decoder.logits(trace.hidden).detach()
    np.testing.assert_allclose(given[0], logits, atol=1e-3)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 0.02), ("bfloat16", 0.1)])
def test_narrow_formats_stay_near_plain_numpy(dtype, tolerance):
    model = load_layout(8, 2, device="cpu", dtype=dtype)
    ids = model.encode(TEXT)
    layer = whole_pass(model, ids).layers[0]
    assert str(layer.weights.dtype) == f"torch.{dtype}"
    weights, _ = oracle((8, 2), ids)
    np.testing.assert_allclose(layer.weights[0].float(), weights[0], atol=tolerance)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_narrow_formats_are_as_near_as_their_rounding_lets_them_be(dtype):
    assert_near_in_half_precision(load_layout(8, 2, device="cpu", dtype=dtype))


def assert_near_in_half_precision(narrow):
    wide = load_layout(8, 2, device="cpu")
    ids = wide.encode(TEXT)
    layers = zip(*(whole_pass(model, ids).layers for model in (narrow, wide)), strict=True)
    for index, (theirs, ours) in enumerate(layers):
        assert_within_rounding(theirs.weights, ours, index)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("layout", [(8, 8), (8, 2), (8, 1)])
def test_prefill_and_decode_equal_the_full_pass_and_hold_what_the_formula_says(layout, dtype):
    model = load_layout(*layout, device="cpu", dtype=dtype)
    ids = model.encode(TEXT)
    full, cache = whole_pass(model, ids), KVCache(model.n_layers)
    whole_pass(model, ids[:4], cache=cache)
    atol = 1e-4 if dtype == "float32" else 0.1
    for position in range(4, len(ids)):
        step = whole_pass(model, [ids[position]], cache=cache)
        here, there = (model.decoder.logits(trace.hidden) for trace in (step, full))
        torch.testing.assert_close(here[0, 0], there[0, position], rtol=0.02, atol=atol)
        for one, whole in zip(step.layers, full.layers, strict=True):
            seen = whole.weights[0, :, position, : position + 1]
            torch.testing.assert_close(one.weights[0, :, 0], seen, rtol=0.02, atol=atol)
    formula = cache_bytes(
        n_layers=model.n_layers,
        n_kv_heads=layout[1],
        head_dim=model.config.head_dim,
        tokens=len(ids),
        number_bytes=stored_format(dtype).bytes_per_number,
    )
    assert cache.nbytes == formula == (model.measure_cache(ids))


@pytest.mark.parametrize("layout", [(8, 8), (8, 2)])
def test_what_training_runs_is_what_the_trace_shows(layout):
    decoder = load_layout(*layout, device="cpu").decoder
    ids = torch.randint(0, decoder.config.vocab_size, (2, 20))
    given = decoder.logits(decoder.trace(ids).hidden)
    torch.testing.assert_close(decoder(ids), given, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("layout", [(32, 8), (8, 8), (1, 1)])
@pytest.mark.parametrize("causal", [True, False])
def test_without_weights_a_layer_gives_the_same(layout, causal):
    model = load_layout(*layout, device="cpu")
    layer = model.decoder.layers[0]
    x = torch.randn(1, 30, model.config.d_model)
    normed, q_projected, q, k, v = layer.project(x)
    expected, trace = layer.trace(x, causal=causal, cache=None, index=0)
    for ours, theirs in ((normed, trace.x), (q_projected, trace.q_projected), (q, trace.q)):
        torch.testing.assert_close(ours, theirs)
    after = layer.close(x, layer.mix(q, k, v, causal=causal))
    torch.testing.assert_close(after, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_a_trained_layout_on_the_gpu_equals_the_cpu(gpu, dtype):
    here, there = load_layout(8, 2, device="cpu"), load_layout(8, 2, device=gpu, dtype=dtype)
    assert there.device == gpu
    ids = here.encode(TEXT)
    if dtype == "float32":
        both = (whole_pass(model, ids).layers for model in (here, there))
        for ours, theirs in zip(*both, strict=True):
            torch.testing.assert_close(theirs.weights.cpu(), ours.weights, rtol=0, atol=2e-3)
    else:
        assert_near_in_half_precision(there)
    assert there.measure_cache(ids) == here.measure_cache(ids) // (1 if dtype == "float32" else 2)


@pytest.mark.gpu
def test_a_training_step_on_the_gpu_equals_the_cpu(gpu):
    gradients = []
    for device in ("cpu", gpu):
        decoder = load_layout(8, 2, device=device).decoder.requires_grad_(True)
        ids = torch.arange(40, device=device).view(2, 20)
        logits = decoder(ids[:, :-1]).flatten(0, 1)
        torch.nn.functional.cross_entropy(logits, ids[:, 1:].flatten()).backward()
        gradients.append([p.grad.cpu() for p in decoder.parameters()])
    for here, there in zip(*gradients, strict=True):
        torch.testing.assert_close(there, here, rtol=1e-2, atol=1e-4)
