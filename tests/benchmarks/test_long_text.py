"""Long texts: the streamed survey against weights held whole, in turn; and its peak memory.

    python -m pytest -m benchmark tests/benchmarks/test_long_text.py -s

The update of the whole page at 1,024 tokens is in test_update.py.
"""

import numpy as np
import pytest
import torch

from attention import functional
from attention.models.layouts.load import load_layout
from attention.scores import of_weights
from attention.survey import head_weights, pool_to, survey_heads
from tests.benchmarks.test_attention_speed import fastest_in_turn
from tests.models.real import fetched
from tests.peak import measured

pytestmark = pytest.mark.benchmark

SHAPES = {"trained 32/8 x 6": (32, 8, 6), "SmolLM2 9/3 x 64": (9, 3, 64)}


def whole(q, k, ids):
    """What :func:`survey_heads` keeps, out of every weight at once."""
    weights = functional.weigh(q[None], k[None], True)[0].numpy()
    return pool_to(weights, 128)[0], of_weights(weights, ids, True)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seq_len", [32, 128, 1024, 2048])
@torch.inference_mode()
def test_a_survey_against_weights_held_whole(shape, seq_len):
    n_heads, n_kv_heads, head_dim = SHAPES[shape]
    q, k = torch.randn(n_heads, seq_len, head_dim), torch.randn(n_kv_heads, seq_len, head_dim)
    ids = np.random.default_rng(0).integers(0, 100, seq_len).tolist()
    np.testing.assert_allclose(
        survey_heads(q, k, causal=True, ids=ids).tiles, whole(q, k, ids)[0], atol=1e-5
    )
    ms = fastest_in_turn(
        {
            "every weight, then probes": lambda: whole(q, k, ids),
            "survey of every head": lambda: survey_heads(q, k, causal=True, ids=ids),
            "one head's weights": lambda: head_weights(q, k, 0, causal=True),
        }
    )
    print(f"\n{shape}, {seq_len} tokens, {torch.get_num_threads()} threads")
    for name, time_ms in ms.items():
        print(f"  {name:26} {time_ms:8.2f} ms  {ms['every weight, then probes'] / time_ms:6.2f} x")
    if seq_len >= 1024:  # short texts are a matter of a millisecond either way
        assert ms["survey of every head"] < ms["every weight, then probes"]


@pytest.mark.parametrize("layout", [(32, 8), (32, 32), (32, 1), (8, 2)])
def test_a_new_state_of_the_trained_family_at_1024_tokens(layout):
    model = load_layout(*layout, device="cpu")
    ids = np.random.default_rng(0).integers(300, model.card["vocab_size"], 1024).tolist()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as the page does
    try:
        ms = fastest_in_turn(
            {
                f"layer {layer}, {mask}": lambda layer=layer, mask=mask: model.look(
                    ids, layer=layer, head=0, causal=mask == "causal"
                ).layers[layer]
                for layer in range(model.n_layers)
                for mask in ("causal", "bidirectional")
            }
        )
    finally:
        torch.set_num_threads(threads)
    print(f"\ntrained {layout[0]}/{layout[1]}, 1024 tokens, pass and survey, 1 thread")
    for name, time_ms in ms.items():
        print(f"  {name:24} {time_ms:7.1f} ms")
    assert ms["layer 1, causal"] < 1000


LAYER = """
import torch
from attention.survey import head_weights, survey_heads
from tests.peak import peak_mb
q, k = torch.randn(9, 8192, 64), torch.randn(3, 8192, 64)
survey_heads(q[:, :600], k[:, :600], causal=True, ids=range(600))
print(peak_mb())
survey_heads(q, k, causal=True, ids=range(8192))
print(peak_mb())
head_weights(q, k, 0, causal=True)
print(peak_mb())
"""
MODEL = """
from attention.models.huggingface import checkpoint
from tests.peak import peak_mb
model = checkpoint.load("smollm2", device="cpu")
words = model.encode("The keys near the old cabinet are lost, and the boys are tired. ")
model.look(words, layer=0, head=0)
print(peak_mb())
survey = model.look((words * 8192)[:8192], layer=29, head=0)
print(peak_mb(), survey.seconds)
"""


def test_peak_memory_of_one_layer_at_8192_tokens():
    before, surveyed, one_head = measured(LAYER)
    print("\n9/3 x 64, 8192 tokens, above what was there before")
    print(f"  every weight would take      {9 * 8192**2 * 4 / 1e6:8.0f} MB")
    print(f"  survey of every head         {surveyed - before:8.0f} MB")
    print(f"  then one head's weights      {one_head - before:8.0f} MB")
    assert surveyed - before < 100


def test_peak_memory_of_smollm2_at_8192_tokens():
    fetched("smollm2")
    before, after, seconds = measured(MODEL)
    more = after - before
    print(f"\nSmolLM2, 8192 tokens, 270 heads: {more:.0f} MB above the model, {seconds:.0f} s")
    assert more < 1000
