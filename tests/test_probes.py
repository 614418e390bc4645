"""Head scores against hand-made matrices and against their definitions as plain loops."""

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention import probes
from attention.probes import HeadScores, ProbeError


def looks_at(*keys_by_query):
    """A head that puts all its weight where it is told: one key a query, or several evenly."""
    seq_len = len(keys_by_query)
    weights = np.zeros((1, seq_len, seq_len), dtype=np.float32)
    for query, keys in enumerate(keys_by_query):
        keys = keys if isinstance(keys, tuple) else (keys,)
        weights[0, query, list(keys)] = 1 / len(keys)
    return weights


def even(seq_len, causal):
    weights = np.ones((1, seq_len, seq_len), dtype=np.float32)
    weights = np.tril(weights) if causal else weights
    return weights / weights.sum(-1, keepdims=True)


@st.composite
def heads(draw):
    """Random heads over a text with few distinct tokens, causal or not."""
    seq_len, causal = draw(st.integers(1, 12)), draw(st.booleans())
    ids = draw(st.lists(st.integers(0, 3), min_size=seq_len, max_size=seq_len))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    weights = random.random((draw(st.integers(1, 3)), seq_len, seq_len)) ** 3
    weights = np.tril(weights) if causal else weights
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32), ids, causal


def mean(values):
    return sum(values) / len(values) if values else None


def by_definition(w, ids, causal):
    """The issue's definitions, one head, loops only."""
    later = range(1, len(w))
    after_same = [[j + 1 for j in range(i) if ids[j] == ids[i]] for i in range(len(w))]
    entropies = []
    for i in range(len(w)):
        allowed = i + 1 if causal else len(w)
        if allowed > 1:
            entropy = -sum(x * math.log(x) for x in w[i].tolist() if x > 0)
            entropies.append(entropy / math.log(allowed))
    return {
        "previous": mean([w[i, i - 1] for i in later]),
        "first": mean([w[i, 0] for i in later]),
        "self_": mean([w[i, i] for i in later]),
        "induction": mean([sum(w[i, j] for j in js) for i, js in enumerate(after_same) if js]),
        "spread": mean(entropies),
    }


@given(heads())
def test_every_score_is_its_definition(drawn):
    weights, ids, causal = drawn
    for w, scores in zip(weights, probes.score_heads(weights, ids, causal), strict=True):
        expected = by_definition(w, ids, causal)
        for name, value in expected.items():
            assert getattr(scores, name) == (
                None if value is None else pytest.approx(value, abs=2e-6)
            )


@given(heads())
def test_scores_stay_between_0_and_1(drawn):
    weights, ids, causal = drawn
    for scores in probes.score_heads(weights, ids, causal, pairs=[(len(ids) - 1, 0)]):
        for value in vars(scores).values():
            assert value is None or -1e-6 <= value <= 1 + 1e-6


def test_a_perfect_previous_token_head():
    weights = looks_at(0, 0, 1, 2)
    assert probes.previous_token(weights) == [1.0]
    assert probes.self_(weights) == [0.0]
    assert probes.first_token(weights) == pytest.approx(1 / 3)


def test_query_0_counts_for_nothing_since_it_sees_only_itself():
    assert probes.first_token(looks_at(0, 1, 2)) == [0.0]
    assert probes.self_(looks_at(0, 0, 1)) == [0.0]


def test_a_perfect_induction_head():
    ids = [7, 8, 9, 7, 8, 9]  # the second 7 looks at the first 8, and so on
    assert probes.induction(looks_at(0, 0, 0, 1, 2, 3), ids) == [1.0]
    previous = looks_at(0, 0, 1, 2, 3, 4)
    assert probes.induction(previous, ids) == [0.0]


def test_induction_sums_over_earlier_occurrences_and_averages_over_the_queries_that_have_one():
    ids = [5, 1, 5, 2, 5]
    # Query 2 (5) has token 1 behind an earlier 5; query 4 has tokens 1 and 3. Others have none.
    weights = looks_at(0, 0, 1, 0, (1, 3))
    assert probes.induction(weights, ids) == [1.0]
    half = looks_at(0, 0, 0, 0, (0, 1, 2, 3))
    assert probes.induction(half, ids) == pytest.approx((0 + 0.5) / 2)


def test_induction_looks_back_only():
    ids = [5, 1, 5, 2]
    forward = looks_at(3, 0, 0, 0)  # query 0 looks behind the later 5
    assert probes.induction(forward, ids) == [0.0]


