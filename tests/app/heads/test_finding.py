"""Points of the scatter, and the ten best."""

import pytest

from app.heads.finding import best_html, chances_of, point_of, points_of, score_of, ten_best
from app.i18n import load_words
from attention.theme import LIGHT
from tests.app.heads.hand_made import ATLAS, FACTS

WORDS = load_words("en")


def test_every_head_is_a_point() -> None:
    points = points_of(ATLAS, FACTS, "previous", "induction", WORDS)
    assert len(points) == 8
    assert [(point.x, point.y) for point in points[:2]] == [(0.9, 0.0), (0.7, 0.1)]
    assert [point.kv_head for point in points] == [0, 0, 1, 1] * 2
    assert points[4].says == "Layer 1, head 0, KV head 0: induction"
    assert chances_of(ATLAS, "previous", "induction") == (
        pytest.approx(0.1),
        pytest.approx(0.03),
    )


def test_the_best_of_a_role_and_of_a_score() -> None:
    assert [place for place, _ in ten_best(ATLAS, "role-induction")] == [(1, 0), (1, 1)]
    assert [place for place, _ in ten_best(ATLAS, "previous")][:3] == [(0, 0), (0, 1), (1, 2)]
    assert ten_best(ATLAS, "role-semantic") == ()


def test_a_role_is_shown_by_its_score() -> None:
    head = ATLAS.heads[1][0]
    assert score_of("role-induction", head) == "induction"
    assert score_of("role-mixed", head) is None
    assert score_of("copying", head) == "copying"


def test_the_table_has_chance_and_a_sentence_where_it_is_empty() -> None:
    found = ten_best(ATLAS, "role-induction")
    html = best_html(found, ["one", "two"], "role-induction", LIGHT, WORDS)
    assert "<td>0.95</td><td>0.01</td><td>0.03</td><td>0.12</td><td>–</td>" in html
    assert "No head of this model has this role." in best_html([], [], "role-next", LIGHT, WORDS)


@pytest.mark.parametrize("heard", [None, {}, {"selection": {"points": []}}, {"selection": 3}])
def test_no_point_is_none(heard: object) -> None:
    assert point_of(heard) is None


def test_a_point_is_a_head() -> None:
    heard = {"selection": {"points": [{"customdata": [1, 3, "says"]}]}}
    assert point_of(heard) == {"layer": 1, "head": 3}
