"""The greedy order against all sets tried by hand."""

import pytest

from attention.pruning import greedy, rank
from tests.models import tiny
from tests.pruning.by_hand import EVERY, ROWS, loss


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_each_step_takes_the_head_without_which_the_loss_is_smallest(name):
    own, gone = tiny.eager(name), []
    for _ in range(4):
        left = [head for head in EVERY if head not in gone]
        gone.append(min(left, key=lambda head: loss(own, ROWS, [*gone, head])))
    found = rank(tiny.load_tiny(name), ROWS, "greedy", up_to=0.33)
    assert found.order[:4] == tuple(gone)
    assert found.candidates == 12
    importance = rank(tiny.load_tiny(name), ROWS)
    assert found.order[4:] == tuple(head for head in importance.order if head not in gone)
    assert found.order != importance.order


def test_a_large_model_is_searched_among_a_few_candidates(monkeypatch):
    model, own = tiny.load_tiny("llama"), tiny.eager("llama")
    monkeypatch.setattr(greedy, "EVALUATIONS", 12)
    found = rank(model, ROWS, "greedy", up_to=0.33)
    assert found.candidates == 3
    left, gone = list(rank(model, ROWS).order), []
    for _ in range(4):
        gone.append(min(left[:3], key=lambda head: loss(own, ROWS, [*gone, head])))
        left.remove(gone[-1])
    assert found.order == (*gone, *left)


@pytest.mark.parametrize(
    ("n_heads", "going", "candidates", "evaluations"),
    [
        (24, 22, 24, 297),  # 24 + 23 + ... + 3: every set
        (270, 54, 11, 594),
        (270, 243, 2, 486),
        (1024, 922, 2, 1844),  # two at least
        (1, 0, 1, 0),
    ],
)
def test_the_cost_is_bounded(n_heads, going, candidates, evaluations):
    assert greedy.candidates_of(n_heads, going) == candidates
    assert greedy.evaluations(n_heads, going, candidates) == evaluations
