"""Head scores against hand-made matrices and against their definitions as plain loops."""

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.scores import ALL, SCORES, SurveyError, occasions, of_weights, strongest, told


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


def score(name, weights, ids=None, causal=False, pairs=None):
    """One score of every head; None where the text gives no occasion."""
    ids = range(weights.shape[1]) if ids is None else ids
    values = [each[name] for each in of_weights(weights, ids, causal, pairs, kinds=ALL)]
    return None if values[0] is None else np.array(values)


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
        "self": mean([w[i, i] for i in later]),
        "induction": mean([sum(w[i, j] for j in js) for i, js in enumerate(after_same) if js]),
        "spread": mean(entropies),
        "duplicate": mean([sum(w[i, j - 1] for j in js) for i, js in enumerate(after_same) if js]),
        "next": None if causal else mean([w[i, i + 1] for i in range(len(w) - 1)]),
        "positional": most_common_offset(w),
    }


def most_common_offset(w):
    """The share of queries whose largest weight is at the offset where most of them are."""
    at = {}
    for i in range(1, len(w)):
        keys = [j for j in range(len(w)) if w[i, j] == max(w[i])]
        for j in keys:
            at[j - i] = at.get(j - i, 0) + 1 / len(keys)
    return max(at.values()) / (len(w) - 1) if at else None


@given(heads())
def test_every_score_is_its_definition(drawn):
    weights, ids, causal = drawn
    for w, scores in zip(weights, of_weights(weights, ids, causal, kinds=ALL), strict=True):
        expected = by_definition(w, ids, causal)
        for name, value in expected.items():
            assert scores[name] == (None if value is None else pytest.approx(value, abs=2e-6))


def test_what_needs_a_text_of_its_own_is_on_no_other():
    assert {kind.name for kind in ALL} - {kind.name for kind in SCORES} == {
        "next", "duplicate", "positional",
    }  # fmt: skip
    assert of_weights(even(4, True), range(4), True)[0].keys() == {kind.name for kind in SCORES}


@given(heads())
def test_scores_stay_between_0_and_1(drawn):
    weights, ids, causal = drawn
    for scores in of_weights(weights, ids, causal, pairs=[(len(ids) - 1, 0)]):
        for value in scores.values():
            assert value is None or -1e-6 <= value <= 1 + 1e-6


def test_a_perfect_previous_token_head():
    weights = looks_at(0, 0, 1, 2)
    assert score("previous", weights) == [1.0]
    assert score("self", weights) == [0.0]
    assert score("first", weights) == pytest.approx(1 / 3)


def test_query_0_counts_for_nothing_since_it_sees_only_itself():
    assert score("first", looks_at(0, 1, 2)) == [0.0]
    assert score("self", looks_at(0, 0, 1)) == [0.0]


def test_a_perfect_induction_head():
    ids = [7, 8, 9, 7, 8, 9]  # the second 7 looks at the first 8, and so on
    assert score("induction", looks_at(0, 0, 0, 1, 2, 3), ids) == [1.0]
    previous = looks_at(0, 0, 1, 2, 3, 4)
    assert score("induction", previous, ids) == [0.0]


def test_induction_sums_over_earlier_occurrences_and_averages_over_the_queries_that_have_one():
    ids = [5, 1, 5, 2, 5]
    # Query 2 (5) has token 1 behind an earlier 5; query 4 has tokens 1 and 3. Others have none.
    weights = looks_at(0, 0, 1, 0, (1, 3))
    assert score("induction", weights, ids) == [1.0]
    half = looks_at(0, 0, 0, 0, (0, 1, 2, 3))
    assert score("induction", half, ids) == pytest.approx((0 + 0.5) / 2)


def test_induction_looks_back_only():
    ids = [5, 1, 5, 2]
    forward = looks_at(3, 0, 0, 0)  # query 0 looks behind the later 5
    assert score("induction", forward, ids) == [0.0]


def test_induction_has_nothing_to_say_without_a_repeat():
    assert score("induction", even(4, True), [1, 2, 3, 4]) is None


def test_agreement_is_the_weight_from_the_verbs_place_to_its_subject():
    weights = looks_at(0, 0, 1, (1, 2), 4)
    assert score("agreement", weights, pairs=[(3, 1)]) == [0.5]
    assert score("agreement", weights, pairs=[(3, 1), (4, 1)]) == [0.25]  # two verbs
    assert score("agreement", weights, pairs=[(3, 1), (3, 2)]) == [1.0]  # a subject of two tokens
    assert score("agreement", weights, pairs=[]) is None


@pytest.mark.parametrize("causal", [True, False])
def test_spread_is_1_when_even_and_0_on_one_key(causal):
    assert score("spread", even(9, causal), causal=causal) == pytest.approx(1, abs=1e-6)
    assert score("spread", looks_at(0, 0, 1, 2), causal=causal) == pytest.approx(0, abs=1e-6)


