"""Scores of heads against differences of the loss, and against plain numpy."""

import numpy as np
import pytest
import torch
from transformers.pytorch_utils import Conv1D

from attention import pruning
from attention.models.layouts.load import load_layout
from attention.pruning import PruningError
from attention.pruning.scores import importance, norm
from attention.steps import Steps
from tests.models import tiny
from tests.models.hand_made import output_projections
from tests.models.layouts.passes import whole_pass
from tests.pruning.by_hand import EVERY, HEADS, IDLE, LAYERS, ROWS, slope, with_an_idle_head
from tests.pruning.by_hand import loss as by_hand_loss


@pytest.mark.parametrize("name", ["llama", "gpt2", "gemma2"])
def test_importance_is_the_slope_of_each_rows_loss_normalised_a_layer(name):
    own = tiny.make_model(name).double()
    own.set_attn_implementation("eager")
    slopes = np.zeros((len(ROWS), LAYERS, HEADS))
    for at, row in enumerate(ROWS):
        for layer, head in EVERY:
            slopes[at, layer, head] = slope(own, row[None], layer, head)
    mean = np.abs(slopes).mean(0)
    expected = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    scores, loss = importance(tiny.load_tiny(name), ROWS, Steps())
    found = np.array(scores)
    assert loss == pytest.approx(by_hand_loss(own, ROWS), abs=1e-5)
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-4)
    # A sample is a row: the slope of the mean loss of all would be another number.
    other = np.abs(slopes.mean(0))
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    assert np.abs(found - other).max() > 0.05


@pytest.mark.parametrize("name", tiny.DECODERS)
def test_norm_is_that_of_each_heads_part_of_the_output_over_its_layers_mean(name):
    own = tiny.make_model(name)
    own.set_attn_implementation("eager")
    merged = []
    modules = output_projections(own, LAYERS)
    hooks = [m.register_forward_pre_hook(lambda _, args: merged.append(args[0])) for m in modules]
    with torch.inference_mode():
        own(input_ids=ROWS)
    for hook in hooks:
        hook.remove()
    expected = np.zeros((len(ROWS), LAYERS, HEADS))
    for layer, module in enumerate(modules):
        weight = module.weight.detach().double().numpy()
        into_out = weight if isinstance(module, Conv1D) else weight.T
        width = into_out.shape[0] // HEADS
        for head in range(HEADS):
            lane = slice(head * width, (head + 1) * width)
            written = merged[layer].double().numpy()[..., lane] @ into_out[lane]
            expected[:, layer, head] = np.linalg.norm(written, axis=-1).mean(1)
    expected /= expected.mean(-1, keepdims=True)
    found = norm(tiny.load_tiny(name), ROWS, Steps())
    np.testing.assert_allclose(found, expected.mean(0), rtol=1e-4)


def test_norm_of_a_layout_in_plain_numpy():
    model = load_layout(8, 2, device="cpu")
    ids = model.encode("The keys near the old cabinet are lost.")
    found = np.array(norm(model, torch.tensor([ids]), Steps()))
    for layer, trace in enumerate(whole_pass(model, ids).layers):
        w_o = model.w_o(layer)[0].detach().numpy().reshape(192, 8, 24)
        written = np.einsum("htd,ohd->hto", trace.context[0].numpy(), w_o)
        norms = np.linalg.norm(written, axis=-1).mean(1)
        np.testing.assert_allclose(found[layer], norms / norms.mean(), rtol=1e-4)


def test_a_long_row_is_cut_to_what_a_look_keeps():
    model = tiny.load_tiny("phi")
    long = torch.randint(10, 300, (1, 200), generator=torch.Generator().manual_seed(8))
    whole = norm(model, long, Steps())
    cut = _Cut(model)
    np.testing.assert_allclose(norm(cut, long, Steps()), norm(model, long[:, :50], Steps()))
    assert np.abs(np.array(whole) - norm(cut, long, Steps())).max() > 1e-3


class _Cut:
    """The model, whose looks keep 50 tokens."""

    kept_tokens = 50

    def __init__(self, model):
        self._model = model

    def __getattr__(self, name):
        return getattr(self._model, name)


@pytest.mark.parametrize("by", ["importance", "norm", "greedy"])
def test_a_head_that_does_nothing_goes_first(by):
    model, rows = with_an_idle_head()
    ranking = pruning.rank(model, rows, by, up_to=0.1)
    assert ranking.order[0] == IDLE
    layer, head = IDLE
    assert ranking.scores[layer][head] == pytest.approx(0, abs=1e-6)
    others = [ranking.scores[la][he] for la, he in EVERY if (la, he) != IDLE]
    assert min(others) > 1e-4


def test_what_a_head_writes_has_to_be_known():
    class Hidden(_Cut):
        kept_tokens, title = 512, "Hidden"

        def w_o(self, layer):
            return None if layer == 1 else self._model.w_o(layer)

    with pytest.raises(PruningError) as refused:
        norm(Hidden(tiny.load_tiny("llama")), ROWS, Steps())
    assert str(refused.value) == (
        "Hidden has no W_O by itself in layer 1, so that what its heads write is not known: rank "
        "them by importance."
    )
