"""The models that people use, for tests that only they can answer."""

import os
from pathlib import Path

import pytest

from attention.language import store


def fetched(name: str) -> Path:
    """The folder of a model that was fetched; a skip with the reason, and on CI a failure."""
    if store.state(name) != "ready" and not os.environ.get("CI"):
        pytest.skip(f"{name} is not on this machine: python -m attention fetch {name}")
    return store.path(name)
