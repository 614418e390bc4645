"""Our attention inside every architecture, against the architecture's own."""

import threading

import numpy as np
import pytest
import torch
from transformers import DynamicCache

from attention.models.huggingface.call import attend, mix
from attention.models.huggingface.capture import record
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
