from dataclasses import replace

import pytest
import torch
from tokenizers import Tokenizer

from attention.models.layouts.decoder import look_one_back
from attention.models.layouts.model import TOKENIZER
from attention.training.corpus import Corpus
from attention.training.trainer import Recipe, Trainer

TOKENS = Tokenizer.from_file(str(TOKENIZER))
VOCABULARY = TOKENS.get_vocab_size()
SMALL = replace(Recipe(), d_model=32, mlp_dim=32, steps=40, warm_up=4)


def trainer(recipe: Recipe = SMALL, device: str = "cpu") -> Trainer:
    corpus = Corpus(lambda word: TOKENS.encode(word).ids, VOCABULARY, recipe.seed)
    return Trainer(recipe, 4, 2, corpus, VOCABULARY, device)


def weights(some: Trainer) -> torch.Tensor:
    return torch.cat([p.flatten() for p in some.decoder.state_dict().values()])


def test_the_loss_falls():
    some = trainer()
    losses = [some.train_step() for _ in range(40)]
    assert losses[-1] < losses[0] - 1


def test_the_same_seed_gives_the_same_weights():
    first, again, other = trainer(), trainer(), trainer(replace(SMALL, seed=1))
    for some in (first, again, other):
        some.train_step()
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))


def test_a_run_goes_on_where_its_checkpoint_stopped(tmp_path):
    straight, broken = trainer(), trainer()
    for _ in range(4):
        straight.train_step()
    for _ in range(2):
        broken.train_step()
    broken.seconds = 12.5
    broken.save(tmp_path / "4x2.pt")

    resumed = trainer()
    resumed.resume(tmp_path / "4x2.pt")
    assert (resumed.step, resumed.seconds) == (2, 12.5)
    for _ in range(2):
        resumed.train_step()
    assert torch.equal(weights(resumed), weights(straight))
    assert [path.name for path in tmp_path.iterdir()] == ["4x2.pt"]


def test_a_checkpoint_of_another_recipe_is_left_alone(tmp_path):
    other = trainer(replace(SMALL, learning_rate=1e-3))
    other.train_step()
    other.save(tmp_path / "4x2.pt")
    some = trainer()
    some.resume(tmp_path / "4x2.pt")
    assert some.step == 0


def test_the_rate_warms_up_stays_and_falls_to_zero():
    recipe = Recipe()
    assert recipe.rate(0) == pytest.approx(recipe.learning_rate / recipe.warm_up)
    assert recipe.rate(recipe.warm_up) == recipe.rate(recipe.steps // 2) == recipe.learning_rate
    assert recipe.rate(recipe.steps) == 0


def test_tokens_are_counted_over_both_kinds_of_rows():
    recipe = replace(Recipe(), steps=10, forming_share=0.5)
    # 5 steps of 4 × 128 + 8 × 64, 5 of 2 × 128 + 8 × 64
    assert recipe.tokens == 5 * 1024 + 5 * 768


@pytest.mark.parametrize("n_heads", [1, 8, 32])
def test_layer_0_begins_with_heads_that_look_one_token_back(n_heads):
    some = Trainer(
        Recipe(), n_heads, 1, Corpus(lambda w: TOKENS.encode(w).ids, VOCABULARY, 0), VOCABULARY,
        "cpu",
    )  # fmt: skip
    ids = torch.tensor([TOKENS.encode("Tom has a red lamp and Anna has a green cup.").ids])
    layer_0 = some.decoder.trace(ids).layers[0].weights[0]
    assert layer_0.diagonal(-1, 1, 2).mean() > 0.9
    with torch.no_grad():
        look_one_back(some.decoder.layers[0], strength=0.0)
    assert some.decoder.trace(ids).layers[0].weights[0].diagonal(-1, 1, 2).mean() < 0.4
