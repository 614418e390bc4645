"""A random model is taught: what the two stages learn, what stays, and going on after a break."""

import copy
from dataclasses import replace

import pytest
import torch

from attention.interventions.sharing import Sharing
from attention.uptraining.distil import Distillation
from attention.uptraining.schedule import Schedule
from tests.models.tiny import eager, load_tiny

ONE = Sharing(kv_heads=1)
PLAN = Schedule(rows=8, window=12, portion=4, passes=2, batch=2, steps=8)


def through(work, updates=None):
    """Do so many updates, or all."""
    for _, update in zip(range(updates or work.total), work.updates(), strict=False):
        update()
    return work


@pytest.mark.parametrize("name", ["llama", "qwen2", "gemma2"])
def test_both_stages_learn(name):
    plan = replace(PLAN, rows=4, passes=16, steps=24)
    curve = through(Distillation(load_tiny(name), ONE, plan)).curve
    assert [point.stage for point in curve] == ["layers"] * 32 + ["logits"] * 24
    losses = [point.loss for point in curve]
    assert losses[30] < 0.95 * losses[0]  # of the same rows
    assert losses[54] < 0.95 * losses[32]
    assert [point.tokens for point in curve[:2]] == [24, 48]


@pytest.mark.parametrize("name", ["llama", "qwen2"])
def test_only_keys_and_values_change(name):
    original = load_tiny(name)
    before = {key: value.clone() for key, value in original.model.state_dict().items()}
    work = through(Distillation(original, ONE, PLAN))
    assert all(value.equal(before[key]) for key, value in original.model.state_dict().items())
    shared, after = original.shared(ONE).model.state_dict(), work.model().model.state_dict()
    changed = {key for key, value in after.items() if not value.equal(shared[key])}
    per_layer = ("k_proj.weight", "v_proj.weight") + ("k_proj.bias", "v_proj.bias") * (
        name == "qwen2"
    )
    assert changed == {f"model.layers.{n}.self_attn.{key}" for n in range(3) for key in per_layer}
    assert set(work.trained) == changed


def test_the_loss_of_the_first_stage_is_the_mean_error_of_the_layers():
    original, fewer = copy.deepcopy(eager("llama")), load_tiny("llama").shared(ONE)
    work = Distillation(load_tiny("llama"), ONE, PLAN)
    rows, errors = work.rows(0, 2), []
    calls = []
    for layer in original.model.layers:
        layer.self_attn.register_forward_hook(
            lambda _, args, given, output: calls.append((given, output[0])), with_kwargs=True
        )
    with torch.no_grad():
        original(rows, use_cache=False)
        for layer, (given, wanted) in zip(fewer.model.model.layers, calls, strict=True):
            found = layer.self_attn(**given)[0]
            errors.append(((found - wanted) ** 2).sum() / (wanted**2).sum())
    assert next(work.updates())().loss == pytest.approx(torch.stack(errors).mean().item(), rel=1e-3)


def test_the_loss_of_the_second_stage_is_the_divergence_from_the_original():
    work = through(Distillation(load_tiny("llama"), ONE, PLAN), PLAN.layer_updates)
    rows = work.rows(0, 2)
    with torch.no_grad():
        p = eager("llama")(rows).logits.double().softmax(-1)
        q = work.fewer.model(rows).logits.double().softmax(-1)
    divergence = (p * (p.log() - q.log())).sum(-1).mean().item()
    assert through(work, 1).curve[-1].loss == pytest.approx(divergence, rel=1e-4)


@pytest.mark.parametrize("stop", [3, PLAN.layer_updates, PLAN.layer_updates + 3])
def test_after_a_break_it_is_as_if_there_had_been_none(tmp_path, stop):
    original = load_tiny("llama")
    straight = through(Distillation(original, ONE, PLAN))
    through(Distillation(original, ONE, PLAN, tmp_path), stop).save()
    again = Distillation(original, ONE, PLAN, tmp_path)
    assert again.done == stop
    through(again)
    assert again.curve == straight.curve
    for name, value in straight.trained.items():
        assert value.equal(again.trained[name])


def test_a_checkpoint_of_something_else_is_left_alone(tmp_path):
    original = load_tiny("llama")
    through(Distillation(original, ONE, PLAN, tmp_path), 2).save()
    for sharing, plan in ((replace(ONE, by="first"), PLAN), (ONE, replace(PLAN, steps=9))):
        assert Distillation(original, sharing, plan, tmp_path).done == 0
    assert Distillation(load_tiny("qwen2"), ONE, PLAN, tmp_path).done == 0


def test_text_that_is_written_is_kept(tmp_path, monkeypatch):
    rows = Distillation(load_tiny("llama"), ONE, PLAN, tmp_path).rows(0, 8)
    monkeypatch.setattr("attention.uptraining.distil.written", lambda *_: pytest.fail("again"))
    assert Distillation(load_tiny("llama"), ONE, PLAN, tmp_path).rows(0, 8).equal(rows)