def test_spread_measures_against_the_keys_that_may_be_seen():
    causally_even = even(6, True)
    assert score("spread", causally_even, causal=True) == pytest.approx(1, abs=1e-6)
    assert score("spread", causally_even, causal=False)[0] < 0.75


def test_a_single_token_gives_no_occasion():
    nothing = dict.fromkeys(("previous", "first", "self", "induction", "agreement", "spread"))
    assert of_weights(np.ones((2, 1, 1), np.float32), [3], True) == (nothing, nothing)
    assert strongest(nothing) == ("mixed", 0.0)


@pytest.mark.parametrize(
    ("ids", "parts", "n"),
    [
        ([1, 2, 3, 1, 2, 3, 4], (), 3),
        ([1, 2, 1, 2, 1, 2, 1], (), 0),  # two words, however often
        ([1, 2, 3, 4, 5], (), 0),
        ([1, 2, 3, 1, 4, 2, 5, 3], (), 0),  # each again, but none with what followed it
        ([1, 2, 3, 1, 2, 3], range(6), 0),  # pieces of characters
        ([1, 2, 3, 9, 1, 2, 3, 9], (3, 7), 3),
    ],
)
def test_the_occasions_for_induction_are_the_different_tokens_that_come_again(ids, parts, n):
    assert occasions(ids, True, parts=parts)["induction"] == n


def test_occasions_of_the_other_scores():
    places = occasions(range(6), True, pairs=[(3, 1), (3, 2), (5, 1)])
    assert (places["previous"], places["spread"], places["agreement"]) == (5, 5, 2)
    assert set(occasions([1, 2, 3], True).values()) == {0}  # three tokens show nothing
    with pytest.raises(SurveyError):
        occasions([1], True, pairs=[(1, 0)])


def test_a_score_without_an_occasion_is_not_told():
    places = {"previous": 0, "first": 9}
    assert told({"previous": 1.0, "first": 0.2}, places) == {"previous": None, "first": 0.2}


def test_refuses_ids_and_pairs_that_do_not_fit():
    with pytest.raises(SurveyError) as refused:
        score("induction", even(3, True), [1, 2])
    assert str(refused.value) == "2 ids do not fit weights over 3 tokens."
    for pair in [(3, 0), (1, -1)]:
        with pytest.raises(SurveyError) as refused:
            score("agreement", even(3, True), pairs=[pair])
        assert str(refused.value) == f"pairs [{pair}] leave the 3 tokens."


def scores(**given):
    quiet = {"previous": 0.1, "first": 0.1, "self": 0.1, "induction": 0.1, "agreement": None}
    return {**quiet, "spread": 0.3, **given}


@pytest.mark.parametrize(
    ("given_scores", "words"),
    [
        (scores(previous=0.83), ("previous", 0.83)),
        (scores(first=0.9, previous=0.5), ("first", 0.9)),
        (scores(**{"self": 0.7}), ("self", 0.7)),
        (scores(induction=0.45), ("induction", 0.45)),
        (scores(agreement=0.95, previous=0.6), ("agreement", 0.95)),
        (scores(previous=0.4), ("previous", 0.4)),
        (scores(previous=0.39), ("mixed", 0.39)),
        (scores(spread=0.85), ("spread", 0.85)),
        (scores(spread=0.84), ("mixed", 0.1)),
        (scores(previous=0.6, first=0.6), ("previous", 0.6)),
        (scores(agreement=0.6, **{"self": 0.6}), ("self", 0.6)),
        (scores(induction=None, previous=0.5), ("previous", 0.5)),
    ],
)
def test_strongest_gives_the_few_words(given_scores, words):
    assert strongest(given_scores) == words


@pytest.mark.parametrize("seq_len", [2, 3, 5, 40])
@pytest.mark.parametrize("causal", [True, False])
def test_even_attention_is_never_called_mostly_something(seq_len, causal):
    [head] = of_weights(even(seq_len, causal), list(range(seq_len)), causal)
    assert strongest(head)[0] == "spread"


@pytest.mark.benchmark
@pytest.mark.parametrize(("seq_len", "limit_ms"), [(128, 2), (1024, 600)])
def test_32_heads_are_scored_in_time(seq_len, limit_ms):
    weights = np.repeat(even(seq_len, True), 32, axis=0)
    ids = np.random.default_rng(0).integers(0, 40, seq_len)
    times = []
    for _ in range(9):
        start = time.perf_counter()
        of_weights(weights, ids, True, pairs=[(9, 2)])
        times.append(1000 * (time.perf_counter() - start))
    print(f"\n32 heads x {seq_len} tokens: {min(times):.2f} ms")
    assert min(times) < limit_ms
