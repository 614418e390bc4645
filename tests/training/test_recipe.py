from dataclasses import replace

import pytest

from attention.training.recipe import LETTERS, Recipe


def test_the_rate_warms_up_stays_and_falls_to_zero():
    recipe = Recipe()
    assert recipe.rate(0) == pytest.approx(recipe.learning_rate / recipe.warm_up)
    assert recipe.rate(recipe.warm_up) == recipe.rate(recipe.steps // 2) == recipe.learning_rate
    assert recipe.rate(recipe.steps) == 0


def test_repeats_are_many_while_heads_form_and_few_later():
    recipe = replace(Recipe(), steps=10, forming_share=0.5, rows=8)
    assert [recipe.n_repeats(step) for step in (0, 4, 5, 9)] == [4, 4, 1, 1]


def test_tokens_are_rows_of_128():
    assert replace(Recipe(), steps=10, rows=8).tokens == 10 * 8 * 128


def test_a_seed_shuffles_the_steps_of_each_part():
    recipe = replace(Recipe(), steps=20, forming_share=0.5)
    orders = [replace(recipe, seed=seed).order().tolist() for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    for order in orders:
        assert sorted(order[:10]) == list(range(10))
        assert sorted(order[10:]) == list(range(10, 20))


def test_on_letters_the_text_is_the_same_from_first_to_last():
    assert {LETTERS.n_repeats(step) for step in range(LETTERS.steps)} == {4}
    assert not LETTERS.look_back and LETTERS.own_embedding
    assert LETTERS.tokens == 5_120_000
