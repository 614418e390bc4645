"""The page "Memory" in a real browser: keyboard, files, navigation, sizes, themes, languages."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import gguf
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.memory.compute import gpu_names
from attention.kv.engines import logical
from attention.kv.read.catalog import find_model
from attention.kv.workload import Workload
from tests.browser.harness import wait_ready
from tests.browser.test_take import words_in
from tests.browser.test_words import open_all
from tests.picture.test_take_browser import take

Open = Callable[..., Page]
NAME = "Tiny <img src=q onerror=alert(1)> **b** $x^2$"


@pytest.fixture
def memory(visit: Open) -> Open:
    """``memory("?model=GPT-2")``: the page, ready; see ``visit``."""
    return lambda query="", **window: visit(f"memory{query}", **window)


def said(page: Page):
    return page.locator(".hc-answer p").first


def params(page: Page) -> dict[str, str]:
    query = parse_qs(urlsplit(page.evaluate("location.href")).query)
    return {name: values[0] for name, values in query.items()}


def link(page: Page, index: int):
    return page.locator(".st-key-pages a").nth(index)


def test_the_sliders_by_keyboard(memory: Open) -> None:
    page = memory()
    page.locator(".st-key-memory_change_n_kv_heads input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    expect(said(page)).to_contain_text("keeps 64 KiB a token: 8,192 tokens take 512 MiB")
    page.locator(".st-key-memory_context input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    expect(said(page)).to_contain_text("4,096 tokens take 256 MiB")
    page.wait_for_url("**kv_heads=4&context=4096**")


def test_the_answer_the_curve_and_the_layers_fit_a_laptop(memory: Open) -> None:
    page = memory("?model=Gemma-3-27B")
    for part in (".hc-answer p", ".hc-plot", ".hc-layers", ".st-key-memory_section"):
        box = page.locator(part).first.bounding_box()
        assert box["y"] + box["height"] <= 900 and box["x"] + box["width"] <= 1400
    drawn = page.locator("img.hc-lines").evaluate("image => image.complete && image.naturalWidth")
    assert drawn > 0


def test_a_projector_reads_the_answer(memory: Open) -> None:
    page = memory(width=1280, height=720)
    size = said(page).evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert size >= 22
    box = page.locator(".hc-plot").bounding_box()
    assert box["y"] + box["height"] <= 720


@pytest.mark.parametrize(
    "query",
    [
        "?section=speed&lang=hi",
        "?section=fit",
        "?section=engines",
        "?section=arithmetic&model=DeepSeek-V3.2",
    ],
)
def test_a_phone_scrolls_down_only(memory: Open, query: str) -> None:
    page = memory(query, width=390, height=844)
    expect(said(page)).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_dark_colours_of_the_curve(memory: Open) -> None:
    light, dark = memory(), memory(dark=True)
    sources = [page.locator("img.hc-lines").get_attribute("src") for page in (light, dark)]
    assert sources[0] != sources[1]


def test_the_pages_keep_what_is_theirs(app_url: str, memory: Open) -> None:
    page = memory("?model=GPT-2&heads=6")
    link(page, 0).click()
    expect(page.locator(".hc-top p").first).to_contain_text("8 query heads of 24 numbers")
    wait_ready(page)
    assert params(page) == {}  # Explore has a parameter of that name, too
    page.locator(".st-key-heads input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("location.search === '?heads=4'")
    wait_ready(page)  # an address that comes late is written over that of the next page
    entries = page.evaluate("history.length")
    link(page, 2).click()
    expect(said(page)).to_contain_text("GPT-2 keeps")
    wait_ready(page)
    assert params(page)["heads"] == "6"
    assert page.evaluate("history.length") == entries + 1  # one step, so one step back
    page.go_back()
    expect(page.locator(".hc-top p").first).to_contain_text("4 query heads of 48 numbers")
    wait_ready(page)
    link(page, 2).click()
    expect(said(page)).to_contain_text("GPT-2 keeps")


def test_a_language_chosen_on_one_page_holds_on_the_other(memory: Open) -> None:
    page = memory()
    page.get_by_text("हिन्दी", exact=True).click()
    expect(said(page)).to_contain_text("हर टोकन के लिए")
    link(page, 0).click()
    page.wait_for_selector(".st-key-real", state="attached")  # Memory has query heads, too
    wait_ready(page)
    page.get_by_text("English", exact=True).click()
    expect(link(page, 2)).to_have_text("Memory")
    link(page, 2).click()
    expect(said(page)).to_contain_text("keeps 128 KiB a token")


def write_gguf(path: Path) -> None:
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(NAME)
    writer.add_block_count(4)
    writer.add_context_length(16384)
    writer.add_embedding_length(256)
    writer.add_head_count(8)
    writer.add_head_count_kv(2)
    # A vocabulary of 6 MB, as real models have it: more than the browser reads at once.
    writer.add_token_list([f"{'token' * 10} {index}" for index in range(100_000)])
    writer.add_token_scores([0.0] * 100_000)
    writer.add_tensor("blk.0.attn_q.weight", np.zeros((256, 256), dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_of_a_large_gguf_file_only_the_header_is_read(memory: Open, tmp_path: Path) -> None:
    path = tmp_path / "large.gguf"
    write_gguf(path)
    with path.open("r+b") as file:
        file.truncate(5 * 2**30)  # sparse: 5 GiB that are not there
    page = memory()
    page.get_by_text("file", exact=True).click()
    page.evaluate(
        """() => {
          const send = WebSocket.prototype.send;
          window.sent = [];
          WebSocket.prototype.send = function (data) {
            window.sent.push(data.byteLength ?? data.size ?? data.length);
            return send.call(this, data);
          };
        }"""
    )
    chooser = page.locator("input[type=file]")
    chooser.set_input_files(path)
    expect(said(page)).to_contain_text(f"{NAME} keeps 1 KiB a token: 8,192 tokens take 8 MiB")
    assert 0 < max(page.evaluate("window.sent")) < 10_000  # of a header of 7 MB
    assert page.locator("img[src=q]").count() == 0
    page.get_by_text("Arithmetic", exact=True).click()
    page.get_by_text("The model’s numbers").click()
    expect(page.get_by_text("length of tokenizer.ggml.tokens")).to_be_visible()
    expect(page.get_by_text("'large.gguf' (GGUF)").last).to_be_visible()


UNREADABLE = {
    b"GGUF\x03\x00\x00\x00" + b"\xff" * 64: "its header is damaged or cut short",
    b"x" * 1_000_001: "is no GGUF file and too large for a config.json",
    b"no json": "The config is no JSON",
    b"\xff\xfe\x00": "The config is no text in UTF-8",
}


def test_files_that_cannot_be_read(memory: Open, tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    page = memory()
    page.get_by_text("file", exact=True).click()
    for content, sentence in UNREADABLE.items():
        path.write_bytes(content)
        page.locator("input[type=file]").set_input_files(path)
        expect(said(page)).to_contain_text(sentence)
    page.get_by_text("list", exact=True).click()
    expect(said(page)).to_contain_text("Llama-3-8B keeps")


def test_a_dropped_config(memory: Open, tmp_path: Path) -> None:
    config = {"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 128,
              "num_attention_heads": 4, "num_key_value_heads": 1}  # fmt: skip
    page = memory()
    page.get_by_text("file", exact=True).click()
    page.locator("input[type=file]").wait_for(state="attached")
    data = page.evaluate_handle(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], "config.json"));
          return data;
        }""",
        json.dumps(config),
    )
    page.locator("label:has(input[type=file])").dispatch_event("drop", {"dataTransfer": data})
    expect(said(page)).to_contain_text("llama keeps 256 bytes a token")


