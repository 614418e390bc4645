"""A layout is trained on, with the family's own text."""

from functools import cache

import pytest
import torch

from attention.interventions.sharing import Sharing, SharingError
from attention.models.layouts.load import load_layout
from attention.training.evaluation import losses
from attention.training.gate import HELD_OUT_SEED
from attention.uptraining.layouts import LayoutUptraining
from tests.training.small import corpus

ONE = Sharing(kv_heads=1)


@cache
def original():
    return load_layout(4, 4, device="cpu")


def through(work):
    for update in work.updates():
        update()
    return work


def test_it_begins_as_the_layout_whose_heads_became_fewer():
    work, fewer = LayoutUptraining(original(), ONE, steps=2), original().shared(ONE)
    begun = work.model().decoder.state_dict()
    for name, value in fewer.decoder.state_dict().items():
        assert begun[name].equal(value.half().float())


def test_the_loss_falls_on_the_text_of_the_training_and_the_embedding_stays():
    work = LayoutUptraining(original(), ONE, steps=12, rows=4)
    before = work.model()
    after = through(work).model()
    assert [point.stage for point in work.curve] == ["text"] * 12
    assert work.curve[-1].tokens == 12 * 4 * 128
    assert work.curve[-1].loss < 0.8 * work.curve[0].loss
    held_out = corpus(HELD_OUT_SEED)
    told = [losses(model.decoder, held_out, 8)[0] for model in (before, after)]
    assert told[1] < 0.8 * told[0]
    assert after.decoder.embedding.weight.equal(original().decoder.embedding.weight)
    assert after.config.n_kv_heads == 1
    assert after.title == "Headcount 4/4 with n_kv_heads 1, uptrained"


def test_the_same_seed_gives_the_same_weights_whatever_else_is_drawn():
    runs = []
    for seed in (0, 0, 1):
        torch.rand(3)
        runs.append(through(LayoutUptraining(original(), ONE, steps=3, rows=2, seed=seed)))
    first, again, other = ([point.loss for point in work.curve] for work in runs)
    assert first == again != other


def test_five_per_cent_of_the_steps_of_its_training():
    assert LayoutUptraining(original(), ONE).total == 250


def test_heads_that_do_not_divide_are_refused():
    with pytest.raises(SharingError):
        LayoutUptraining(original(), Sharing(kv_heads=3))
