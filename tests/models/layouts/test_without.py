"""Heads off in the trained family, against plain numpy."""

import numpy as np
import pytest
import torch

from attention.interventions.off import Off, OffError
from attention.models.generate import Generation
from attention.models.layouts.load import load_layout
from attention.models.losses import losses
from tests.models.layouts.test_decoder import TEXT, oracle

OFF = Off.parse("0.1,0.7,1.3,2.0")
OTHER = "The boys who saw the teacher are tired."


@pytest.fixture(scope="module", params=[(8, 8), (8, 2), (4, 1)])
def layout(request):
    return request.param


def model_and_off(layout):
    off = OFF if layout[0] == 8 else Off.parse("0.1,1.3,2.0")
    return load_layout(*layout, device="cpu"), off


def cross_entropy(logits, ids):
    shifted = logits[:-1] - logits[:-1].max(-1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return -logs[np.arange(len(ids) - 1), ids[1:]]


@pytest.mark.parametrize("causal", [True, False])
def test_every_weight_and_the_prediction_equal_plain_numpy(layout, causal):
    whole, off = model_and_off(layout)
    model, ids = whole.without(off), whole.encode(TEXT)
    weights, logits = oracle(layout, ids, causal, off=dict.fromkeys(off.heads, 0.0))
    look = model.look(ids, causal=causal)
    for layer, expected in enumerate(weights):
        np.testing.assert_allclose(look.layers[layer].tiles, expected, atol=1e-5)
        trace = model.trace(ids, layer=layer, causal=causal)
        np.testing.assert_allclose(trace.weights[0], expected, atol=1e-5)
        one = model.query(ids, layer=layer, token=4, causal=causal)
        torch.testing.assert_close(one.output[0, 0], trace.output[0, 4], rtol=1e-4, atol=1e-5)
        joined = look.kept[layer].joined([4], model.w_o(layer))[0]
        np.testing.assert_allclose(joined.output, trace.output[0, 4], atol=1e-4)
    # They are weights of other heads' work: unlike those with all heads on.
    assert np.abs(weights[2] - oracle(layout, ids, causal)[0][2]).max() > 1e-3
    powers = np.exp(logits[-1] - logits[-1].max())
    best = model.top(ids, causal=causal)[0]
    assert best.probability == pytest.approx(powers.max() / powers.sum(), abs=1e-5)
    assert best.id == powers.argmax()


def test_logits_and_losses_of_rows_equal_plain_numpy(layout):
    whole, off = model_and_off(layout)
    model = whole.without(off)
    rows = [whole.encode(TEXT)[:9], whole.encode(OTHER)[:9]]
    found, logits = losses(model, torch.tensor(rows)), model.logits(torch.tensor(rows))
    for row, ids in enumerate(rows):
        expected = oracle(layout, ids, off=dict.fromkeys(off.heads, 0.0))[1]
        np.testing.assert_allclose(logits[row], expected, rtol=1e-5, atol=1e-4)
        np.testing.assert_allclose(found[row], cross_entropy(expected, ids), atol=1e-4)
        torch.testing.assert_close(model.next_logits(ids), logits[row, -1], rtol=1e-4, atol=1e-4)


def test_the_mean_over_a_text_in_place_of_a_head():
    whole, off = model_and_off((8, 2))
    ids, reference = whole.encode(TEXT), whole.encode(OTHER)
    traces = [whole.trace(reference, layer=layer) for layer in range(3)]
    means = {
        (layer, head): traces[layer].context[0, head].double().mean(0).numpy()
        for layer, head in off.heads
    }
    model = whole.without(Off(off.heads, "mean"), reference=OTHER)
    expected = oracle((8, 2), ids, off=means)[1]
    np.testing.assert_allclose(model.logits(torch.tensor([ids]))[0], expected, atol=1e-4)
    by_default = whole.without(Off(off.heads, "mean"))
    assert not torch.equal(by_default.next_logits(ids), model.next_logits(ids))


def test_a_text_goes_on_without_the_heads_too():
    model = load_layout(8, 2, device="cpu").without(OFF)
    ids = model.encode(TEXT)
    outlook = Generation(model, ids).outlook(compare=True)
    assert outlook.whole.largest_difference < 1e-5
    torch.testing.assert_close(outlook.logits, model.next_logits(ids), rtol=1e-4, atol=1e-4)


def test_the_model_itself_is_never_changed():
    whole = load_layout(8, 2, device="cpu")
    ids = whole.encode(TEXT)
    before = whole.next_logits(ids)
    model = whole.without(OFF)
    assert not torch.equal(model.next_logits(ids), before)
    assert torch.equal(whole.next_logits(ids), before)
    assert torch.equal(model.without(Off()).next_logits(ids), before)
    assert (model.decoder, model.roles()) == (whole.decoder, whole.roles())


def test_gradients_of_the_gates_against_finite_differences(layout):
    model, _ = model_and_off(layout)
    rows = torch.tensor([model.encode(TEXT)])
    gates = torch.ones(3, layout[0], requires_grad=True)
    losses(model, rows, gates=gates).mean().backward()
    for layer, head in ((0, 1), (1, 3), (2, 0)):
        ends = []
        for sign in (1, -1):
            moved = torch.ones(3, layout[0])
            moved[layer, head] += sign * 0.01
            ends.append(losses(model, rows, gates=moved).double().mean().item())
        slope = (ends[0] - ends[1]) / 0.02
        assert gates.grad[layer, head].item() == pytest.approx(slope, rel=0.01, abs=2e-4)


def test_bytes_are_freed_with_the_last_query_head_of_a_kv_head():
    model = load_layout(8, 2, device="cpu")
    assert model.cache_formula(10, Off.parse("0.0,0.1,0.2")) == model.cache_formula(10)
    freed = Off.parse("0.0,0.1,0.2,0.3,2.7")
    assert model.cache_formula(10, freed) == model.cache_formula(10) * 5 / 6


def test_a_head_that_is_not_there_is_refused():
    with pytest.raises(
        OffError, match=r"^head 3\.0 does not exist: the model has layers 0 to 2\.$"
    ):
        load_layout(8, 2, device="cpu").without(Off.parse("3.0"))
