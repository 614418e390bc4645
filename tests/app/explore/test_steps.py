"""The numbers of Step by step, redone in plain numpy from what is shown."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from app.explore.steps import head_steps
from attention.config import AttentionConfig
from attention.trace import AttentionTrace, query_row, trace_attention

D_MODEL, TOKENS = 24, 7


def traced(
    n_heads: int,
    n_kv_heads: int,
    *,
    causal: bool,
    rope: float | None,
    dtype: torch.dtype = torch.float32,
) -> AttentionTrace:
    config = AttentionConfig(d_model=D_MODEL, n_heads=n_heads, n_kv_heads=n_kv_heads, causal=causal)
    kv_width = n_kv_heads * config.head_dim
    w_q, w_o = torch.randn(D_MODEL, D_MODEL), torch.randn(D_MODEL, D_MODEL)
    w_k, w_v = torch.randn(kv_width, D_MODEL), torch.randn(kv_width, D_MODEL)
    x = torch.randn(1, TOKENS, D_MODEL)
    given = (each.to(dtype) for each in (x, w_q, w_k, w_v, w_o))
    return trace_attention(*given, config, rope_base=rope)


@pytest.mark.parametrize("rope", [None, 100.0])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("n_heads", "n_kv_heads"), [(4, 2), (4, 4), (4, 1), (1, 1)])
def test_every_line_follows_from_the_one_before(n_heads, n_kv_heads, causal, rope) -> None:
    trace = traced(n_heads, n_kv_heads, causal=causal, rope=rope)
    head, token = n_heads - 1, 3
    steps = head_steps(query_row(trace, token), head, token)
    assert steps.kv_head == n_kv_heads - 1
    assert steps.changed == ("rotated" if rope is not None else "")
    assert (steps.scaling, steps.biased, steps.fused) == ("root", False, False)
    assert steps.sink < 1e-4

    scores = np.array([key.score for key in steps.keys])
    assert np.allclose(scores, trace.scores[0, head, token].numpy(), atol=1e-5)
    dots = [key.dot for key in steps.keys]
    assert np.allclose(dots, scores * np.sqrt(D_MODEL // n_heads), atol=1e-4)

    seen = np.array([key.seen for key in steps.keys])
    assert seen.tolist() == [not causal or index <= token for index in range(TOKENS)]
    powers = np.exp(scores - scores[seen].max()) * seen
    weights = np.array([key.weight for key in steps.keys])
    assert steps.largest == pytest.approx(scores[seen].max())
    assert steps.total == pytest.approx(powers.sum())
    assert np.allclose(weights, powers / powers.sum(), atol=1e-6)

    values = trace.v[0, steps.kv_head].numpy()
    assert np.allclose(weights @ values, steps.context, atol=1e-5)
    dim = D_MODEL // n_heads
    assert np.allclose(steps.merged[head * dim : (head + 1) * dim], steps.context)
    assert len(steps.output) == len(steps.x) == D_MODEL


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_what_rounding_leaves_of_the_sum_is_no_sink(dtype) -> None:
    trace = traced(4, 2, causal=True, rope=None, dtype=dtype)
    for token in range(TOKENS):
        row = query_row(trace, token)
        assert [head_steps(row, head, token).sink for head in range(4)] == [0] * 4


def test_the_strongest_is_shown_and_the_order_is_the_sentence() -> None:
    steps = head_steps(query_row(traced(4, 2, causal=True, rope=None), 6), 2, 6)
    shown = steps.shown(3)
    assert [key.token for key in shown] == sorted(key.token for key in shown)
    least = min(key.weight for key in shown)
    hidden = [key for key in steps.keys if key not in shown]
    assert all(key.weight <= least for key in hidden)
    assert steps.strongest() in shown


def test_a_query_that_is_turned_is_told_from_one_that_is_normalised() -> None:
    row = query_row(traced(4, 2, causal=True, rope=100.0), 5)
    assert head_steps(row, 1, 5).changed == "rotated"
    normed = row.q / row.q.norm(dim=-1, keepdim=True)
    assert head_steps(replace(row, q=normed), 1, 5).changed == "changed"
    assert head_steps(replace(row, q_projected=None), 1, 5).changed == "changed"
