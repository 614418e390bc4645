"""What long work for one visitor costs another: a step of Explore's heads slider, alone and beside.

    python -m pytest -m benchmark tests/benchmarks/test_beside_long_work.py -s

The first visitor prunes SmolLM2, or measures all of its heads, on the page Heads of the same
server. Nothing of it is known beforehand: the cache folder is a new one. The figures are printed;
nothing fails by the clock.
"""

import statistics
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from attention.models.store import inventory
from tests.benchmarks.paint import focus_first_slider, press, settled
from tests.benchmarks.test_update import FETCH, STEPS, open_page
from tests.browser.harness import APP, browser, serve

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(inventory.state("smollm2") != "ready", reason=FETCH),
]

AIM = 2.0
BEGUN_MS = 300_000  # the model is loaded, and its roles may be measured first
WORK = {
    "pruning": ("section=prune&rank=random", "Show"),
    "atlas": ("section=atlas", "Measure all heads"),
}


@pytest.fixture
def new_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fetched model, and nothing that was ever measured."""
    for entry in inventory.folder().glob("smollm2*"):
        (tmp_path / entry.name).symlink_to(entry)
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))


@pytest.mark.parametrize("name", WORK)
def test_a_step_of_another_visitor(name: str, new_cache: None) -> None:
    with serve(APP) as url, browser() as chrome:
        other = open_page(chrome, f"{url}/?heads=16&kv_heads=4")
        steps(other)  # both layouts are loaded
        alone = steps(other)
        first = begun(chrome, url, *WORK[name])
        other.bring_to_front()  # of two tabs only the front one paints
        settled(other)
        beside = steps(other)
        expect(first.locator(".st-key-heads_stop")).to_be_attached()  # it still goes on
    usual, now = statistics.median(alone), statistics.median(beside)
    print(f"\nheads slider beside {name} of SmolLM2, {len(alone)} steps: median ms, longest")
    print(f"  alone   {usual:7.1f}  {max(alone):7.1f}")
    print(f"  beside  {now:7.1f}  {max(beside):7.1f}  {now / usual:.2f} x (aim: {AIM} x)")
    assert len(beside) == len(alone)


def steps(page: Page) -> list[float]:
    """From 16 heads to 32 and back, ten times."""
    focus_first_slider(page)
    return [press(page, key) for key in STEPS]


def begun(chrome: Browser, url: str, query: str, button: str) -> Page:
    """The first visitor's page, once the work goes on."""
    page = chrome.new_page()
    page.goto(f"{url}/heads?model=smollm2&{query}")
    page.get_by_role("button", name=button, exact=True).click(timeout=BEGUN_MS)
    expect(page.locator(".st-key-heads_work")).to_contain_text(" of ", timeout=BEGUN_MS)
    return page