def test_the_table_of_gpus_is_counted_with_and_its_sources_are_shown(memory: Open) -> None:
    page = memory("?section=fit")
    expect(page.get_by_text("It fits on one NVIDIA A100 80GB SXM")).to_be_visible()
    page.get_by_text("Change the table of GPUs").click()
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()


def test_a_csv_of_what_was_kept(memory: Open) -> None:
    page = memory("?section=beside&beside=model%3DGPT-2|model%3DGemma-3-27B")
    with page.expect_download() as download:
        page.get_by_text("Table as CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.splitlines()[1].startswith("A,GPT-2,") and len(text.splitlines()) == 3


def test_a_chart_is_saved(memory: Open) -> None:
    page = memory("?section=fit", dark=True)
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    name, content = take(page, "chart-3", "svg", "paper")  # behind the curve and the layers
    assert name == "headcount-chart-3.svg" and b"tokens of a sequence" in content
    assert b"rgb(22, 25, 31)" in content


def test_the_curve_beside_the_controls_is_saved(memory: Open) -> None:
    page = memory("?model=Gemma-3-27B", dark=True)
    page.locator(".hc-curve").wait_for()
    _, content = take(page, "chart-1", "svg", "paper")
    said = words_in(content)
    assert {"Cache against context", "tokens of a sequence", "8,192"} <= set(said)
    assert b'fill="#ffffff"' in content and b"rgb(22, 25, 31)" in content
    assert b"rgb(236, 238, 241)" not in content and b"#62c4ca" not in content
    assert content.count(b"<path") == 6  # three lines, and their samples in the legend
    _, numbers = take(page, "chart-1", "csv")
    rows = list(csv.reader(numbers.decode("utf-8-sig").splitlines()))
    assert rows[0] == ["line", "tokens", "bytes"]
    total = compute_total("Gemma-3-27B")
    assert ["as it is", "8192", str(total)] in rows
    _, content = take(page, "chart-2", "svg", "screen")
    assert "62 layers" in words_in(content) and content.count(b"<rect") > 62
    _, numbers = take(page, "chart-2", "csv")
    rows = list(csv.reader(numbers.decode("utf-8-sig").splitlines()))
    assert rows[0] == ["layer", "kind", "bytes"] and rows[6][1] == "global, every token"
    assert sum(int(row[2]) for row in rows[1:]) == total


def compute_total(model: str) -> int:
    shape = find_model(model)
    return int(logical.allocate(shape, Workload(context=8192)).bytes_total)


def test_units_and_languages_are_whole(memory: Open) -> None:
    page = memory()
    for width in (1400, 360, 768, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)  # Streamlit lays itself out anew
        for key in ("memory_units", "memory_lang"):
            group = page.locator(f".st-key-{key} [role=radiogroup]").first
            whole = group.evaluate("node => node.scrollWidth <= node.clientWidth + 1")
            assert whole, (key, width)


def test_terms_open(memory: Open) -> None:
    page = memory("?section=arithmetic")
    page.set_default_timeout(10_000)
    page.locator(".hc-figure table").first.wait_for()
    expect(page.locator(".hc-badge")).to_have_text("grouped-query attention, GQA")
    found = open_all(
        page, page.locator(".hc-answer .hc-term, .st-key-memory_figure_total .hc-term")
    )
    assert found == {
        "grouped-query attention, GQA", "KV cache", "token", "KV head", "head", "head_dim",
    }  # fmt: skip
    ratio = page.locator(".st-key-memory_figure_ratio")
    ratio.locator("summary").click()
    assert "multi-query attention, MQA" in open_all(page, ratio.locator(".hc-term"))
    page.locator("details.hc-glossary summary").click()
    expect(page.locator("details.hc-glossary dt")).to_contain_text(["softmax"])


def choose_cell(page: Page, row_name: str) -> None:
    """Choose the second cell of a row in the table of GPUs, by keyboard: where the table stands
    changes for as long as what is above it is drawn."""
    table = page.locator(".st-key-memory_table")
    row = table.locator("tbody tr", has_text=row_name)
    first = table.locator("tbody td").first
    row.wait_for(state="attached")
    first.focus()
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowRight")
    for _ in range(gpu_names().index(row_name)):
        page.keyboard.press("ArrowDown")
    expect(row.locator("td").nth(1)).to_have_attribute("aria-selected", "true")


def test_a_changed_gpu_is_in_the_link_and_back_takes_it_away(memory: Open) -> None:
    page = memory("?section=fit")
    page.set_default_timeout(20_000)
    verdict = page.locator(".hc-fits")
    expect(verdict).to_contain_text("55.04 GiB are left")
    page.locator(".st-key-memory_gpu_table summary").click()
    choose_cell(page, "NVIDIA A100 80GB SXM")
    page.keyboard.press("Enter")
    page.locator("#portal input").fill("96")
    page.keyboard.press("Enter")
    page.wait_for_url("**gpus=**")
    assert params(page)["gpus"] == "gpu=NVIDIA+A100+80GB+SXM&memory=96"
    expect(verdict).to_contain_text("63.51 GiB are left")
    link, said = page.url, verdict.inner_text()
    page.go_back()
    expect(verdict).to_contain_text("55.04 GiB are left")
    page.wait_for_timeout(1000)
    expect(verdict).to_contain_text("55.04 GiB are left")
    page.goto(link)
    expect(verdict).to_have_text(said)


def test_the_link_says_that_it_lacks_a_pasted_log(memory: Open) -> None:
    page = memory("?section=log")
    share = page.locator(".hc-share")
    expect(share).not_to_contain_text("leaves out")
    page.locator(".st-key-memory_log textarea").fill("KV cache size = 1 MiB")
    page.keyboard.press("Control+Enter")
    expect(share).to_contain_text(
        "The link leaves out the pasted log: whoever opens it will not have that."
    )
