import json

import pytest
import torch

from attention.interventions.sharing import Sharing
from attention.models.layouts.cards import load_card
from attention.models.layouts.load import load_layout
from attention.models.losses import losses
from attention.steps import Steps
from attention.uptraining import compare
from attention.uptraining.compare import Comparison, Uptrained

STORY = "The keys near the old cabinet are lost. The boys who saw the teacher are tired. " * 3


def rows_of(model):
    return torch.tensor(model.encode(STORY)[:48]).view(2, 24)


def comparison_of(model, steps):
    return Comparison(model, Sharing(kv_heads=1), rows_of(model), "en", steps=steps)


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "STORIES", 4)
        patch.setattr("attention.training.gate.VERBS_A_FORM", 5)
        model = load_layout(4, 4, device="cpu")
        comparison = comparison_of(model, steps=3)
        counted = Steps(comparison.passes)
        uptrained = comparison.run(counted)
        assert counted.done == comparison.passes
        for standing, each in (
            (uptrained.before, model),
            (uptrained.trained, load_layout(4, 1, device="cpu")),
        ):
            assert standing == comparison.standing(each, Steps())
        yield model, rows_of(model), uptrained


@pytest.mark.slow
def test_figures_are_those_of_the_cards():
    comparison = comparison_of(load_layout(4, 4, device="cpu"), steps=1)
    for layout in ((4, 4), (4, 1)):
        standing = comparison.standing(load_layout(*layout, device="cpu"), Steps())
        card = load_card(*layout)
        assert standing.validation_loss == pytest.approx(card["validation_loss"], abs=1e-4)
        assert standing.agreement == pytest.approx(card["agreement"]["en"]["accuracy"], abs=1e-4)
        assert standing.parameters == card["parameters"]
        assert standing.n_kv_heads == card["n_kv_heads"]


def test_the_loss_and_the_bytes_are_those_of_the_text(found):
    model, rows, uptrained = found
    shared = model.shared(Sharing(kv_heads=1))
    for standing, each in ((uptrained.before, model), (uptrained.shared, shared)):
        assert standing.loss == pytest.approx(losses(each, rows).double().mean().item(), rel=1e-6)
        assert standing.cache_bytes == 2 * each.cache_formula(24)
    assert uptrained.before.cache_bytes == 4 * uptrained.after.cache_bytes


def test_it_is_better_after_three_updates_already(found):
    uptrained = found[2]
    assert len(uptrained.curve) == 3
    assert uptrained.after.validation_loss < uptrained.shared.validation_loss
    assert uptrained.tokens == 3 * 6 * 128


def test_it_is_read_back_from_json(found):
    assert Uptrained.of_json(json.loads(json.dumps(found[2].json()))) == found[2]
