from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from attention.models.layouts.decoder import Decoder
from attention.training import tasks
from attention.training.recipe import LETTERS, Recipe
from attention.training.tasks import FAMILY, TrainError
from attention.training.trainer import config_of


def parameters(task) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in Decoder(config_of(task, 1000)).parameters())


def test_the_family_is_every_head_count_with_every_divisor():
    assert len(FAMILY) == 21
    assert all(n_heads % n_kv_heads == 0 for n_heads, n_kv_heads in FAMILY)


def test_a_wide_layout_has_the_parameters_of_one_that_shares_nothing():
    whole = parameters(tasks.layout_tasks(Recipe(), [(8, 8)])[0])
    wide = [task for task in tasks.sharing_tasks(Recipe(), FAMILY) if task.name.endswith("wide")]
    assert [task.layout for task in wide] == [(8, 1), (8, 2), (8, 4)]
    for task in wide:
        assert abs(parameters(task) - whole) <= 600  # half a column of each layer's MLP
        assert task.recipe.mlp_dim > Recipe.mlp_dim
        assert replace(task.recipe, mlp_dim=Recipe.mlp_dim) == Recipe()


def test_four_layouts_are_trained_with_three_seeds():
    seeded = [task for task in tasks.sharing_tasks(Recipe(), FAMILY) if task.recipe.seed]
    assert [(task.layout, task.recipe.seed) for task in seeded] == [
        (layout, seed) for layout in ((8, 1), (8, 2), (8, 4), (8, 8)) for seed in (1, 2)
    ]


@pytest.mark.parametrize("recipe", [Recipe(), LETTERS], ids=["words", "letters"])
def test_forming_is_trained_without_a_start(recipe):
    found = tasks.forming_tasks(recipe, FAMILY)
    assert sorted(task.layout for task in found) == [(8, 1), (8, 2), (8, 8)]
    for task in found:
        assert not task.recipe.look_back
        assert task.recipe.own_embedding


def test_snapshots_are_dense_at_the_beginning():
    steps = tasks.snapshot_steps(5000)
    assert (steps[0], steps[-1]) == (0, 5000)
    assert 20 <= len(steps) <= 25
    assert sum(step < 1000 for step in steps) >= 8
    assert max(b - a for a, b in pairwise(steps)) <= 420
    assert tasks.snapshot_steps(4) == (0, 1, 2, 3, 4)


def test_no_two_trainings_share_a_file():
    recipe = Recipe()
    every = [
        tasks.embedding_task(recipe), *tasks.layout_tasks(recipe, FAMILY),
        *tasks.sharing_tasks(recipe, FAMILY), *tasks.forming_tasks(recipe, FAMILY),
        *tasks.forming_tasks(LETTERS, FAMILY),
    ]  # fmt: skip
    assert len({task.name for task in every}) == len(every) == 39


def test_layouts_are_named_by_heads_and_kv_heads():
    assert tasks.parse_layouts("8x2,4x1") == ((8, 2), (4, 1))
    assert tasks.parse_layouts("all") == FAMILY
    with pytest.raises(TrainError) as refused:
        tasks.parse_layouts("8x2,3x1")
    assert str(refused.value).startswith(
        "layout '3x1' is not in the family: choose 1x1, 2x1, 2x2, 4x1, "
    )
