"""The page "Memory": its update, against a bare Streamlit rerun measured in turn, in one run.

    python -m pytest -m benchmark tests/benchmarks/test_memory_update.py -s

From the key to the last thing drawn on the whole page, chart included. The figures are printed;
nothing fails by the clock.
"""

import statistics

import pytest
from playwright.sync_api import Browser, Page

from tests.benchmarks.paint import HOOKS, focus_first_slider, press, settled
from tests.benchmarks.test_update import BARE, STEPS, WIDE
from tests.browser.harness import APP, browser, serve, wait_ready

pytestmark = pytest.mark.benchmark

TARGET = 2.0
# A plain model, one with windows, a hybrid with states: each with a section or without.
QUERIES = {
    "Llama 3 8B": "?context=4096",
    "Gemma 3 27B, vLLM": "?model=Gemma-3-27B&engine=vllm&context=32768",
    "Qwen3-Next, Engines": "?model=Qwen3-Next-80B-A3B&section=engines&context=32768",
}


def open_page(chrome: Browser, url: str) -> Page:
    page = chrome.new_page(viewport=WIDE)
    page.add_init_script(HOOKS)
    page.goto(url)
    wait_ready(page)
    settled(page)
    return page


@pytest.mark.parametrize("key", ["kv_heads", "context"])
@pytest.mark.parametrize("name", QUERIES)
def test_a_step_of_a_slider(name: str, key: str) -> None:
    times, bare = [], []
    with serve(APP) as app_url, serve(BARE) as bare_url, browser() as chrome:
        page = open_page(chrome, f"{app_url}/memory{QUERIES[name]}")
        yardstick = open_page(chrome, bare_url)
        for step in STEPS:
            page.bring_to_front()  # of two tabs only the front one paints
            page.locator("input[type=range]").nth(0 if key == "kv_heads" else 1).focus()
            times.append(press(page, "ArrowLeft" if step == "ArrowRight" else "ArrowRight"))
            yardstick.bring_to_front()
            focus_first_slider(yardstick)
            bare.append(press(yardstick, step))
    median, base = statistics.median(times), statistics.median(bare)
    print(f"\n{name}, slider {key}, {len(bare)} steps: median ms to the last thing drawn")
    print(f"  bare Streamlit rerun  {base:7.1f}")
    print(f"  page Memory           {median:7.1f}  {median / base:.2f} x (aim: {TARGET} x)")
    assert len(times) == len(bare)
