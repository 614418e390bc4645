"""Our attention inside every architecture, against the architecture's own."""

import threading

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import DynamicCache

from attention import functional
from attention.models.huggingface.capture import BLOCK, AttentionCall, attend, mix, record
from attention.models.huggingface.surveys import Rules, band_of
from tests.models import tiny

SHOWN = [*tiny.DECODERS, *tiny.ENCODERS]
IDS = torch.randint(10, 300, (20,), generator=torch.Generator().manual_seed(1)).tolist()


def own_pass(name, ids):
    """(weights of every layer, first output) of the architecture's eager attention."""
    model = tiny.eager(name)
    if name in tiny.ENCODERS:  # a head for masked words is not loaded
        model = model.base_model
    with torch.inference_mode():
        out = model(input_ids=torch.tensor([ids]), output_attentions=True)
    return [weights[0] for weights in out.attentions], out[0]


def our_pass(name, ids):
    calls, weights = [], []

    def receive(call):
        calls.append(call)
        weights.append(attend(call)[1][0])

    model = tiny.load_tiny(name)
    with torch.inference_mode(), record(receive):
        out = model.model(input_ids=torch.tensor([ids]))
    return calls, weights, out[0]


@pytest.mark.parametrize("name", SHOWN)
def test_weights_and_results_equal_the_architectures_own(name):
    theirs, their_output = own_pass(name, IDS)
    calls, ours, our_output = our_pass(name, IDS)
    assert len(ours) == len(theirs) == tiny.load_tiny(name).n_layers
    for layer, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert calls[layer].layer == layer
        torch.testing.assert_close(a, b, rtol=0, atol=5e-6)
        # Far from even, and not the same in all heads: or a wrong formula would pass.
        assert (b - b.mean(0)).abs().max() > 0.05
    torch.testing.assert_close(our_output, their_output, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SHOWN)
def test_a_survey_sees_the_same_weights(name):
    survey = tiny.load_tiny(name).look(IDS, layer=1, head=2)
    for layer, theirs in enumerate(own_pass(name, IDS)[0]):
        assert survey.layers[layer].pool == 1
        np.testing.assert_allclose(survey.layers[layer].tiles, theirs, atol=5e-6)
        np.testing.assert_allclose(survey.weights(layer, 3), theirs[3], atol=5e-6)


def test_there_are_enough_architectures():
    assert len({tiny.EVERY[name][0].removesuffix("ForCausalLM") for name in SHOWN}) >= 25


@pytest.mark.parametrize(
    ("name", "n_heads", "n_kv_heads"),
    [
        ("llama", 4, 2),
        ("llama-mqa", 4, 1),
        ("gpt_oss", 4, 2),
        ("gpt_bigcode", 4, 1),
        ("bert", 4, 4),
    ],
)
def test_kv_heads_come_as_they_are_cached_never_repeated(name, n_heads, n_kv_heads):
    for call in our_pass(name, IDS)[0]:
        assert call.q.shape[1] == n_heads
        assert call.k.shape[1] == call.v.shape[1] == n_kv_heads


@pytest.mark.parametrize("name", tiny.DECODERS)
def test_the_last_tokens_over_a_cache_equal_the_whole_text(name):
    model = tiny.load_tiny(name)
    whole = model.run(IDS)
    for n in (1, 4):
        cache = model.new_cache()
        model.run(IDS[:-n], cache=cache)
        torch.testing.assert_close(model.run(IDS[-n:], cache=cache), whole, rtol=1e-3, atol=2e-5)


def test_each_thread_records_its_own_pass_only():
    names, seen = ["llama", "gpt2"], {}
    barrier = threading.Barrier(2)

    def work(name):
        calls = []
        with torch.inference_mode(), record(calls.append):
            barrier.wait()
            for _ in range(5):
                tiny.load_tiny(name).model(input_ids=torch.tensor([IDS]))
        seen[name] = calls

    for name in names:
        tiny.load_tiny(name)
    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in names:
        assert [call.layer for call in seen[name]] == list(range(15))
        assert {type(call.module).__module__.split(".")[2] for call in seen[name]} == {name}


def test_what_a_receiver_raises_ends_the_pass_and_the_recording():
    def stop(call):
        raise RuntimeError("enough")

    model = tiny.load_tiny("llama")
    with pytest.raises(RuntimeError, match="enough"), record(stop):
        model.model(input_ids=torch.tensor([IDS]))
    assert model.run(IDS).shape == (tiny.VOCAB,)  # nobody is asked any more


def test_a_receivers_context_is_what_the_model_goes_on_with():
    with record(lambda call: torch.zeros_like(mix(call))):
        silent = tiny.load_tiny("llama").model(input_ids=torch.tensor([IDS]))[0]
    assert not torch.allclose(silent, own_pass("llama", IDS)[1], atol=0.1)


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


@given(
    seq_len=st.integers(2, 40), width=st.integers(1, 60), causal=st.booleans(), hole=st.booleans()
)
def test_a_band_is_told_from_other_masks(seq_len, width, causal, hole):
    at = torch.arange(seq_len)
    near = (at[:, None] - at).abs() < width
    mask = (near & (at[:, None] >= at) if causal else near)[None, None]
    if hole:
        flipped = mask.clone()
        flipped[0, 0, seq_len - 1, 0] ^= True
        found = band_of(flipped)
        again = None if found is None else expand(found, seq_len)
        assert found is None or torch.equal(again, flipped[0, 0])
    else:
        assert torch.equal(expand(band_of(mask), seq_len), mask[0, 0])


def expand(band, seq_len):
    causal, window = band
    at = torch.arange(seq_len)
    allowed = (at[:, None] - at).abs() < (window or seq_len)
    return allowed & (at[:, None] >= at) if causal else allowed


def test_a_mask_that_is_no_band_is_handed_on_as_numbers():
    chunks = torch.arange(10) // 4
    mask = ((chunks[:, None] == chunks) & torch.ones(10, 10, dtype=torch.bool).tril())[None, None]
    rules = Rules().of(make_call(10, causal=False, mask=mask))
    assert rules["causal"] is True and rules["window"] is None
    assert torch.equal(rules["mask"][0] == 0, mask[0, 0])


def test_layers_of_one_kind_share_one_look_at_their_mask():
    rules, mask = Rules(), window_mask(30, 4)
    for _ in range(3):
        told = rules.of(make_call(30, causal=False, mask=mask))
        assert (told["causal"], told["window"], told["mask"]) == (True, 4, None)
    assert len(rules._seen) == 1


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["llama", "gemma2", "gpt_oss", "mistral", "bert"])
def test_on_the_gpu_the_weights_are_those_of_the_cpu(gpu, name):
    model = tiny.make_model(name).to(gpu)
    model.set_attn_implementation("headcount")
    seen = []
    with torch.inference_mode(), record(lambda call: seen.append(attend(call)[1][0].cpu())):
        model(input_ids=torch.tensor([IDS], device=gpu))
    for ours, theirs in zip(seen, own_pass(name, IDS)[0], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-3)


def test_the_cache_is_transformers_own():
    assert isinstance(tiny.load_tiny("llama").new_cache(), DynamicCache)
