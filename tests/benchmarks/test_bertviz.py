"""From a text to the finished picture of every head of SmolLM2, beside BertViz's model_view.

    pip install bertviz==1.4.1
    npm pack requirejs@2.3.6 d3@5.7.0 jquery@2.1.4   # see SCRIPTS
    export HEADCOUNT_BERTVIZ_SCRIPTS=FOLDER
    python -m pytest -m benchmark tests/benchmarks/test_bertviz.py -s

Both are warm: model and tokenizer are loaded, Chromium runs. Each stage is printed: the forward
pass, the page as a file, and the file opened until everything is painted. BertViz's page loads
three scripts from a CDN; without them it paints nothing, and its time is then one to the end of
loading, which is too short. Nothing fails by the clock: the ratios are printed beside their aims.
"""

import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest
from playwright.sync_api import Browser, Page, Route
from playwright.sync_api import Error as BrowserError

from attention.models.huggingface import checkpoint
from attention.models.huggingface.model import LanguageModel
from attention.models.reading import read
from attention.models.store import inventory
from attention.picture.page import html_of
from attention.words import load_words
from tests.browser.harness import ROOT

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(
        importlib.util.find_spec("bertviz") is None,
        reason="bertviz is not installed: pip install bertviz==1.4.1",
    ),
    pytest.mark.skipif(
        inventory.state("smollm2") != "ready",
        reason="SmolLM2 is not here: python -m attention fetch smollm2",
    ),
]

#: A folder with require.min.js, d3.min.js and jquery.min.js, in place of the CDN.
SCRIPTS = os.environ.get("HEADCOUNT_BERTVIZ_SCRIPTS")
AIMS = {"time": 10, "size": 100}  # at 128 tokens
OPENING_S = 240


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return checkpoint.load("smollm2", device="cpu", dtype="float32")


@pytest.mark.parametrize(("n_tokens", "times"), [(32, 5), (128, 3), (512, 1)])
def test_every_head_of_smollm2(
    chrome: Browser, model: LanguageModel, tmp_path: Path, n_tokens: int, times: int
) -> None:
    whole_text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = model.decode(model.encode(whole_text)[:n_tokens])
    model.look(model.encode("a warm pass"))
    ours, theirs = [], []
    for _ in range(times):
        ours.append(_ours(chrome, model, text, tmp_path))
        theirs.append(_theirs(chrome, text, n_tokens, tmp_path))
    print(f"\nSmolLM2, 30 layers, 270 heads, {n_tokens} tokens; median of {times}")
    mine = _table("this project", ours)
    if problem := next((run["problem"] for run in theirs if "problem" in run), None):
        print(f"  BertViz: {problem}")
        return
    other = _table("BertViz model_view", theirs)
    aim = f"  (aims: {AIMS['time']} and {AIMS['size']})" if n_tokens == 128 else ""
    print(
        f"  BertViz over ours: time {other['all'] / mine['all']:.1f} x, "
        f"size {other['bytes'] / mine['bytes']:.0f} x{aim}"
    )
    if not theirs[0]["painted"]:
        print("  BertViz's scripts could not be loaded: it painted nothing, its time is a minimum")
    assert mine["bytes"] < other["bytes"]


def _ours(chrome: Browser, model: LanguageModel, text: str, folder: Path) -> dict:
    path = folder / "ours.html"
    start = perf_counter()
    reading = read(model, text)
    look = model.look(reading.ids, units=reading.merged(raw=False))
    passed = perf_counter()
    page_text = html_of(model, reading, look, load_words("en"))
    path.write_text(page_text, encoding="utf-8")
    written = perf_counter()
    page = chrome.new_page(viewport={"width": 1400, "height": 900})
    opening = perf_counter()
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelectorAll('.hc-cell').length === 270")
    _next_frame(page)
    opened = perf_counter() - opening
    page.close()
    return {"pass": passed - start, "page": written - passed, "open": opened, "painted": True,
            "bytes": path.stat().st_size}  # fmt: skip


def _theirs(chrome: Browser, text: str, n_tokens: int, folder: Path) -> dict:
    """Its stages, or ``problem``: what went wrong, in words."""
    path = folder / "bertviz.html"
    if problem := _too_little_memory(n_tokens):
        return {"problem": problem}
    command = [sys.executable, "-m", "tests.benchmarks.bertviz_stage"]
    command += [str(inventory.path("smollm2")), str(n_tokens), str(path)]
    try:
        done = subprocess.run(
            command, input=text, cwd=ROOT, capture_output=True, text=True, timeout=900
        )
    except subprocess.TimeoutExpired:
        return {"problem": "did not write its page within 15 minutes"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {"problem": f"ended with code {done.returncode}: {last}"}
    stages = json.loads(done.stdout.splitlines()[-1])
    return stages | _open_theirs(chrome, path, stages)


def _open_theirs(chrome: Browser, path: Path, stages: dict) -> dict:
    page = chrome.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(OPENING_S * 1000)
    page.route("**/*.min.js", _from_folder)
    opening = perf_counter()
    try:
        page.goto(path.as_uri(), wait_until="load")
        there = page.evaluate("typeof requirejs === 'function'")
        if there:  # it draws all thumbnails in one go
            page.wait_for_function("document.querySelectorAll('svg, canvas').length > 0")
        _next_frame(page)
    except BrowserError as error:
        wrote = f"wrote {stages['bytes'] / 1e6:,.0f} MB in {stages['page']:.0f} s"
        return {"problem": f"{wrote}, which Chromium did not open: {error.message.splitlines()[0]}"}
    finally:
        page.close()
    return {"open": perf_counter() - opening, "painted": there}


def _from_folder(route: Route) -> None:
    """The scripts from the folder, else from the CDN that the page names."""
    name = route.request.url.rsplit("/", 1)[-1]
    found = Path(SCRIPTS) / name if SCRIPTS else None
    if found is not None and found.exists():
        route.fulfill(path=found, content_type="text/javascript")
    else:
        route.continue_()


def _next_frame(page: Page) -> None:
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def _too_little_memory(n_tokens: int) -> str | None:
    """Weights as Python floats are 32 bytes each, and as text about 25, held four times over."""
    weights = 270 * n_tokens**2
    needed = weights * (32 + 4 * 25)
    pages = os.sysconf("SC_AVPHYS_PAGES") * resource.getpagesize()
    if needed < 0.8 * pages:
        return None
    return (
        f"not tried: its page would need about {needed / 1e9:.0f} GB, {pages / 1e9:.0f} GB are free"
    )


def _table(name: str, runs: list[dict]) -> dict:
    middle = {key: statistics.median(run[key] for run in runs) for key in ("pass", "page", "open")}
    middle["all"] = statistics.median(run["pass"] + run["page"] + run["open"] for run in runs)
    middle["bytes"] = runs[-1]["bytes"]
    print(
        f"  {name:20s} pass {middle['pass']:7.2f} s   page {middle['page']:7.2f} s   "
        f"opened {middle['open']:7.2f} s   all {middle['all']:7.2f} s   "
        f"{middle['bytes'] / 1e6:8.2f} MB"
    )
    return middle
