"""Shared by every test: the same random numbers each time, one browser, a GPU if there is one."""

import gc
import os
import sys
from collections.abc import Iterator

# Before torch is loaded, and for the processes that tests start. The matrices are small: a second
# thread gains little, and on busy cores two threads that wait for each other take 30 times as long.
if "benchmark" not in sys.argv:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# What names no device, such as the pages, is not tested on whatever this machine has.
os.environ.setdefault("HEADCOUNT_DEVICE", "cpu")

import pytest
import torch
from hypothesis import settings
from playwright.sync_api import Browser

from tests.browser.harness import THRIFTY, browser

pytest_plugins = "tests.pretended"
MOST_WORKERS = 4  # each may hold a browser, a server and two language models
#: A worker takes whole files. Of those that would be among the last, these take half a minute of
#: one while the others have nothing left: they come first.
EARLY = ("training/test_card.py", "training/test_run.py", "uptraining/test_compare.py")

# Shared machines stall; a deadline would fail a test for that. The examples are the same each run.
settings.register_profile("here", deadline=None, derandomize=True)
settings.load_profile("here")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Workers of ``-n auto``: one process measures alone, and is quicker for a file or two."""
    whole = config.args_source is config.ArgsSource.TESTPATHS
    measures = "not benchmark" not in config.option.markexpr
    # One more than cores: what drives a browser waits for it half of the time.
    return min((os.cpu_count() or 1) + 1, MOST_WORKERS) if whole and not measures else 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What opens a browser costs seconds: it is slow unless it is smoke."""
    items.sort(key=lambda item: not item.nodeid.partition("::")[0].endswith(EARLY))
    for item in items:
        if "chrome" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
            if not item.get_closest_marker("smoke"):
                item.add_marker("slow")


def pytest_collection_finish() -> None:
    """Streamlit collects garbage after every run of a page: a third of a second, were it to walk
    over all modules and tests each time, which stay."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """On CI no browser is missing: what skips a test there is a fault."""
    report = yield
    if report.skipped and os.environ.get("CI") and item.get_closest_marker("browser"):
        report.outcome, report.longrepr = "failed", f"skipped on CI: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Every slow test and its seconds, so that it is seen what they cost."""
    passed = terminalreporter.getreports("passed")
    slow = [report for report in passed if "slow" in report.keywords and report.when == "call"]
    if slow:
        terminalreporter.section(f"slow tests: {sum(report.duration for report in slow):.0f} s")
    for report in sorted(slow, key=lambda report: -report.duration):
        terminalreporter.write_line(f"{report.duration:7.1f} s  {report.nodeid}")


@pytest.fixture(autouse=True)
def _seed():
    # Not torch.manual_seed: of each kind of device that is not there it notes the call and the
    # stack, for later, which takes longer than most tests.
    torch.default_generator.manual_seed(0)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(0)


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
    with browser(THRIFTY) as running:
        yield running
