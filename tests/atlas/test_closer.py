"""A head looked at closely: by hand-made patterns whose answer is known."""

import numpy as np
import pytest

from attention.atlas.closer import Bar, Seen, look_closer

TOKENS = ("The", "cat", "saw", "the", "cat", ".")
N = len(TOKENS)
EVEN = np.tril(np.ones((N, N))) / np.arange(1, N + 1)[:, None]
PREVIOUS = np.eye(N, k=-1)
PREVIOUS[0, 0] = 1
FIRST = np.zeros((N, N))
FIRST[:, 0] = 1


def bars(weights: np.ndarray, causal: bool = True) -> dict[object, float]:
    return {bar.first: bar.share for bar in look_closer([Seen(TOKENS, weights)], causal).bars}


def test_a_head_of_the_previous_token_has_one_distance() -> None:
    found = look_closer([Seen(TOKENS, PREVIOUS)], True)
    assert bars(PREVIOUS) == {None: 0.2, 0: 0.0, 1: 0.8, 2: 0.0, 3: 0.0}
    assert found.bars[-1] == Bar(3, 4, 0.0, pytest.approx((1 / 5 + 2 / 6) / 5))
    assert [word.text for word in found.looks] == ["the"]
    assert found.looks[0].value == 0.25  # of "cat", "saw", "the", "cat"
    assert found.looks[0].usual == pytest.approx((1 / 4 + 1 / 5 + 1 / 6) / 3.55)


def test_an_even_head_is_as_even_attention_everywhere() -> None:
    found = look_closer([Seen(TOKENS, EVEN)], True)
    assert all(bar.share == pytest.approx(bar.even) for bar in found.bars)
    assert sum(bar.share for bar in found.bars) == pytest.approx(1)
    assert all(word.value == pytest.approx(word.usual) for word in found.looks)


def test_the_first_token_is_no_distance_and_no_token_that_is_looked_at() -> None:
    found = look_closer([Seen(TOKENS, FIRST)], True)
    assert bars(FIRST) == {None: 1.0, 0: 0.0, 1: 0.0, 2: 0.0, 3: 0.0}
    assert (found.looks, found.asks) == ((), ())
    assert [each.strength for each in found.examples] == [0.0] * 5


def test_an_encoder_looks_ahead_as_well() -> None:
    ahead = np.eye(N, k=1)
    ahead[-1, -1] = 1
    assert bars(ahead, causal=False) == {
        None: 0.0, 0: 0.2, 1: 0.0, -1: 0.8, 2: 0.0, -2: 0.0, 3: 0.0, -3: 0.0,
    }  # fmt: skip


def test_it_asks_from_the_token_that_looks_hardest() -> None:
    weights = EVEN.copy()
    weights[4] = np.eye(N)[1]  # the second "cat" at the first
    [word, *_] = look_closer([Seen(TOKENS, weights)], True).asks
    strengths = {"cat": (1 / 2 + 1) / 2, "saw": 1 / 3, "the": 1 / 4, ".": 1 / 6}
    usual = (2 * strengths["cat"] + strengths["saw"] + strengths["the"] + strengths["."]) / 5
    assert (word.text, word.n) == ("cat", 2)
    assert (word.value, word.usual) == pytest.approx((strengths["cat"], usual))


def test_each_decile_has_its_middle_example_the_weakest_first() -> None:
    n = 101
    weights = np.zeros((n, n))
    for query in range(1, n):
        weights[query, 1], weights[query, 0] = query / 100, 1 - query / 100
    found = look_closer([Seen([str(at) for at in range(n)], weights)], True)
    assert [each.decile for each in found.examples] == list(range(1, 11))
    assert [each.query for each in found.examples] == [6, 16, 26, 36, 46, 56, 66, 76, 86, 96]
    assert {each.key for each in found.examples} == {1}
    assert found.n == 100
    few = look_closer([Seen(TOKENS, EVEN)], True)
    assert len(few.examples) == 5


def test_a_text_of_one_token_says_nothing() -> None:
    found = look_closer([Seen(("a",), np.ones((1, 1)))], True)
    assert (found.n, found.examples) == (0, ())
