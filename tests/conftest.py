"""Shared by every test: the same random numbers each time, and a GPU where there is one."""

import pytest
import torch
from hypothesis import settings

# Shared machines stall; a deadline would fail a test for that. The examples are the same each run.
settings.register_profile("here", deadline=None, derandomize=True)
settings.load_profile("here")


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture
def gpu() -> str:
    """The accelerator's name, or a skip with the reason."""
    if torch.cuda.is_available():
        return "cuda"
    if torch.backends.mps.is_available():
        return "mps"
    pytest.skip("no CUDA or MPS device on this machine")
