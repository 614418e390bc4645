"""Names of scores."""

from app.heads.scores import BEST, ROLES, SCORES, best_name, grouped, score_name
from app.i18n import load_words
from attention.models.roles import LINKS


def test_every_score_and_role_has_a_name_in_both_languages() -> None:
    for lang in ("en", "hi"):
        words = load_words(lang)
        assert len({score_name(name, words) for name in SCORES}) == len(SCORES)
        assert len({best_name(name, words) for name in BEST}) == len(BEST)
        codes = {words(f"heads.code.{role}") for role in ROLES}
        assert len(codes) == len(ROLES)


def test_every_relation_is_a_role() -> None:
    assert set(LINKS) < set(ROLES)


def test_parts_of_a_name() -> None:
    words = load_words("en")
    assert score_name("subject_hi_ahead", words) == "subject from its verb, Hindi, looking ahead"
    assert score_name("semantic_en", words) == "likeness of meaning, English"
    assert best_name("role-first", words) == "role: first"


def test_groups_hold_what_is_there() -> None:
    assert grouped(["copying", "previous", "unknown"]) == {
        "places": ("previous",),
        "writes": ("copying",),
    }
