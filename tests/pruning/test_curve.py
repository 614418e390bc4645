"""Curves of loss by share against transformers with the same heads off by hand."""

import json
import math

import pytest
import torch

from attention.interventions.off import Off
from attention.models.huggingface.checkpoint import load
from attention.models.layouts.load import load_layout
from attention.models.limits import Cancelled, TextError
from attention.models.losses import losses
from attention.pruning import BY, SHARES, Ranking, curve, held_out, prune, rank, readings
from attention.pruning.curve import perplexity
from tests.models import tiny
from tests.models.real import fetched
from tests.pruning.by_hand import EVERY, ROWS, loss


def heads_of(names):
    return [tuple(map(int, name.split("."))) for name in names]


@pytest.mark.parametrize("by", ["importance", "norm"])
def test_every_point_is_the_loss_of_the_text_without_its_heads(by):
    found = prune(tiny.load_tiny("llama"), ROWS, by)
    order = rank(tiny.load_tiny("llama"), ROWS, by).order
    own = tiny.eager("llama")
    assert heads_of(found.order) == list(order)
    assert [point.share for point in found.points] == list(SHARES)
    assert [len(point.heads) for point in found.points] == [0, 1, 2, 4, 5, 6, 7, 8, 10, 11, 12]
    for point in found.points:
        assert point.heads == found.order[: len(point.heads)]
        assert point.loss == pytest.approx(loss(own, ROWS, heads_of(point.heads)), abs=1e-5)
        assert point.perplexity == pytest.approx(math.exp(point.loss))
        assert point.losses == (point.loss,)
    assert found.loss_before == found.points[0].loss
    assert (found.windows, found.window, found.by, found.seeds) == (*ROWS.shape, by, ())


def test_random_orders_are_a_band_whose_first_has_the_heads():
    model, own = tiny.load_tiny("llama"), tiny.eager("llama")
    found = prune(model, ROWS, "random", shares=(0.25, 1), seed=7)
    assert found.seeds == (7, 8, 9, 10, 11)
    quarter, whole = found.points
    for seed, each in zip(found.seeds, quarter.losses, strict=True):
        off = rank(model, ROWS, "random", seed=seed).order[:3]
        assert each == pytest.approx(loss(own, ROWS, off), abs=1e-5)
    assert heads_of(quarter.heads) == list(rank(model, ROWS, "random", seed=7).order[:3])
    assert len(set(quarter.losses)) == 5
    assert len(set(whole.losses)) == 1


def test_ranked_on_one_text_and_measured_on_another():
    model, own = tiny.load_tiny("llama"), tiny.eager("llama")
    other = torch.randint(10, 300, (2, 20), generator=torch.Generator().manual_seed(3))
    found = curve(model, [rank(model, ROWS)], other, (0.5,))
    off = rank(model, ROWS).order[:6]
    assert off != rank(model, other).order[:6]
    assert found.points[0].loss == pytest.approx(loss(own, other, off), abs=1e-5)
    assert found.loss_before == pytest.approx(loss(own, other), abs=1e-5)


def test_cache_bytes_go_with_the_last_query_head_of_a_kv_head_alone():
    model = tiny.load_tiny("llama")  # 3 layers, 2 KV heads of 2 query heads, 12 numbers a head
    order = [(0, 0), (1, 1), (0, 2), (0, 1), *(head for head in EVERY if head[0] == 2)]
    rest = [head for head in EVERY if head not in order]
    found = curve(
        model, [Ranking(by="norm", order=(*order, *rest))], ROWS, [n / 12 for n in range(13)]
    )
    one = 2 * 12 * 4 * ROWS.numel()
    freed = [(found.cache_bytes_before - point.cache_bytes) / one for point in found.points]
    assert freed == [0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 5, 6]
    assert found.cache_bytes_before == 6 * one
    slices = 12 * 48
    taken = [(found.parameters_before - point.parameters) / slices for point in found.points]
    assert taken == [2 * n + 2 * kv for n, kv in enumerate(freed)]


