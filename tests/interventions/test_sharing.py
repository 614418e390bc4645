import pytest
import torch

from attention.config import AttentionConfig
from attention.interventions.sharing import Sharing, SharingError

HEADS = torch.tensor([[1.0, 0, 0], [0, 1, 0], [1, 0.1, 0], [0, 1, 0.2]])


@pytest.mark.parametrize(
    ("by", "grouping", "groups", "sources"),
    [
        ("mean", "contiguous", ((0, 1), (2, 3)), ((0, 1), (2, 3))),
        ("first", "contiguous", ((0, 1), (2, 3)), ((0,), (2,))),
        ("mean", "similar", ((0, 2), (1, 3)), ((0, 2), (1, 3))),
        ("first", "similar", ((0, 2), (1, 3)), ((0,), (1,))),
    ],
)
def test_groups_and_what_stands_for_them(by, grouping, groups, sources):
    plan = Sharing(kv_heads=2, by=by, grouping=grouping).plan(0, HEADS)
    assert (plan.groups, plan.sources) == (groups, sources)
    assert plan.in_order == (grouping == "contiguous")
    moved = [0, 1, 4, 5, 2, 3, 6, 7] if grouping == "similar" else list(range(8))
    assert plan.query_order(2) == moved


def test_a_random_one_is_of_its_group_and_the_seed_says_which():
    def drawn(seed):
        sharing = Sharing(kv_heads=2, by="random", seed=seed)
        return tuple(sharing.plan(layer, HEADS).sources for layer in range(20))

    assert drawn(1) == drawn(1) != drawn(2)
    for (first,), (second,) in drawn(1):
        assert first in (0, 1) and second in (2, 3)
    assert len(set(drawn(1))) == 4  # every choice, over 20 layers


def test_rows_of_a_matrix_and_of_a_bias():
    plan = Sharing(kv_heads=2).plan(0, HEADS)
    rows = torch.arange(16.0).view(8, 2)  # 4 KV heads of 2 rows
    assert plan.regrouped(rows).tolist() == [[2, 3], [4, 5], [10, 11], [12, 13]]
    assert plan.regrouped(rows[:, 0]).tolist() == [2, 4, 10, 12]


def test_as_many_as_there_are_is_no_change():
    for by in ("mean", "first", "random"):
        for grouping in ("contiguous", "similar"):
            plan = Sharing(kv_heads=4, by=by, grouping=grouping).plan(0, HEADS)
            assert plan.sources == ((0,), (1,), (2,), (3,)) and plan.in_order


@pytest.mark.parametrize("kv_heads", [0, -1, 3, 8])
def test_what_does_not_divide_is_refused_with_what_does(kv_heads):
    config = AttentionConfig(d_model=32, n_heads=8, n_kv_heads=4)
    with pytest.raises(SharingError) as refused:
        Sharing(kv_heads=kv_heads).require([config, config])
    assert str(refused.value) == (
        f"kv_heads {kv_heads} does not divide the 4 KV heads of layer 0: choose 1, 2, 4."
    )


@pytest.mark.parametrize("given", [{"by": "median"}, {"grouping": "far"}])
def test_an_unknown_way_is_refused(given):
    with pytest.raises(SharingError) as refused:
        Sharing(kv_heads=1, **given)
    by, grouping = given.get("by", "mean"), given.get("grouping", "contiguous")
    assert str(refused.value) == (
        f"sharing by {by!r} in {grouping!r} groups is unknown: choose mean, first, random, and "
        "contiguous or similar."
    )
