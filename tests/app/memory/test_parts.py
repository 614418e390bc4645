"""Parts of the page "Memory": amounts, layers taken together, the curve, dropped files, columns."""

import base64
import json
import re
from fractions import Fraction
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.i18n import load_words
from app.memory import compute
from app.memory.amounts import Amounts
from app.memory.answer import Answer, answer
from app.memory.beside import as_csv_rows, columns
from app.memory.choices import built_facts, context_choices, kv_choices
from app.memory.curve import ROOM, curve, curve_html
from app.memory.dropped import Dropped, parse_dropped
from app.memory.fitting import asked, chosen, gpus, solve
from app.memory.groups import group
from app.memory.settings import Configuration, FitChoice, Source
from app.memory.strip import strip_html
from attention.kv.fit.gpus import USUAL_GPU, GpuError
from attention.kv.read.catalog import find_model, list_models
from attention.theme import LIGHT
from tests.sample import sample

WORDS = load_words("en")
BINARY, DECIMAL = Amounts("binary", WORDS), Amounts("decimal", WORDS)


def told(model: str, **asked_for: object) -> Answer:
    one = Configuration(source=Source(model=model), **asked_for)
    return answer(one, find_model(model))


@pytest.mark.parametrize(
    ("n_bytes", "binary", "decimal"),
    [
        (0, "0 bytes", "0 bytes"),
        (1023, "1,023 bytes", "1.02 kB"),
        (131072, "128 KiB", "131.07 kB"),
        (3 * 2**29, "1.5 GiB", "1.61 GB"),
        (10**9, "953.67 MiB", "1 GB"),
        (2**63 - 1, "8 EiB", "9.22 EB"),
    ],
)
def test_amounts(n_bytes: int, binary: str, decimal: str) -> None:
    assert BINARY.size(n_bytes) == binary
    assert DECIMAL.size(n_bytes) == decimal


def test_the_whole_number_of_bytes_stands_beside_a_rounded_size() -> None:
    assert BINARY.exact(1107296256) == "1.03 GiB = 1,107,296,256 bytes"


def test_sums_have_commas() -> None:
    formula = told("Llama-3.1-8B").allocation.formula
    assert "1073741824 bytes" in formula and "8192 tokens" in formula
    assert "8,192 tokens" in WORDS.told(formula)
    assert WORDS.told(formula).endswith(" = 1,073,741,824 bytes")
    assert load_words("hi").told(formula).endswith(" = 1,07,37,41,824 बाइट")


@pytest.mark.parametrize("name", sample(row.name for row in list_models()))
def test_groups_hold_every_layer_once_and_sum_to_the_total(name: str) -> None:
    found = told(name)
    groups = group(found.shape, found.allocation)
    indices = sorted(index for each in groups for index in each.indices)
    assert indices == list(range(found.shape.n_layers))
    total = sum((Fraction(each.bytes_each) * each.n_layers for each in groups), Fraction())
    assert total == Fraction(found.allocation.bytes_total)


def test_where_a_group_stands_is_written_in_runs() -> None:
    found = told("Gemma-3-27B")
    window, full = group(found.shape, found.allocation)
    assert window.where.startswith("0–4, 6–10, ") and window.where.endswith(" …")
    assert full.where.startswith("5, 11, 17")


def test_the_curve_bends_where_the_window_is_full() -> None:
    found = curve(told("Gemma-3-27B", context=8192))
    line = dict(zip(found.contexts, found.lines["as_is"], strict=True))
    assert found.windows == (1024,) and found.last == 16384
    before = line[1024] / 1024
    after = (line[16384] - line[1024]) / (16384 - 1024)
    assert before == 496 * 1024 and after == 80 * 1024


def test_the_curve_passes_through_the_sizes_of_the_answer() -> None:
    found = told("Llama-3-8B", engine="vllm", context=1000)
    drawn = curve(found)
    index = drawn.contexts.index(1000)
    assert {role: line[index] for role, line in drawn.lines.items()} == found.totals


def test_a_line_far_above_leaves_the_chart_and_the_model_is_seen() -> None:
    found = curve(told("DeepSeek-V3"))
    assert found.top == ROOM * max(found.lines["as_is"]) < max(found.lines["mha"])


def test_a_model_that_keeps_nothing_growing_has_a_flat_line() -> None:
    found = curve(told("Mamba-2.8B"))
    assert len(set(found.lines["as_is"])) == 1
    assert "hc-plot" in curve_html(told("Mamba-2.8B"), BINARY, WORDS, LIGHT)


def test_the_curve_holds_its_numbers() -> None:
    found = told("Gemma-3-27B")
    (rows,) = re.findall(r'data-rows="([^"]*)"', curve_html(found, BINARY, WORDS, LIGHT))
    header, *points = json.loads(unescape(rows))
    drawn = curve(found)
    assert header == ["line", "tokens", "bytes"]
    assert len(points) == len(drawn.lines) * len(drawn.contexts)
    assert [[tokens, size] for line, tokens, size in points if line == "as it is"] == [
        list(point) for point in zip(drawn.contexts, drawn.lines["as_is"], strict=True)
    ]


