"""Heads off in a language model, against a pre-hook on the architecture's own output projection."""

import threading

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from transformers import AutoModelForCausalLM

from attention.interventions.off import Off, OffError
from attention.models.generate import Generation
from attention.models.huggingface.checkpoint import load, wrap
from attention.models.losses import losses
from tests.models import tiny
from tests.models.hand_made import heads_off, mean_inputs
from tests.models.real import fetched

IDS = torch.randint(10, 300, (20,), generator=torch.Generator().manual_seed(1)).tolist()
ROWS = torch.randint(10, 300, (3, 12), generator=torch.Generator().manual_seed(2))
OFF = Off.parse("0.1,1.0,1.3,2.2")
TEXT = "The keys near the old cabinet are lost, and the cat slept on the mat."
SHOWN = [name for name in (*tiny.DECODERS, *tiny.ENCODERS) if name != "albert"]  # layers share W_O


def own_output(name, rows, means=None):
    """The first output of the architecture's own eager pass with its heads off by hand."""
    model = tiny.eager(name)
    if name in tiny.ENCODERS:  # a head for masked words is not loaded
        model = model.base_model
    with torch.inference_mode(), heads_off(model, OFF.heads, 3, 4, means):
        return model(input_ids=rows)[0]


@pytest.mark.parametrize("name", SHOWN)
def test_a_pass_without_heads_is_the_architectures_own_with_a_hook(name):
    whole = tiny.load_tiny(name)
    model = whole.without(OFF)
    ours = model._pass(torch.tensor([IDS]), model._changes, None, {})[0]
    theirs = own_output(name, torch.tensor([IDS]))
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    plain = whole._pass(torch.tensor([IDS]), whole._changes, None, {})[0]
    assert (plain - ours).abs().max() > 1e-3  # or the heads did nothing anyway


@pytest.mark.parametrize("name", tiny.DECODERS)
def test_logits_and_losses_of_rows(name):
    model = tiny.load_tiny(name).without(OFF)
    theirs = own_output(name, ROWS)
    torch.testing.assert_close(model.logits(ROWS), theirs, rtol=1e-5, atol=1e-5)
    expected = F.cross_entropy(theirs[:, :-1].transpose(1, 2), ROWS[:, 1:], reduction="none")
    torch.testing.assert_close(losses(model, ROWS), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["llama", "gpt2", "gpt_neox", "qwen3", "opt", "bert", "gpt_oss"])
