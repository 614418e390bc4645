"""A real server and a real browser for the tests that need them."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
APP = ROOT / "app" / "main.py"
#: The shell is Chromium without a window, which needs half the processor time.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

#: Pages of one profile share a process, as long as one is open: a process of its own has to read
#: all of Streamlit's scripts again, a third of what a page costs.
FLAGS = ("--no-sandbox", "--disable-gpu", "--process-per-site")
#: A script is compiled when it is there, not while it comes, as for visitors: only then does the
#: engine look whether it has compiled it before. An eighth of what a page costs.
THRIFTY = "--js-flags=--no-script-streaming"

#: What is expected of a page may take this long: machines that others use stall for seconds.
PATIENCE_MS = 20_000

#: Streamlit, with the roles of language models left unmeasured: of SmolLM2 that takes half a minute
#: of processor time, in each server anew, and draws the page once more when it is done. Layouts are
#: trained on for three updates, which also takes half a minute else.
UNMEASURED = """
from attention.atlas import quick
from attention.training import gate
from attention.uptraining import compare, layouts
layouts.SHARE, compare.STORIES, gate.VERBS_A_FORM = 0.0006, 4, 5
from attention.errors import HeadcountError
from streamlit.web.cli import main
def refuse(*_):
    raise HeadcountError("not measured here")
quick.measure_roles = refuse
main()
"""


def chromium() -> str | None:
    """The Chromium to drive: HEADCOUNT_CHROMIUM, the one on PATH, or the one of playwright."""
    named = os.environ.get("HEADCOUNT_CHROMIUM")
    found = named or next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found:
        return found
    with sync_playwright() as playwright:
        bundled = Path(playwright.chromium.executable_path)
    return str(bundled) if bundled.exists() else None


def require_chromium() -> str:
    """The path of Chromium; without one the test is skipped, and fails where CI is set."""
    path = chromium()
    if path is None:
        reason = "no Chromium: put one on PATH, or run 'python -m playwright install chromium'"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@contextmanager
def browser(*flags: str) -> Iterator[Browser]:
    """A headless Chromium, with more flags than :data:`FLAGS`."""
    path = require_chromium()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        try:
            yield chrome
        finally:
            chrome.close()


@contextmanager
def serve(script: Path, timeout_s: float = 60, *, measures: bool = True) -> Iterator[str]:
    """Run one Streamlit app from the repository's root and give its address.

    From the root, not from a temporary folder: Streamlit's watcher eats a core there.

    Args:
        measures: as for visitors; else see :data:`UNMEASURED`.
    """
    port = free_port()
    how = ("-m", "streamlit") if measures else ("-c", UNMEASURED)
    command = [sys.executable, *how, "run", str(script)]
    command += ["--server.port", str(port), "--server.headless", "true"]
    command += ["--server.address", "localhost", "--browser.gatherUsageStats", "false"]
    command += ["--server.fileWatcherType", "none"]  # also of a script that is not the app's
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    url = f"http://localhost:{port}"
    try:
        wait_served(url, server, timeout_s)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=10)


def wait_ready(page: Page, timeout_s: float = 120) -> None:
    """Wait until the script has run and the picture stands; a model may have to be loaded first."""
    page.set_default_timeout(timeout_s * 1000)
    # The last that every page runs for: a run that another replaces ends before it has drawn all.
    last = ".hc-card-part" if "embed=true" in page.url else ".hc-share"
    page.wait_for_selector(f"{last}, .hc-failed", state="attached")
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stApp][data-test-script-state=running]')"
    )
    # The picture draws itself after that, all parts in one go, and has columns from then on.
    for place in page.locator(".st-key-picture").all():
        place.locator(".hc-picture[data-columns]").wait_for(state="attached")


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def wait_served(url: str, server: subprocess.Popen, timeout_s: float = 60) -> None:
    """Wait until a Streamlit server, whose stderr is a pipe, answers at this address."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"Streamlit stopped: {server.stderr.read()[-800:]}")
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"Streamlit did not answer at {url} within {timeout_s:.0f} s.")
