import numpy as np
import pytest

from attention.atlas.naming import agree, role_of
from attention.atlas.taken import Score
from attention.models.roles import Role


def score(value: float, chance: float = 0.03, n: int = 100) -> Score:
    return Score(np.array([value]), np.array([0.0]), np.array([chance]), n)


def name(strongest: dict[str, float] | None = None, **scores: Score) -> str:
    return role_of(scores, 0, strongest or {}).name


def test_a_place_beats_04_and_twice_its_chance() -> None:
    assert name(previous=score(0.41)) == "previous"
    assert name(previous=score(0.39)) == "mixed"
    assert name(previous=score(0.5, chance=0.3)) == "mixed"


def test_a_head_no_better_than_random_weights_has_no_name() -> None:
    assert name({"previous": 0.7}, previous=score(0.6)) == "mixed"
    assert name({"previous": 0.5}, previous=score(0.6)) == "previous"


def test_an_induction_head_is_one_at_both_lengths() -> None:
    both = {"induction": score(0.9), "induction_other_length": score(0.7)}
    assert role_of(both, 0, {}) == Role("induction", 0.7, 200)
    assert name(induction=score(1.0), induction_other_length=score(0.0)) == "mixed"


@pytest.mark.parametrize(
    ("value", "offset", "n", "role"),
    [
        (0.94, 0.52, 100, "determiner"),
        (0.6, 0.55, 10_000, "mixed"),  # less than a tenth above
        (0.7, 0.55, 10, "mixed"),  # within three standard errors
        (0.39, 0.1, 1000, "mixed"),  # seldom
        (1.0, 0.1, 7, "mixed"),  # too few
    ],
)
def test_a_relation_is_beyond_the_best_offset(
    value: float, offset: float, n: int, role: str
) -> None:
    assert name(determiner_en=score(value, offset, n)) == role


def test_the_place_before_a_verb_and_the_way_ahead_are_the_same_relation() -> None:
    assert name(agreement_hi=score(0.8, 0.3)) == name(subject_en_ahead=score(0.8, 0.3)) == "subject"


def test_a_head_that_always_looks_back_is_no_determiners() -> None:
    scores = {"previous": score(0.85), "determiner_en": score(0.91, 0.7, 300)}
    assert name(**scores) == "previous"
    assert name(first=score(0.7), determiner_en=score(0.91, 0.7, 300)) == "determiner"


def test_what_else_may_be_said() -> None:
    assert name(previous=score(0.2), positional=score(0.93)) == "positional"
    assert name(previous=score(0.2), positional=score(0.89)) == "mixed"
    assert name(semantic_en=score(0.4, 0.05)) == "semantic"
    assert name(semantic_en=score(0.3, 0.05)) == "mixed"
    assert name(previous=score(0.5), spread=score(0.9, 1.0)) == "broad"


def test_ordinary_text_agrees_or_not_or_cannot_say() -> None:
    previous, subject, mixed = Role("previous", 0.8), Role("subject", 0.8), Role("mixed", 0.1)
    assert agree(previous, previous, {}, 0) is True
    # It is the head's role there too, though it rests more on the first token.
    assert agree(previous, Role("first", 0.5), {"previous": score(0.45)}, 0) is True
    assert agree(previous, mixed, {"previous": score(0.2)}, 0) is False
    assert agree(subject, mixed, {"subject_en": score(0.2, 0.3, 20)}, 0) is False
    assert agree(subject, mixed, {"subject_en": score(0.9, 0.3, 3)}, 0) is None
    assert agree(subject, mixed, {"subject_en": score(0.5, 0.3, 20)}, 0) is None
    assert agree(subject, mixed, {"subject_en": score(0.95, 0.3, 20)}, 0) is True
