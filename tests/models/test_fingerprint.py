"""Weights are known again; random ones have the same shape; and what a head writes."""

import pytest
import torch

from attention.interventions.off import Off
from attention.models.fingerprint import fingerprint_of
from attention.models.layouts.load import load_layout
from tests.models.tiny import load_tiny


def named(**weights: torch.Tensor) -> list[tuple[str, torch.Tensor]]:
    return list(weights.items())


def test_it_changes_with_names_shapes_and_numbers() -> None:
    weight = torch.arange(1000.0)
    first = fingerprint_of(named(a=weight), "one")
    assert first == fingerprint_of(named(a=weight.clone()), "one")
    others = [
        fingerprint_of(named(b=weight), "one"),
        fingerprint_of(named(a=weight), "two"),
        fingerprint_of(named(a=weight.view(10, 100)), "one"),
        fingerprint_of(named(a=weight + 1), "one"),
    ]
    assert len({first, *others}) == 5


def test_every_model_has_one_but_what_may_change_and_what_has_heads_off() -> None:
    layouts = [load_layout(*shape, device="cpu") for shape in ((8, 2), (8, 1))]
    models = [*layouts, load_tiny("llama"), load_tiny("gpt2")]
    assert len({model.fingerprint() for model in models}) == 4
    assert load_layout(8, 2, device="cpu").fingerprint() == layouts[0].fingerprint()
    for model in models:
        assert model.without(Off.parse("0.1")).fingerprint() is None
    assert load_tiny("llama").reinitialised(0).fingerprint() is None


@pytest.mark.parametrize("kind", ["layout", "llama", "gpt2", "bert", "deepseek_v3"])
def test_a_reinitialised_model_has_the_shape_and_other_weights(kind: str) -> None:
    model = load_layout(8, 2, device="cpu") if kind == "layout" else load_tiny(kind)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    random = model.reinitialised(3)
    assert torch.equal(torch.rand(1), expected)  # nobody else's random numbers are touched
    assert random.configs == model.configs and random.device == model.device
    ids = list(range(30, 60))
    of = [each.look(ids).kept[-1].every_weight() for each in (model, random)]
    assert of[0].shape == of[1].shape and not torch.allclose(of[0], of[1], atol=1e-3)
    again = model.reinitialised(3).look(ids).kept[-1].every_weight()
    assert torch.equal(again, of[1])
    assert not torch.equal(model.reinitialised(4).look(ids).kept[-1].every_weight(), of[1])


@pytest.mark.parametrize("kind", ["layout", "llama", "mistral", "gemma2", "gpt2", "bert"])
def test_every_weight_and_what_a_head_writes_are_those_of_the_trace(kind: str) -> None:
    model = load_layout(8, 2, device="cpu") if kind == "layout" else load_tiny(kind)
    ids = list(range(40, 60))
    look = model.look(ids)
    for layer, config in enumerate(model.configs):
        trace = model.trace(ids, layer=layer)
        weights = look.kept[layer].every_weight()
        torch.testing.assert_close(weights, trace.weights[0], atol=1e-5, rtol=1e-4)
        w_o, _ = model.w_o(layer)
        written = look.kept[layer].written(weights, (w_o, None))
        for head in range(config.n_heads):
            context = trace.context[0, head]  # [seq_len, head_dim]
            dim = context.shape[1]
            added = context @ w_o[:, head * dim : (head + 1) * dim].T
            assert written[head].item() == pytest.approx(added.norm(dim=1).mean().item(), rel=1e-4)


def test_a_head_that_is_off_writes_nothing() -> None:
    model = load_layout(8, 2, device="cpu").without(Off.parse("0.3"))
    kept = model.look(list(range(40, 60))).kept[0]
    written = kept.written(kept.every_weight(), model.w_o(0))
    assert written[3] == 0 and (written[:3] > 0).all()
