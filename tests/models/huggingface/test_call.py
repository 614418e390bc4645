"""The equation on what a layer hands to its attention: whole, by blocks, in half precision."""

import pytest
import torch

from attention import functional
from attention.models.huggingface.call import BLOCK, AttentionCall, attend, mix


def make_call(seq_len, **given):
    shape = {"q": (1, 4, seq_len, 8), "k": (1, 2, seq_len, 8), "v": (1, 2, seq_len, 8)}
    tensors = {name: torch.randn(size) for name, size in shape.items()}
    plain = {"mask": None, "bias": None, "softcap": None, "sinks": None}
    fixed = {"layer": 0, "module": torch.nn.Identity(), "scale": 0.9, "causal": True}
    return AttentionCall(**(fixed | plain | tensors | given))


def window_mask(seq_len, window):
    at = torch.arange(seq_len)
    return ((at[:, None] >= at) & (at[:, None] - at < window))[None, None]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"causal": False},
        {"causal": False, "mask": window_mask(BLOCK + 70, 9)},
        {"softcap": 1.5},
        {"sinks": torch.tensor([0.0, 3.0, -2.0, 1.0])},
        {"bias": torch.linspace(0, 3, BLOCK + 70).expand(1, 4, BLOCK + 70, BLOCK + 70)},
        {"causal": False, "mask": window_mask(BLOCK + 70, 9), "softcap": 2.0},
    ],
)
def test_a_long_texts_context_without_its_weights_is_the_same(given):
    call = make_call(BLOCK + 70, **given)
    scores, weights, context = attend(call)
    assert weights.shape == scores.shape == (1, 4, BLOCK + 70, BLOCK + 70)
    torch.testing.assert_close(mix(call), context, rtol=1e-4, atol=1e-5)


def test_scores_are_kept_as_they_were_before_mask_and_softmax():
    call = make_call(6, causal=False, softcap=1.5)
    scores, weights, _ = attend(call)
    plain = functional.scores(call.q, call.k, 0.9)
    torch.testing.assert_close(scores, 1.5 * torch.tanh(plain / 1.5))
    torch.testing.assert_close(weights, scores.softmax(-1))


def test_a_sink_takes_its_share_and_has_no_value():
    sinks = torch.tensor([-30.0, 0.0, 2.0, 30.0])
    scores, weights, context = attend(make_call(5, causal=False, sinks=sinks))
    total = scores[0].exp().sum(-1)
    torch.testing.assert_close(weights[0].sum(-1), total / (total + sinks.exp()[:, None]))
    torch.testing.assert_close(context[0, 3], torch.zeros(5, 8))  # the sink has all of it


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_stays_near_float32(dtype):
    wide = make_call(12, softcap=4.0)
    narrow = make_call(12, softcap=4.0, **{n: getattr(wide, n).to(dtype) for n in "qkv"})
    assert attend(narrow)[1].dtype == dtype
    error = 8 * torch.finfo(dtype).eps
    torch.testing.assert_close(attend(narrow)[1].float(), attend(wide)[1], rtol=0, atol=error)