def test_in_place_of_its_context_a_head_may_have_its_mean_over_a_text(name):
    whole = tiny.load_tiny(name)
    own = tiny.eager(name) if name in tiny.DECODERS else tiny.eager(name).base_model
    means = mean_inputs(own, whole.encode(TEXT), 3)
    model = whole.without(Off(OFF.heads, "mean"), reference=TEXT)
    ours = model._pass(torch.tensor([IDS]), model._changes, None, {})[0]
    torch.testing.assert_close(
        ours, own_output(name, torch.tensor([IDS]), means), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("name", ["llama", "gpt2", "gemma2", "bert"])
def test_look_trace_query_and_next_tokens_see_the_same_pass(name):
    whole = tiny.load_tiny(name)
    model = whole.without(OFF)
    look, trace = model.look(IDS, layer=1, head=2), model.trace(IDS, layer=1)
    assert not trace.context[0, [0, 3]].any() and trace.context[0, [1, 2]].any()
    torch.testing.assert_close(trace.merged, trace.context.transpose(1, 2).flatten(2))
    np.testing.assert_allclose(look.chosen, trace.weights[0, 2], atol=1e-6)
    later = model.trace(IDS, layer=2)
    assert (later.weights - whole.trace(IDS, layer=2).weights).abs().max() > 1e-3
    np.testing.assert_allclose(look.weights(2, 1), later.weights[0, 1], atol=1e-6)
    one = model.query(IDS, layer=1, token=7)
    torch.testing.assert_close(one.output[:, 0], trace.output[:, 7])
    joined = look.kept[1].joined([7], model.w_o(1))[0]
    np.testing.assert_allclose(joined.contexts, trace.context[0, :, 7], atol=1e-5)
    np.testing.assert_allclose(joined.output, trace.output[0, 7], atol=1e-4)
    if model.predicts:
        best = model.logits(torch.tensor([IDS]))[0, -1].softmax(-1).max().item()
        assert model.top(IDS)[0].probability == pytest.approx(best, abs=1e-6)
        assert look.predictions[0].probability == pytest.approx(best, abs=1e-6)
        torch.testing.assert_close(torch.as_tensor(look.logits), model.next_logits(IDS))


def test_a_text_goes_on_without_the_heads_too():
    model = tiny.load_tiny("llama").without(OFF)
    outlook = Generation(model, IDS).outlook(compare=True)
    assert outlook.whole.largest_difference < 1e-5
    torch.testing.assert_close(outlook.logits, model.next_logits(IDS), rtol=1e-4, atol=1e-4)


def test_another_threads_pass_is_untouched():
    whole = tiny.load_tiny("llama")
    other = whole.without(OFF)
    expected = {True: whole.run(IDS), False: other.run(IDS)}
    barrier, found = threading.Barrier(2), {True: [], False: []}

    def work(model):
        for _ in range(10):
            barrier.wait()
            found[model is whole].append(model.run(IDS))

    threads = [threading.Thread(target=work, args=(model,)) for model in (whole, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not torch.allclose(expected[True], expected[False], atol=1e-2)
    for on, results in found.items():
        assert len(results) == 10
        assert all(torch.equal(result, expected[on]) for result in results)


def test_the_model_itself_is_never_changed_and_all_on_is_as_before():
    whole = tiny.load_tiny("qwen2")
    weights = {name: weight.clone() for name, weight in whole.model.named_parameters()}
    before = whole.run(IDS)
    model = whole.without(OFF)
    assert not torch.equal(model.run(IDS), before)
    assert torch.equal(whole.run(IDS), before)
    assert torch.equal(model.without(Off()).run(IDS), before)
    assert all(
        torch.equal(weight, weights[name]) for name, weight in whole.model.named_parameters()
    )
    assert model.model is whole.model
    assert model.roles() == whole.roles()


def test_a_borrowed_model_is_given_back():
    own = tiny.make_model("llama")
    own.set_attn_implementation("eager")
    model = wrap(own, tiny.make_tokenizer("bytes")).without(OFF)
    torch.testing.assert_close(model.logits(ROWS), own_output("llama", ROWS), rtol=1e-5, atol=1e-5)
    assert own.config._attn_implementation == "eager"


def test_a_head_that_is_not_there_is_refused():
    with pytest.raises(OffError, match=r"^head 1\.4 does not exist: layer 1 has heads 0 to 3\.$"):
        tiny.load_tiny("llama").without(Off.parse("1.4"))


@pytest.mark.parametrize(
    ("name", "off", "share"),
    [
        ("llama", "0.0", 1),  # 3 layers of 2 KV heads of 2 query heads each
        ("llama", "0.0,0.1", 5 / 6),
        ("llama", "0.0,0.1,2.0,2.1,2.2,2.3", 3 / 6),
        ("llama-mqa", "1.0,1.1,1.2", 1),
        ("llama-mqa", "1.0,1.1,1.2,1.3", 2 / 3),
        ("gpt2", "0.0", 11 / 12),
        ("bert", "0.0", 0),
    ],
)
def test_bytes_are_freed_with_the_last_query_head_of_a_kv_head(name, off, share):
    model = tiny.load_tiny(name)
    assert model.cache_formula(20, Off.parse(off)) == share * model.cache_formula(20)


@pytest.mark.parametrize("name", tiny.DECODERS)
def test_gradients_of_the_gates_against_finite_differences(name):
    model = tiny.load_tiny(name)
    gates = torch.ones(3, 4, requires_grad=True)
    losses(model, ROWS, gates=gates).mean().backward()
    assert gates.grad.abs().max() > 1e-4
    assert not any(weight.requires_grad for weight in model.model.parameters())
    step = 1e-2
    for layer, head in ((0, 1), (2, 3)):
        ends = []
        for sign in (1, -1):
            moved = torch.ones(3, 4)
            moved[layer, head] += sign * step
            ends.append(losses(model, ROWS, gates=moved).double().mean())
        slope = (ends[0] - ends[1]) / (2 * step)
        # Experts are chosen by steps, and float32 rounds: 2 % and a little.
        assert gates.grad[layer, head].item() == pytest.approx(slope.item(), rel=0.02, abs=2e-4)


def test_a_gate_of_0_is_a_head_that_is_off_and_1_changes_nothing():
    model = tiny.load_tiny("llama")
    gates = torch.ones(3, 4)
    assert torch.equal(model.logits(ROWS, gates=gates), model.logits(ROWS))
    for layer, head in OFF.heads:
        gates[layer, head] = 0
    assert torch.equal(model.logits(ROWS, gates=gates), model.without(OFF).logits(ROWS))
    both = model.without(Off.parse("0.1")).logits(ROWS, gates=gates)
    assert torch.equal(both, model.without(OFF).logits(ROWS))


@pytest.fixture(scope="module")
def smollm2():
    fetched("smollm2")
    return load("smollm2", device="cpu", dtype="float32")


@pytest.mark.parametrize("kind", ["zero", "mean"])
@pytest.mark.slow
def test_smollm2_without_heads_against_a_hook(smollm2, kind):
    own = AutoModelForCausalLM.from_pretrained(
        fetched("smollm2"), attn_implementation="eager", dtype=torch.float64
    )
    off = Off.parse("0.3,11.1,16.0,18.6,29.8", kind)
    rows = torch.tensor([smollm2.encode(TEXT * 3)])
    means = mean_inputs(own, smollm2.encode(TEXT), 30) if kind == "mean" else None
    with torch.inference_mode(), heads_off(own, off.heads, 30, 9, means):
        logits = own(input_ids=rows).logits
    expected = F.cross_entropy(logits[0, :-1], rows[0, 1:], reduction="none").float()
    found = losses(smollm2.without(off, reference=TEXT), rows)
    assert (found - losses(smollm2, rows)).abs().max() > 0.05
    torch.testing.assert_close(found[0], expected, rtol=1e-5, atol=1e-5)


def test_the_gradient_of_smollm2s_gates_against_a_finite_difference(smollm2):
    rows = torch.tensor([smollm2.encode(TEXT)])
    gates = torch.ones(30, 9, requires_grad=True)
    losses(smollm2, rows, gates=gates).mean().backward()
    layer, head = divmod(int(gates.grad.abs().argmax()), 9)
    ends = []
    for sign in (1, -1):
        moved = torch.ones(30, 9)
        moved[layer, head] += sign * 0.01
        ends.append(losses(smollm2, rows, gates=moved).double().mean().item())
    slope = (ends[0] - ends[1]) / 0.02
    assert gates.grad[layer, head].item() == pytest.approx(slope, rel=0.02, abs=1e-3)
