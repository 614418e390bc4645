"""The models that people use, for tests that only they can answer."""

import os
from pathlib import Path

import pytest

from attention.models.store import inventory


def fetched(name: str) -> Path:
    """The folder of a model that was fetched; a skip with the reason, and on CI a failure."""
    if inventory.state(name) != "ready" and not os.environ.get("CI"):
        pytest.skip(f"{name} is not on this machine: python -m attention fetch {name}")
    return inventory.path(name)
