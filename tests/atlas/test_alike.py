"""Heads alike, against a plain computation."""

import math

import numpy as np
import pytest

from attention.atlas.alike import UNRELATED, Like, likest
from tests.app.heads.hand_made import ATLAS


def vectors() -> np.ndarray:
    names = ("previous", "induction")  # the other scores are the same in all heads
    rows = [[each.scores[name].value for name in names] for row in ATLAS.heads for each in row]
    return np.array(rows)


def test_the_likest_of_the_same_model_is_another_head() -> None:
    values = vectors()
    away = np.sqrt((((values - values[0]) / values.std(0)) ** 2).mean(1))
    away[0] = math.inf
    [found] = likest(ATLAS, 0, 0)
    assert (found.layer, found.head) == divmod(int(away.argmin()), 4) == (0, 1)
    assert found.distance == pytest.approx(away.min())


def test_all_come_the_likest_first_and_the_head_itself_does_not() -> None:
    found = likest(ATLAS, 1, 0, count=99)
    assert len(found) == 7
    assert [like.distance for like in found] == sorted(like.distance for like in found)
    assert (1, 0) not in {(like.layer, like.head) for like in found}
    assert (found[0].layer, found[0].head) == (1, 1)


def test_in_another_model_the_head_itself_may_be_the_likest() -> None:
    assert likest(ATLAS, 1, 0, ATLAS) == (Like(1, 0, 0.0),)


def test_a_head_that_is_not_there_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        likest(ATLAS, 2, 0)


def test_scores_that_have_nothing_in_common_lie_the_root_of_two_apart() -> None:
    one, other = np.random.default_rng(0).standard_normal((2, 100_000))
    assert np.sqrt(((one - other) ** 2).mean()) == pytest.approx(UNRELATED, rel=0.01)