@pytest.mark.parametrize("name", ["Gemma-3-27B", "DeepSeek-V3.2", "Qwen3-Next-80B-A3B",
                                  "Gemma-3n-E4B", "Llama-4-Scout"])  # fmt: skip
def test_the_strip_has_a_column_for_each_layer_and_names_each_kind(name: str) -> None:
    found = told(name, context=32768)
    html = strip_html(found.shape, found.allocation, BINARY, WORDS, LIGHT)
    assert html.count("title=") == found.shape.n_layers
    heights = [float(text) for text in re.findall(r"height:([\d.]+)%", html)]
    assert max(heights) == 100
    for kind in found.shape.kinds:
        assert WORDS(f"memory.kind.{kind}", n="").split(" of ")[0].split(",")[0] in html


def test_very_many_layers_are_drawn_in_part_and_that_is_said() -> None:
    shape = find_model("Llama-3-8B").with_(n_layers=4096)
    found = answer(Configuration(), shape)
    html = strip_html(found.shape, found.allocation, BINARY, WORDS, LIGHT)
    assert html.count("title=") <= 160 and "one of 26 layers is drawn" in html


def test_fields_as_built_and_what_is_offered_instead() -> None:
    facts = built_facts(find_model("Llama-3-8B"))
    assert (facts["n_heads"], facts["n_kv_heads"], facts["head_dim"]) == (32, 8, 128)
    assert kv_choices(32, 8) == (1, 2, 4, 8, 16, 32)
    assert kv_choices(None, None) == (0, 1)
    assert kv_choices(2**40, 8) == (1, 8)  # no divisors of what no model has
    assert context_choices(8192, 1000) == (512, 1000, 1024, 2048, 4096, 8192)
    assert max(context_choices(None, 2**40)) == 2**40


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
))  # fmt: skip
def test_whatever_a_browser_sends_is_a_file_or_nothing(value: object) -> None:
    assert parse_dropped(value) is None
    assert parse_dropped({"dropped": value}) is None or isinstance(value, dict)


def test_a_dropped_file_and_a_problem_with_one() -> None:
    data = base64.b64encode(b"{}").decode()
    sent = {"dropped": {"name": "config.json", "data": data}}
    assert parse_dropped(sent) == Dropped("config.json", b"{}")
    large = parse_dropped({"dropped": {"name": "x" * 999, "problem": "too_large"}})
    assert len(large.name) == 200
    source = Source(kind="file", file="big.bin", data=large.data)
    with pytest.raises(compute.SourceError) as error:
        compute.built(source, local=False)
    assert str(error.value) == (
        "'big.bin' is no GGUF file and too large for a config.json: 1 MB at most."
    )


def test_a_hostile_header_is_a_sentence() -> None:
    source = Source(kind="file", file="a.gguf", data=b"GGUF\x03\x00\x00\x00" + b"\xff" * 16)
    with pytest.raises(ValueError, match="the GGUF header claims"):
        compute.built(source, local=False)


def test_a_spreadsheet_computes_nothing_of_the_csv() -> None:
    text = '{"_name_or_path": "=HYPERLINK(1)", "model_type": "llama", "num_hidden_layers": 2, '
    text += '"hidden_size": 64, "num_attention_heads": 2}'
    bad = Configuration(source=Source(kind="paste", text="{"))
    one = Configuration(source=Source(kind="paste", text=text))
    head, first, second = as_csv_rows(columns((one, bad), WORDS, local=False), WORDS)
    assert first[head.index("model")] == "'=HYPERLINK(1)"
    assert first[head.index("allocated (bytes)")] == str(2 * 2 * 2 * 32 * 2 * 8192)
    assert "the config is no JSON" in second[head.index("allocated (bytes)")]


def test_a_gpu_that_was_changed_says_so_and_is_counted_with() -> None:
    names = [gpu.name for gpu in gpus(FitChoice())]
    row = names.index(USUAL_GPU)
    choice = FitChoice(edited=((row, "memory", 24.0), (row, "bandwidth", 500.0)))
    gpu = chosen(choice)
    assert (gpu.memory_bytes, gpu.bandwidth_bytes_per_s) == (24 * 10**9, 500 * 10**9)
    assert gpu.sources[-1] == "changed by hand"
    small, usual = (
        solve(asked(find_model("Llama-3-8B"), Configuration(), one),
              "largest_context").answer.value
        for one in (choice, FitChoice())
    )  # fmt: skip
    assert 0 < small < usual
    with pytest.raises(GpuError):
        gpus(FitChoice(edited=((row, "memory", 1e30),)))
