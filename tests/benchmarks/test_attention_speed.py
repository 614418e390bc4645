"""Our attention against transformers' eager one, in turn, in one run: ``-m benchmark -s``."""

import time
from types import SimpleNamespace

import pytest
import torch
from transformers.models.llama.modeling_llama import eager_attention_forward

from attention import functional

pytestmark = pytest.mark.benchmark

N_HEADS, N_KV_HEADS, HEAD_DIM = 32, 8, 128
ROUNDS = 9


def eager(q, k, v, additive):
    llama = SimpleNamespace(num_key_value_groups=N_HEADS // N_KV_HEADS, training=False)
    return eager_attention_forward(llama, q, k, v, additive, scaling=HEAD_DIM**-0.5)


def ours(q, k, v):
    weights = functional.weigh(q, k, True)
    return functional.context(weights, v), weights


def fastest_in_turn(ways):
    """Milliseconds of each way's fastest round; the ways take turns, so that noise meets all."""
    times = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            kept = way()
            times[name].append(1000 * (time.perf_counter() - start))
            del kept
    return {name: min(rounds) for name, rounds in times.items()}


@pytest.mark.parametrize("seq_len", [512, 2048])
@torch.inference_mode()
def test_at_least_1_4_times_as_fast_with_all_weights_kept(seq_len):
    q = torch.randn(1, N_HEADS, seq_len, HEAD_DIM)
    k = torch.randn(1, N_KV_HEADS, seq_len, HEAD_DIM)
    v = torch.randn(1, N_KV_HEADS, seq_len, HEAD_DIM)
    additive = torch.full((1, 1, seq_len, seq_len), float("-inf")).triu(1)

    for mine, theirs in zip(ours(q, k, v), eager(q, k, v, additive), strict=True):
        same_axes = theirs.transpose(1, 2) if theirs.shape != mine.shape else theirs
        torch.testing.assert_close(mine, same_axes, rtol=1e-4, atol=1e-5)

    ms = fastest_in_turn(
        {
            "transformers eager": lambda: eager(q, k, v, additive),
            "ours": lambda: ours(q, k, v),
            "ours, scores kept too": lambda: functional.attend(q, k, v, True),
        }
    )
    print(f"\n{N_HEADS}/{N_KV_HEADS} heads x {HEAD_DIM}, {seq_len} tokens, ", end="")
    print(f"{torch.get_num_threads()} threads")
    for name, time_ms in ms.items():
        print(f"  {name:22} {time_ms:8.1f} ms  {ms['transformers eager'] / time_ms:5.2f} x")
    assert ms["transformers eager"] / ms["ours"] >= 1.4
