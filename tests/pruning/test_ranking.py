"""Orders of heads."""

import pytest
import torch

from attention.interventions.off import Off
from attention.models.layouts.load import load_layout
from attention.models.limits import Cancelled, TextError
from attention.pruning import BY, PruningError, Ranking, rank, rank_passes
from attention.steps import Steps
from tests.models import tiny
from tests.pruning.by_hand import EVERY, ROWS

ORDER = Ranking(by="random", order=tuple(EVERY), seed=0)


def test_random_orders_are_those_of_their_seed():
    model = tiny.load_tiny("llama")
    orders = [rank(model, ROWS, "random", seed=seed) for seed in (0, 1, 0)]
    assert orders[0] == orders[2]
    assert orders[0].order != orders[1].order
    assert [set(each.order) for each in orders] == [set(EVERY)] * 3
    assert [each.seed for each in orders] == [0, 1, 0]
    assert orders[0].scores is None


@pytest.mark.parametrize("by", ["importance", "norm"])
def test_the_smallest_score_goes_first(by):
    found = rank(load_layout(8, 2, device="cpu"), ROWS, by)
    scores = [found.scores[layer][head] for layer, head in found.order]
    assert scores == sorted(scores)
    assert len(set(found.order)) == 24
    assert (found.seed, found.candidates) == (None, None)


@pytest.mark.parametrize("by", BY)
def test_heads_that_are_off_already_are_on_while_they_are_ranked(by):
    model = tiny.load_tiny("llama")
    off = model.without(Off.parse("0.0,1.1"))
    assert rank(off, ROWS, by, up_to=0.2) == rank(model, ROWS, by, up_to=0.2)


@pytest.mark.parametrize(
    ("share", "n"),
    [(0, 0), (0.04, 0), (0.05, 1), (0.1, 1), (0.124, 1), (0.125, 2), (0.5, 6), (0.99, 11), (1, 12)],
)
def test_a_share_is_whole_heads_and_all_of_them_only_at_1(share, n):
    assert ORDER.off(share).heads == frozenset(EVERY[:n])


@pytest.mark.parametrize("share", [-0.1, 1.01, float("nan")])
def test_what_is_no_share_is_named(share):
    with pytest.raises(PruningError) as refused:
        ORDER.off(share)
    assert str(refused.value) == f"share {share} is not from 0 to 1."


def test_an_unknown_order_is_named():
    with pytest.raises(PruningError) as refused:
        rank(tiny.load_tiny("llama"), ROWS, "luck")
    assert str(refused.value) == ("by 'luck' is unknown: choose importance, norm, random, greedy.")


@pytest.mark.parametrize("by", BY)
def test_an_encoder_is_refused_before_any_pass(by):
    def each(_):
        raise AssertionError

    with pytest.raises(TextError, match=r"choose a model with an LM head\.$"):
        rank(tiny.load_tiny("bert"), ROWS, by, steps=Steps(each=each))


@pytest.mark.parametrize("by", BY)
def test_passes_are_counted_beforehand(by):
    model = tiny.load_tiny("llama")
    rows = torch.randint(10, 300, (5, 200), generator=torch.Generator().manual_seed(9))
    seen = []
    steps = Steps(rank_passes(model, rows, by, 0.3), progress=seen.append)
    rank(model, rows, by, up_to=0.3, steps=steps)
    assert [progress.done for progress in seen] == list(range(1, steps.total + 1))
    # Greedy: 4 of 12 heads go, and each time the rows are read in three passes.
    assert steps.total == {"greedy": 5 + (12 + 11 + 10 + 9) * 3, "random": 0}.get(by, 5)


@pytest.mark.parametrize("by", ["importance", "norm", "greedy"])
def test_it_stops_between_two_passes(by):
    asked = []

    def cancelled():
        asked.append(by)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        rank(tiny.load_tiny("llama"), ROWS, by, steps=Steps(9, cancelled=cancelled))
    assert len(asked) == 3
