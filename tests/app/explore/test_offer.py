"""What is known of models that were loaded."""

from dataclasses import replace

from app.explore.offer import Known
from tests.app.explore.test_parameters import FACTS


def test_a_model_that_is_asked_for_stays_known_whatever_others_come() -> None:
    known = Known()
    known.put(replace(FACTS, name="first"))
    for number in range(2 * Known.MOST):
        known.put(replace(FACTS, name=f"other {number}"))
        assert known.get("first") is not None
    assert known.of("first").name == "first"
    assert known.get("other 0") is None