@pytest.mark.parametrize("by", BY)
def test_progress_reaches_its_end_and_results_are_json(by):
    seen = []
    found = prune(load_layout(2, 1, device="cpu"), ROWS, by, progress=seen.append)
    assert [progress.done for progress in seen] == list(range(1, seen[-1].total + 1))
    assert len({progress.total for progress in seen}) == 1
    again = json.loads(json.dumps(found.json(), allow_nan=False))
    assert again["curve"][3]["heads"] == list(found.points[3].heads)
    assert again["curve"][3]["loss"] == found.points[3].loss
    assert "points" not in again


def test_each_pass_may_wait_for_others_and_it_stops_between_them():
    taken = []

    def each(work):
        taken.append(work)
        return work()

    with pytest.raises(Cancelled):
        prune(tiny.load_tiny("llama"), ROWS, each=each, cancelled=lambda: len(taken) == 5)
    assert len(taken) == 5


@pytest.mark.parametrize("by", ["importance", "norm", "greedy"])
def test_8x2_loses_less_by_a_measured_order_than_by_chance(by):
    model = load_layout(8, 2, device="cpu")
    rows = held_out(model)
    measured = prune(model, rows, by, shares=(0.2,)).points[0]
    chance = prune(model, rows, "random", shares=(0.2,)).points[0]
    assert measured.loss < sum(chance.losses) / 5


def test_the_text_of_ours_is_four_rows_that_the_model_knows():
    rows = held_out(load_layout(8, 2, device="cpu"))
    assert rows.shape[0] == 4
    model = load_layout(8, 2, device="cpu")
    start = model.decode(rows.flatten().tolist())
    assert model.reference_text.startswith(start[:100])
    assert model.encode(model.reference_text)[: rows.numel()] == rows.flatten().tolist()
    assert rows.shape[1] == len(model.encode(model.reference_text)) // 4


def test_a_model_that_predicts_nothing_is_refused():
    with pytest.raises(TextError, match=r"choose a model with an LM head\.$"):
        prune(tiny.load_tiny("bert"), ROWS)


def test_a_perplexity_beyond_every_float_is_none():
    assert perplexity(2.0) == pytest.approx(7.389056)
    assert perplexity(1000.0) is None


@pytest.mark.slow
def test_smollm2_loses_little_by_a_tenth_of_its_heads_and_everything_by_all():
    fetched("smollm2")
    model = load("smollm2", device="cpu", dtype="float32")
    rows = held_out(model)
    found = prune(model, rows, shares=(0.1, 1))
    tenth, none = found.points
    assert len(tenth.heads) == 27
    off = model.without(Off.parse(",".join(tenth.heads)))
    assert tenth.loss == pytest.approx(losses(off, rows).double().mean().item(), abs=1e-6)
    assert found.loss_before < tenth.loss < found.loss_before + 0.6
    assert none.loss > found.loss_before + 4
    assert (none.cache_bytes, none.parameters) == (0, 0)
    assert found.cache_bytes_before == 2 * 30 * 3 * 64 * 4 * rows.numel()


@pytest.mark.parametrize(("by", "n"), [("importance", 11), ("norm", 12), ("random", 47)])
def test_what_it_costs_is_known_before_it_begins(by, n):
    model, done = load_layout(8, 2, device="cpu"), []
    rows = torch.tensor([model.encode("The keys near the old cabinet are lost.")[:8]])
    prune(model, rows, by, progress=done.append)
    assert readings(model.configs, by) == n == done[-1].total == done[-1].done


def test_a_greedy_order_costs_what_its_evaluations_do():
    model, done = load_layout(4, 1, device="cpu"), []  # 12 heads, of which 10 go
    rows = torch.tensor([model.encode("The keys near the old cabinet are lost.")[:4]])
    prune(model, rows, "greedy", shares=(0, 0.8), progress=done.append)
    assert readings(model.configs, "greedy", (0, 0.8)) == done[-1].total
    assert done[-1].total == 1 + 1 + sum(range(12, 2, -1))
