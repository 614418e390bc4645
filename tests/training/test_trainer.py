import copy
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from attention.models.layouts.initial import look_one_back
from attention.training.corpus import ids_of
from attention.training.trainer import Trainer, loss_of
from tests.training import small
from tests.training.small import RECIPE, text, trainer


def weights(some: Trainer) -> torch.Tensor:
    return torch.cat([p.flatten() for p in some.decoder.state_dict().values()])


@pytest.mark.slow
def test_the_loss_falls():
    some = trainer()
    losses = [some.train_step(text()).item() for _ in range(40)]
    assert losses[-1] < losses[0] - 1


def test_the_same_seed_gives_the_same_weights():
    first, again, other = trainer(), trainer(), trainer(replace(RECIPE, seed=1))
    for some in (first, again, other):
        some.train_step(text())
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))


def test_the_familys_embedding_stays_as_it_is():
    given = torch.randn(small.vocab_size(), RECIPE.d_model)
    recipe = replace(RECIPE, own_embedding=False)
    some = Trainer(small.task(recipe), small.vocab_size(), "cpu", given)
    before = weights(some)
    some.train_step(text())
    assert torch.equal(some.decoder.embedding.weight, given)
    assert not torch.equal(weights(some), before)


def test_what_nothing_foretells_is_not_in_the_loss():
    decoder = trainer().decoder
    rows = small.corpus().rows(0, 4, 0)
    ids = torch.from_numpy(ids_of(rows))
    each = F.cross_entropy(decoder(ids[:, :-1]).transpose(1, 2), ids[:, 1:], reduction="none")
    counted = torch.from_numpy(rows[:, 1:] >= 0)
    assert loss_of(decoder, torch.from_numpy(rows)).item() == pytest.approx(
        each[counted].mean().item(), rel=1e-5
    )


def test_a_run_goes_on_where_its_checkpoint_stopped(tmp_path):
    straight, broken = trainer(), trainer()
    for _ in range(4):
        straight.train_step(text())
    for _ in range(2):
        broken.train_step(text())
    broken.seconds = 12.5
    broken.save(tmp_path / "4x2.pt")

    resumed = trainer()
    resumed.resume(tmp_path / "4x2.pt")
    assert (resumed.step, resumed.seconds) == (2, 12.5)
    for _ in range(2):
        resumed.train_step(text())
    assert torch.equal(weights(resumed), weights(straight))
    assert [path.name for path in tmp_path.iterdir()] == ["4x2.pt"]


def test_a_checkpoint_of_another_recipe_is_left_alone(tmp_path):
    other = trainer(replace(RECIPE, learning_rate=1e-3))
    other.train_step(text())
    other.save(tmp_path / "4x2.pt")
    some = trainer()
    some.resume(tmp_path / "4x2.pt")
    assert some.step == 0


def test_the_rate_of_the_recipe_is_the_optimisers():
    some = trainer()
    some.train_step(text())
    for group in some.optimiser.param_groups:
        assert group["lr"].item() == pytest.approx(some.recipe.rate(0))
    some.restore(copy.deepcopy(some.state()))
    assert all(group["lr"] is some.rate for group in some.optimiser.param_groups)


@pytest.mark.parametrize("n_heads", [1, 8, 32])
def test_layer_0_begins_by_looking_one_token_back(n_heads):
    recipe = replace(RECIPE, d_model=192)
    some = Trainer(small.task(recipe, layout=(n_heads, 1)), small.vocab_size(), "cpu")
    ids = torch.from_numpy(ids_of(small.corpus().rows(0, 0, 1)[:, :32]))
    weights = some.decoder.trace(ids).layers[0].weights[0]
    back = weights.diagonal(-1, -2, -1).mean(-1)
    assert (back > 0.5).all()
    bare = Trainer(small.task(replace(recipe, look_back=False)), small.vocab_size(), "cpu")
    assert not bare.decoder.layers[0].w_q.bias.any()


def test_a_layer_without_position_cannot_look_back():
    with pytest.raises(ValueError, match="without position encoding"):
        look_one_back(trainer().decoder.layers[1])
