"""The maths against torch's own attention, transformers' eager attention and plain numpy."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode
from transformers.models.llama.modeling_llama import (
    LlamaConfig,
    LlamaRotaryEmbedding,
    apply_rotary_pos_emb,
    eager_attention_forward,
)

from attention import functional
from tests import numpy_oracle

# Largest error allowed on weights and contexts of order 1: a few units in the last place.
TOLERANCE = {torch.float32: 2e-6, torch.float16: 4e-3, torch.bfloat16: 3e-2}


@st.composite
def attentions(draw):
    """q, k, v of any layout and length (queries may be fewer than keys), and the mask."""
    n_kv_heads, group_size = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    query_len, past = draw(st.integers(1, 9)), draw(st.integers(0, 6))
    head_dim, batch = draw(st.sampled_from([2, 4, 6, 16])), draw(st.integers(1, 2))
    dtype = draw(st.sampled_from(list(TOLERANCE)))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1000)))

    def normal(n, length):
        return torch.randn(batch, n, length, head_dim, generator=generator).to(dtype)

    q = normal(n_kv_heads * group_size, query_len)
    k, v = normal(n_kv_heads, past + query_len), normal(n_kv_heads, past + query_len)
    return q, k, v, draw(st.booleans())


def allowed(query_len, kv_len, causal):
    every = torch.ones(query_len, kv_len, dtype=torch.bool)
    return every.tril(kv_len - query_len) if causal else every


@given(attentions())
def test_equals_plain_numpy(drawn):
    q, k, v, causal = drawn
    tolerance = TOLERANCE[q.dtype]
    ours = functional.attend(q, k, v, causal)
    for b in range(q.shape[0]):
        oracle = numpy_oracle.attend(*(t[b].double().numpy() for t in (q, k, v)), causal)
        for mine, plain in zip(ours, oracle, strict=True):
            assert mine.dtype == q.dtype
            np.testing.assert_allclose(
                mine[b].double().numpy(), plain, rtol=tolerance, atol=tolerance
            )


@given(attentions())
def test_equals_torch_scaled_dot_product_attention(drawn):
    q, k, v, causal = drawn
    ours = functional.attend(q, k, v, causal)[2]
    keys = allowed(q.shape[2], k.shape[2], causal)
    theirs = F.scaled_dot_product_attention(q, k, v, attn_mask=keys, enable_gqa=True)
    torch.testing.assert_close(ours, theirs, rtol=TOLERANCE[q.dtype], atol=TOLERANCE[q.dtype])


@given(attentions())
def test_equals_transformers_eager_attention(drawn):
    q, k, v, causal = drawn
    _, weights, context = functional.attend(q, k, v, causal)
    keys = allowed(q.shape[2], k.shape[2], causal)
    additive = torch.zeros(keys.shape, dtype=q.dtype).masked_fill(~keys, torch.finfo(q.dtype).min)
    llama = SimpleNamespace(num_key_value_groups=q.shape[1] // k.shape[1], training=False)
    their_context, their_weights = eager_attention_forward(
        llama, q, k, v, additive, scaling=q.shape[-1] ** -0.5
    )
    close = {"rtol": TOLERANCE[q.dtype], "atol": TOLERANCE[q.dtype]}
    torch.testing.assert_close(weights, their_weights, **close)
    torch.testing.assert_close(functional.merge_heads(context), their_context.flatten(2), **close)


@given(attentions())
def test_weigh_gives_the_weights_of_attend(drawn):
    q, k, v, causal = drawn
    before = q.clone(), k.clone()
    weights = functional.weigh(q, k, causal)
    assert torch.equal(weights, functional.attend(q, k, v, causal)[1])
    assert torch.equal(q, before[0]) and torch.equal(k, before[1])


@given(attentions())
def test_weights_are_distributions_over_the_allowed_keys(drawn):
    q, k, v, causal = drawn
    scores, weights, _ = functional.attend(q, k, v, causal)
    forbidden = ~allowed(q.shape[2], k.shape[2], causal)
    assert torch.all(weights[..., forbidden] == 0)
    assert torch.isfinite(scores).all()  # kept as they were before the mask
    sums = weights.float().sum(-1)
    torch.testing.assert_close(sums, torch.ones_like(sums), rtol=0, atol=TOLERANCE[q.dtype] * 2)


@given(attentions())
def test_gradients_flow_through_every_path(drawn):
    q, k, v, causal = drawn
    q, k, v = (t.float().requires_grad_() for t in (q, k, v))
    functional.attend(q, k, v, causal)[2].square().sum().backward()
    ours = [t.grad.clone() for t in (q, k, v)]
    for t in (q, k, v):
        t.grad = None
    keys = allowed(q.shape[2], k.shape[2], causal)
    theirs = F.scaled_dot_product_attention(q, k, v, attn_mask=keys, enable_gqa=True)
    theirs.square().sum().backward()
    for mine, t in zip(ours, (q, k, v), strict=True):
        torch.testing.assert_close(mine, t.grad, rtol=1e-4, atol=1e-5)
    functional.weigh(q, k, causal).square().sum().backward()


def test_an_own_scale_replaces_the_square_root():
    q, k = torch.randn(1, 2, 3, 8), torch.randn(1, 1, 3, 8)
    expected = F.linear(q[0, 1], k[0, 0]) * 0.5
    torch.testing.assert_close(functional.scores(q, k, scale=0.5)[0, 1], expected)


def test_split_cuts_the_projection_and_merge_puts_it_back():
    projected = torch.arange(24.0).view(1, 2, 12)
    heads = functional.split_heads(projected, 3)
    assert heads.shape == (1, 3, 2, 4)
    assert heads[0, 1, 0].tolist() == [4, 5, 6, 7]  # head 1 of token 0: numbers 4 to 7
    assert heads.data_ptr() == projected.data_ptr()  # a view: nothing was computed or copied
    assert torch.equal(functional.merge_heads(heads), projected)


def test_projecting_whole_then_cutting_equals_projecting_with_each_heads_own_matrix():
    x, weight = torch.randn(1, 5, 12), torch.randn(3 * 4, 12)
    whole = functional.split_heads(functional.project(x, weight), 3)
    for head in range(3):
        own = x @ weight[head * 4 : (head + 1) * 4].T
        torch.testing.assert_close(whole[:, head], own)


@given(half=st.integers(1, 32), length=st.integers(1, 40), base=st.sampled_from([30.0, 1e2, 1e4]))
def test_rope_is_transformers_rope(half, length, base):
    q = torch.randn(2, 3, length, 2 * half)
    config = LlamaConfig(
        hidden_size=6 * half,
        num_attention_heads=3,
        head_dim=2 * half,
        rope_parameters={"rope_type": "default", "rope_theta": base},
    )
    positions = torch.arange(length)
    cos, sin = LlamaRotaryEmbedding(config)(q, positions[None])
    theirs, _ = apply_rotary_pos_emb(q, q, cos, sin)
    torch.testing.assert_close(functional.rope(q, positions, base), theirs, rtol=1e-5, atol=1e-5)


def test_rope_products_depend_on_the_distance_alone():
    q, k = torch.randn(1, 1, 1, 16), torch.randn(1, 1, 1, 16)

    def product(query_position, key_position):
        turned_q = functional.rope(q, torch.tensor([query_position]), 100.0)
        turned_k = functional.rope(k, torch.tensor([key_position]), 100.0)
        return (turned_q * turned_k).sum()

    torch.testing.assert_close(product(9, 4), product(29, 24), rtol=1e-4, atol=1e-4)
    assert abs(product(9, 4) - product(9, 5)) > 1e-3


class LargestStorage(TorchDispatchMode):
    """Remembers the most numbers that any tensor made under it holds in memory."""

    numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            size = result.untyped_storage().nbytes() // result.element_size()
            self.numbers = max(self.numbers, size)
        return result


@pytest.mark.parametrize("query_len", [1, 3])
def test_kv_heads_are_never_repeated_in_memory(query_len):
    n_heads, n_kv_heads, kv_len, head_dim = 8, 2, 64, 16
    q = torch.randn(1, n_heads, query_len, head_dim)
    k, v = torch.randn(2, 1, n_kv_heads, kv_len, head_dim)
    k, v = k.clone(), v.clone()
    with LargestStorage() as ours:
        functional.attend(q, k, v, True)
    with LargestStorage() as repeating:
        llama = SimpleNamespace(num_key_value_groups=n_heads // n_kv_heads, training=False)
        eager_attention_forward(llama, q, k, v, None, scaling=0.25)
    assert repeating.numbers == n_heads * kv_len * head_dim
    assert ours.numbers <= max(k.numel(), n_heads * query_len * kv_len) < repeating.numbers


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", list(TOLERANCE))
@pytest.mark.parametrize("causal", [True, False])
def test_equals_torch_on_the_gpu(gpu, dtype, causal):
    q = torch.randn(2, 32, 300, 64, device=gpu, dtype=dtype)
    k, v = torch.randn(2, 2, 8, 300, 64, device=gpu, dtype=dtype)
    ours = functional.attend(q, k, v, causal)[2]
    theirs = F.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=True)
    tolerance = max(TOLERANCE[dtype], 1e-3)  # GPUs may multiply float32 in TF32
    torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)
