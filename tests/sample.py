"""Which of many like cases run every time."""

from collections.abc import Iterable
from typing import Any

import pytest


def sample(cases: Iterable[Any], every: int = 6) -> list[Any]:
    """Cases of a parametrised test, of which all but every n-th are slow."""
    return [case if i % every == 0 else _slow(case) for i, case in enumerate(cases)]


def _slow(case: Any) -> Any:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)
