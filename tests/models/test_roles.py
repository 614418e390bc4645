"""A head's role, by what it scores on held-out text."""

import pytest

from attention.models.layouts import cards
from attention.models.roles import Candidate, Role, decide, of_card


def candidates(**scores: float) -> list[Candidate]:
    return [Candidate(name, score, 10) for name, score in scores.items()]


@pytest.mark.parametrize(
    ("scores", "role"),
    [
        ({"previous": 0.83, "induction": 0.1}, "previous"),
        ({"previous": 0.39, "first": 0.3}, "mixed"),
        # What there is seldom occasion for, though the head mostly rests on the first token.
        ({"first": 0.98, "induction": 0.88}, "induction"),
        ({"first": 0.7, "subject": 0.55, "previous": 0.6}, "subject"),
        # Of two that are nearly as strong the rarer, else the stronger.
        ({"induction": 0.95, "subject": 0.93}, "subject"),
        ({"induction": 0.95, "subject": 0.59}, "induction"),
    ],
)
def test_the_role_of_a_head(scores: dict[str, float], role: str) -> None:
    score = max(scores.values()) if role == "mixed" else scores[role]
    assert decide(candidates(**scores)) == Role(role, score, 10)


def test_a_role_is_beyond_chance() -> None:
    near = [Candidate("subject", 0.5, 12, chance=0.3), Candidate("previous", 0.2, 40)]
    assert decide(near) == Role("mixed", 0.5, 12)


def test_even_attention_is_broad() -> None:
    assert decide(candidates(previous=0.9), spread=0.85, n=40) == Role("broad", 0.85, 40)


def test_a_card_with_roles_is_taken_as_it_is() -> None:
    card = {"roles": [[{"role": "referent", "score": 0.8, "chance": 0.1, "n": 200}],
                      [{"role": "broad", "score": 0.9, "n": 0}]]}  # fmt: skip
    assert of_card(card) == ((Role("referent", 0.8, 200),), (Role("broad", 0.9, 0),))


@pytest.mark.parametrize("layout", cards.available_layouts())
def test_every_layout_has_a_role_a_head(layout: tuple[int, int]) -> None:
    roles = of_card(cards.load_card(*layout))
    assert {len(layer) for layer in roles} == {layout[0]}
