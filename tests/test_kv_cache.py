"""Prefill and decode against the full pass; held bytes against sums done by hand."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attention.config import AttentionConfig
from attention.kv_cache import KVCache
from attention.trace import trace_attention
from tests.test_trace import LAYOUTS, weights_for


def decode(x, weights, config, *, prefill, device="cpu", base=100.0):
    """Prefill some tokens, then one at a time: the traces, and the cache."""
    cache = KVCache(1)
    x, weights = x.to(device), [w.to(device) for w in weights]
    steps = [x[:, :prefill]] if prefill else []
    steps += x[:, prefill:].split(1, dim=1)
    traces = [trace_attention(s, *weights, config, rope_base=base, cache=cache) for s in steps]
    return traces, cache


def assert_same_as_full(full, traces, atol):
    start = 0
    for trace in traces:
        stop = start + trace.x.shape[1]
        ours, rest = trace.weights, full.weights[:, :, start:stop, stop:]
        torch.testing.assert_close(
            ours, full.weights[:, :, start:stop, :stop], rtol=0, atol=atol, check_device=False
        )
        assert not rest.any()  # the full pass gives later tokens nothing
        torch.testing.assert_close(
            trace.output, full.output[:, start:stop], rtol=0, atol=atol, check_device=False
        )
        start = stop
    assert start == full.x.shape[1]


@given(
    layout=st.sampled_from(LAYOUTS),
    prefill=st.integers(0, 6),
    steps=st.integers(1, 6),
    base=st.sampled_from([None, 100.0]),
)
def test_prefill_then_decode_equals_the_full_pass(layout, prefill, steps, base):
    config = AttentionConfig(d_model=32, n_heads=layout[0], n_kv_heads=layout[1])
    x, weights = torch.randn(2, prefill + steps, 32), weights_for(config)
    full = trace_attention(x, *weights, config, rope_base=base)
    traces, cache = decode(x, weights, config, prefill=prefill, base=base)
    assert_same_as_full(full, traces, atol=1e-5)
    assert torch.equal(traces[-1].k, cache.append(0, full.k[:, :, :0], full.v[:, :, :0])[0])


def test_prefill_in_two_pieces_masks_as_the_full_pass_does():
    config = AttentionConfig(d_model=32, n_heads=4, n_kv_heads=2)
    x, weights = torch.randn(1, 9, 32), weights_for(config)
    full = trace_attention(x, *weights, config, rope_base=100.0)
    cache = KVCache(1)
    pieces = [
        trace_attention(piece, *weights, config, rope_base=100.0, cache=cache)
        for piece in x.split([4, 5], dim=1)
    ]
    assert_same_as_full(full, pieces, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize(
    ("n_layers", "n_kv_heads", "head_dim", "tokens"), [(2, 2, 16, 7), (3, 1, 6, 1)]
)
def test_bytes_held_are_counted_from_the_tensors(dtype, n_layers, n_kv_heads, head_dim, tokens):
    cache = KVCache(n_layers)
    for layer in range(n_layers):
        for _ in range(tokens):
            k, v = cache.append(layer, *torch.zeros(2, 5, n_kv_heads, 1, head_dim, dtype=dtype))
        assert k.shape == v.shape == (5, n_kv_heads, tokens, head_dim)
    size = 4 if dtype == torch.float32 else 2
    assert cache.nbytes == 2 * n_layers * n_kv_heads * head_dim * tokens * 5 * size
    assert cache.seq_len == tokens


def test_no_larger_tensor_is_kept_alive_behind_the_bytes_that_are_counted():
    fused = torch.randn(1, 6, 3, 8)  # keys of one KV head cut out of a larger projection
    k, v = KVCache(1).append(0, fused[:, :2], fused[:, 2:4])
    for held in (k, v):
        assert held.untyped_storage().nbytes() == held.numel() * held.element_size()
    fused.zero_()
    assert k.any()  # the cache owns its numbers


def test_length_counts_each_layer_and_seq_len_what_every_layer_holds():
    cache = KVCache(2)
    assert (cache.seq_len, cache.nbytes) == (0, 0)
    cache.append(0, *torch.zeros(2, 1, 1, 4, 2))
    assert (cache.length(0), cache.length(1), cache.seq_len) == (4, 0, 0)


@pytest.mark.gpu
def test_prefill_then_decode_on_the_gpu_equals_the_full_pass_on_the_cpu(gpu):
    config = AttentionConfig(d_model=192, n_heads=32, n_kv_heads=8)
    x, weights = torch.randn(1, 40, 192), weights_for(config)
    full = trace_attention(x, *weights, config, rope_base=100.0)
    traces, cache = decode(x, weights, config, prefill=30, device=gpu)
    assert_same_as_full(full, traces, atol=1e-3)
    assert cache.nbytes == 2 * 1 * 8 * 6 * 40 * 4
