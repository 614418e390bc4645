"""Which cases of a browser test run every time: a page costs over a second of processor time."""

from collections.abc import Iterable
from typing import Any

import pytest


def first_fast(cases: Iterable[Any]) -> list[Any]:
    """The first case as it is; the others are slow. Of several such lists over one test, only the
    first of all runs every time."""
    first, *rest = cases
    return [first, *(_slow(case) for case in rest)]


def _slow(case: Any) -> Any:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)