def test_induction_has_nothing_to_say_without_a_repeat():
    assert probes.induction(even(4, True), [1, 2, 3, 4]) is None


def test_agreement_is_the_weight_from_the_verbs_place_to_its_subject():
    weights = looks_at(0, 0, 1, (1, 2), 4)
    assert probes.agreement(weights, [(3, 1)]) == [0.5]
    assert probes.agreement(weights, [(3, 1), (4, 1)]) == [0.25]  # two verbs
    assert probes.agreement(weights, [(3, 1), (3, 2)]) == [1.0]  # a subject of two tokens
    assert probes.agreement(weights, []) is None


@pytest.mark.parametrize("causal", [True, False])
def test_spread_is_1_when_even_and_0_on_one_key(causal):
    assert probes.spread(even(9, causal), causal) == pytest.approx(1, abs=1e-6)
    assert probes.spread(looks_at(0, 0, 1, 2), causal) == pytest.approx(0, abs=1e-6)


def test_spread_measures_against_the_keys_that_may_be_seen():
    causally_even = even(6, True)
    assert probes.spread(causally_even, True) == pytest.approx(1, abs=1e-6)
    assert probes.spread(causally_even, False)[0] < 0.75


def test_a_single_token_gives_no_occasion():
    nothing = HeadScores(
        previous=None, first=None, self_=None, induction=None, agreement=None, spread=None
    )
    assert probes.score_heads(np.ones((2, 1, 1), np.float32), [3], True) == [nothing, nothing]
    assert probes.strongest(nothing) == ("mixed", 0.0)


def test_refuses_ids_and_pairs_that_do_not_fit():
    with pytest.raises(ProbeError) as refused:
        probes.induction(even(3, True), [1, 2])
    assert str(refused.value) == "2 ids do not fit weights over 3 tokens."
    for pair in [(3, 0), (1, -1)]:
        with pytest.raises(ProbeError) as refused:
            probes.agreement(even(3, True), [pair])
        assert str(refused.value) == f"pairs [{pair}] leave the 3 tokens."


def scores(**given):
    quiet = {"previous": 0.1, "first": 0.1, "self_": 0.1, "induction": 0.1, "agreement": None}
    return HeadScores(**{**quiet, "spread": 0.3, **given})


@pytest.mark.parametrize(
    ("given_scores", "words"),
    [
        (scores(previous=0.83), ("previous", 0.83)),
        (scores(first=0.9, previous=0.5), ("first", 0.9)),
        (scores(self_=0.7), ("self", 0.7)),
        (scores(induction=0.45), ("induction", 0.45)),
        (scores(agreement=0.95, previous=0.6), ("agreement", 0.95)),
        (scores(previous=0.4), ("previous", 0.4)),
        (scores(previous=0.39), ("mixed", 0.39)),
        (scores(spread=0.85), ("spread", 0.85)),
        (scores(spread=0.84), ("mixed", 0.1)),
        (scores(previous=0.6, first=0.6), ("previous", 0.6)),
        (scores(agreement=0.6, self_=0.6), ("self", 0.6)),
        (scores(induction=None, previous=0.5), ("previous", 0.5)),
    ],
)
def test_strongest_gives_the_few_words(given_scores, words):
    assert probes.strongest(given_scores) == words


@pytest.mark.parametrize("seq_len", [2, 3, 5, 40])
@pytest.mark.parametrize("causal", [True, False])
def test_even_attention_is_never_called_mostly_something(seq_len, causal):
    [head] = probes.score_heads(even(seq_len, causal), list(range(seq_len)), causal)
    assert probes.strongest(head)[0] == "spread"


@pytest.mark.benchmark
@pytest.mark.parametrize(("seq_len", "limit_ms"), [(128, 2), (1024, 600)])
def test_32_heads_are_scored_in_time(seq_len, limit_ms):
    weights = np.repeat(even(seq_len, True), 32, axis=0)
    ids = np.random.default_rng(0).integers(0, 40, seq_len)
    times = []
    for _ in range(9):
        start = time.perf_counter()
        probes.score_heads(weights, ids, True, pairs=[(9, 2)])
        times.append(1000 * (time.perf_counter() - start))
    print(f"\n32 heads x {seq_len} tokens: {min(times):.2f} ms")
    assert min(times) < limit_ms
