"""Shared by every test: the same random numbers each time, one browser, a GPU if there is one."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings
from playwright.sync_api import Browser

from tests.browser.harness import browser

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


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """One Chromium for all tests: Playwright allows a process no second one beside it."""
    with browser() as running:
        yield running
