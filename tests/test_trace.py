import dataclasses

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from attention.config import AttentionConfig
from attention.trace import AttentionTrace, trace_attention
from tests import numpy_oracle

LAYOUTS = [(1, 1), (2, 1), (4, 4), (4, 2), (8, 2), (8, 1)]


def weights_for(config, dtype=torch.float32):
    """w_q, w_k, w_v, w_o of size-preserving random numbers."""
    wide, narrow = config.n_heads * config.head_dim, config.n_kv_heads * config.head_dim
    shapes = [(wide, config.d_model), (narrow, config.d_model), (narrow, config.d_model)]
    shapes.append((config.d_model, wide))
    return [torch.randn(shape).div(shape[1] ** 0.5).to(dtype) for shape in shapes]


@given(
    layout=st.sampled_from(LAYOUTS),
    seq_len=st.integers(1, 8),
    causal=st.booleans(),
    base=st.sampled_from([None, 100.0, 10_000.0]),
    biased=st.booleans(),
    head_dim=st.sampled_from([None, 6]),
)
def test_layer_equals_plain_numpy(layout, seq_len, causal, base, biased, head_dim):
    n_heads, n_kv_heads = layout
    config = AttentionConfig(
        d_model=32, n_heads=n_heads, n_kv_heads=n_kv_heads, head_dim=head_dim, causal=causal
    )
    weights = weights_for(config)
    biases = [torch.randn(w.shape[0]) for w in weights] if biased else [None] * 4
    x = torch.randn(2, seq_len, 32)
    named = dict(zip(("b_q", "b_k", "b_v", "b_o"), biases, strict=True))
    trace = trace_attention(x, *weights, config, **named, rope_base=base)
    for b in range(2):
        their_weights, output = numpy_oracle.attention_layer(
            x[b].double().numpy(),
            *(w.double().numpy() for w in weights),
            n_heads,
            n_kv_heads,
            causal=causal,
            base=base,
            biases=[bias.double().numpy() for bias in biases] if biased else None,
        )
        np.testing.assert_allclose(trace.weights[b], their_weights, atol=2e-5)
        np.testing.assert_allclose(trace.output[b], output, atol=2e-4)


def test_every_intermediate_is_kept_with_its_shape():
    config = AttentionConfig(d_model=48, n_heads=8, n_kv_heads=2)
    x = torch.randn(2, 5, 48)
    trace = trace_attention(x, *weights_for(config), config, rope_base=100.0)
    shapes = {
        field.name: tuple(getattr(trace, field.name).shape)
        for field in dataclasses.fields(AttentionTrace)
        if field.name != "config"
    }
    assert shapes == {
        "x": (2, 5, 48),
        "q_projected": (2, 5, 48),
        "k_projected": (2, 5, 12),
        "v_projected": (2, 5, 12),
        "q": (2, 8, 5, 6),
        "k": (2, 2, 5, 6),
        "v": (2, 2, 5, 6),
        "scores": (2, 8, 5, 5),
        "weights": (2, 8, 5, 5),
        "context": (2, 8, 5, 6),
        "merged": (2, 5, 48),
        "output": (2, 5, 48),
    }


def test_intermediates_follow_from_one_another():
    config = AttentionConfig(d_model=32, n_heads=4, n_kv_heads=2)
    w_q, w_k, w_v, w_o = weights_for(config)
    trace = trace_attention(torch.randn(1, 6, 32), w_q, w_k, w_v, w_o, config)
    head, kv_head = 3, 1  # heads 2 and 3 share KV head 1
    own_q = trace.x[0] @ w_q[head * 8 : (head + 1) * 8].T
    torch.testing.assert_close(trace.q[0, head], own_q)
    torch.testing.assert_close(trace.q_projected[0][:, head * 8 : (head + 1) * 8], own_q)
    scores = trace.q[0, head] @ trace.k[0, kv_head].T / 8**0.5
    torch.testing.assert_close(trace.scores[0, head], scores)
    later = torch.ones(6, 6).triu(1).bool()
    torch.testing.assert_close(
        trace.weights[0, head], scores.masked_fill(later, -torch.inf).softmax(-1)
    )
    torch.testing.assert_close(trace.context[0, head], trace.weights[0, head] @ trace.v[0, kv_head])
    torch.testing.assert_close(
        trace.merged[0][:, head * 8 : (head + 1) * 8], trace.context[0, head]
    )
    torch.testing.assert_close(trace.output, F.linear(trace.merged, w_o))


def test_is_frozen():
    config = AttentionConfig(d_model=8, n_heads=2, n_kv_heads=1)
    trace = trace_attention(torch.randn(1, 3, 8), *weights_for(config), config)
    with pytest.raises(dataclasses.FrozenInstanceError):
        trace.weights = trace.scores


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_narrow_formats_stay_near_float32(dtype):
    config = AttentionConfig(d_model=64, n_heads=8, n_kv_heads=2)
    x, weights = torch.randn(1, 20, 64), weights_for(config)
    wide = trace_attention(x, *weights, config, rope_base=100.0)
    narrow = trace_attention(x.to(dtype), *(w.to(dtype) for w in weights), config, rope_base=100.0)
    assert {narrow.weights.dtype, narrow.output.dtype, narrow.k.dtype} == {dtype}
    error = 8 * torch.finfo(dtype).eps
    torch.testing.assert_close(narrow.weights.float(), wide.weights, rtol=0, atol=error)


@pytest.mark.gpu
def test_layer_on_the_gpu_equals_the_cpu(gpu):
    config = AttentionConfig(d_model=192, n_heads=32, n_kv_heads=8)
    x, weights = torch.randn(1, 128, 192), weights_for(config)
    here = trace_attention(x, *weights, config, rope_base=100.0)
    there = trace_attention(x.to(gpu), *(w.to(gpu) for w in weights), config, rope_base=100.0)
    torch.testing.assert_close(there.weights.cpu(), here.weights, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(there.output.cpu(), here.output, rtol=1e-3, atol=1e-3)
