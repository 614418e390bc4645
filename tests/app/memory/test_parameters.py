"""Addresses of the page "Memory": what is written reads back, and nothing harmful is read."""

import base64
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memory.compute import gpu_names, model_names
from app.memory.entries import Edited, ModelName, SourceEntry
from app.memory.fitting import COLUMNS, cell, gpus
from app.memory.keys import Keys
from app.memory.packing import LONGEST_CONFIG
from app.memory.parameters import is_whole, left_out, table
from app.memory.settings import (
    CHANGES,
    ENGINE_SETTINGS,
    ENGINES,
    FORMATS,
    OWN,
    SECTIONS,
    WORKLOADS,
    Configuration,
    FitChoice,
    MemorySettings,
    Source,
)
from app.parameters import Moves
from attention.kv.fit.weights import NAMES
from attention.kv.read.config_json import LARGEST_FILE

COUNT = st.integers(1, 2**40)
TABLE = table(("en", "hi"), model_names(), gpu_names())
opened, write = TABLE.read, TABLE.write
NAMES_OF_MODELS = st.sampled_from(model_names())


@st.composite
def settings_of_engines(draw: st.DrawFn, one: Configuration) -> Configuration:
    for setting in ENGINE_SETTINGS:
        value = {
            "count": st.none() | COUNT,
            "switch": st.booleans(),
            "choice": st.sampled_from(setting.options or ("",)),
            "ratio": st.floats(0.01, 1),
        }[setting.kind]
        one = one.set_engine(setting.name, draw(value))
    return one


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    source = draw(
        st.builds(Source, model=NAMES_OF_MODELS)
        | st.builds(Source, kind=st.just("paste"), text=st.text(max_size=300))
        | st.builds(Source, kind=st.just("named"), place=st.just("Qwen/Qwen3-0.6B"))
    )
    one = Configuration(
        source=source,
        context=draw(COUNT),
        users=draw(COUNT),
        prefix=draw(st.integers(0, 2**40)),
        k_format=draw(st.sampled_from(FORMATS)),
        v_format=draw(st.none() | st.sampled_from(FORMATS)),
        hit=draw(st.integers(0, 100)),
        n_gpus=draw(st.integers(1, 1024)),
        pp=draw(st.none() | st.integers(1, 1024)),
        dp=draw(st.none() | st.integers(1, 1024)),
        ep=draw(st.booleans()),
        engine=draw(st.sampled_from(ENGINES)),
    )
    for name in CHANGES:
        one = one.change(name, draw(st.none() | COUNT))
    return draw(settings_of_engines(one))


@st.composite
def edits(draw: st.DrawFn) -> tuple[tuple[int, str, float], ...]:
    """Cells of the table of GPUs, as the page keeps them: none that is as the table has it."""
    cells = st.tuples(st.integers(0, len(gpu_names()) - 1), st.sampled_from(COLUMNS))
    numbers = st.integers(1, 10**9).map(lambda n: n / 16)
    found = draw(st.dictionaries(cells, numbers, max_size=4))
    table = gpus(FitChoice())
    return tuple(
        (row, column, number)
        for (row, column), number in sorted(found.items())
        if cell(table[row], column) != number
    )


@st.composite
def pages(draw: st.DrawFn) -> MemorySettings:
    return MemorySettings(
        now=draw(configurations()),
        kept=tuple(draw(st.lists(configurations(), max_size=4))),
        lang=draw(st.sampled_from(["en", "hi"])),
        units=draw(st.sampled_from(["binary", "decimal"])),
        section=draw(st.none() | st.sampled_from(SECTIONS)),
        fit=FitChoice(
            gpu=draw(st.sampled_from(gpu_names())),
            weights=draw(st.sampled_from(["", *NAMES, "65.2 GB", "UD-Q4_K_XL", "4.5 bpw"])),
            overhead=draw(st.none() | st.integers(0, 2**30)),
            average=draw(st.none() | COUNT),
            offload=draw(st.integers(0, 2**20)),
            mtp=draw(st.integers(0, 16)),
            share=draw(st.integers(1, 100)),
            workload=draw(st.sampled_from(WORKLOADS)),
            edited=draw(edits()),
        ),
    )


@given(pages())
@pytest.mark.slow
def test_what_is_written_reads_back(page: MemorySettings) -> None:
    again, notices = opened(write(page))
    assert again == page and not notices


@given(st.dictionaries(
    st.sampled_from(["model", "config", "place", "context", "users", "kv_heads", "k", "engine",
                     "swa_ratio", "hybrid", "beside", "gpu", "weights",
                     "n_gpus", "tp", "pp", "prefix_hit",
                      "gpus", "share", "overhead",
                     "section"]),
    st.text(max_size=60),
))  # fmt: skip
def test_any_text_reads_as_settings_that_can_be_written(params: dict[str, str]) -> None:
    page, _ = opened(params)
    assert opened(write(page))[0] == page


def test_the_default_page_needs_no_parameters() -> None:
    assert write(MemorySettings()) == {}


def test_a_bomb_is_not_unpacked() -> None:
    packed = base64.urlsafe_b64encode(zlib.compress(b" " * (LARGEST_FILE + 1), 9)).decode()
    assert len(packed) <= LONGEST_CONFIG
    page, notices = opened({"config": packed.rstrip("=")})
    assert page.now.source == Source() and notices[0].values["name"] == "config"


def test_a_dropped_gguf_file_is_not_in_the_address_and_that_is_known() -> None:
    source = Source(kind="file", file="a.gguf", data=b"GGUF....")
    one = replace(Configuration(), source=source)
    assert write(MemorySettings(now=one)) == {}
    assert not is_whole(one)
    dropped = replace(one, source=replace(source, data=b'{"a": 1}'))
    assert is_whole(dropped)


def test_what_was_changed_in_the_table_of_gpus_is_in_the_address_and_no_more() -> None:
    page, notices = opened({"gpus": "gpu=NVIDIA+A100+80GB+SXM&memory=96|gpu=NVIDIA+L4&bandwidth=1"})
    rows = [gpu.name for gpu in gpus(FitChoice())]
    assert not notices and set(page.fit.edited) == {
        (rows.index("NVIDIA A100 80GB SXM"), "memory", 96.0),
        (rows.index("NVIDIA L4"), "bandwidth", 1.0),
    }
    changed = gpus(page.fit)[rows.index("NVIDIA A100 80GB SXM")]
    assert changed.advertised_bytes == 96 * 10**9
    as_it_is, _ = opened({"gpus": "gpu=NVIDIA+A100+80GB+SXM&memory=80"})
    assert as_it_is == MemorySettings() and write(as_it_is) == {}


@pytest.mark.parametrize(
    "part",
    ["gpu=no+such&memory=9", "gpu=NVIDIA+L4", "gpu=NVIDIA+L4&memory=nan", "gpu=NVIDIA+L4&memory=-1",
     "gpu=NVIDIA+L4&memory=1e99", "gpu=NVIDIA+L4&colour=9", "memory=9"],
)  # fmt: skip
def test_a_row_that_cannot_be_is_dropped_and_that_is_said(part: str) -> None:
    page, (notice,) = opened({"gpus": part})
    assert page == MemorySettings()
    assert (notice.key, notice.values["name"]) == ("notice.url_unusable", "gpus")


def test_a_cell_put_back_is_no_change() -> None:
    row = gpu_names().index("NVIDIA L4")
    entry = Edited("edited")

    def heard(values: dict, number: float) -> dict:
        said = {Keys.TABLE: {"edited_rows": {row: {"memory": number}}}}
        entry.hear(values, Moves(said, {}, None))
        return values

    values = heard({"edited": ()}, 48)
    assert entry.write(values) == {"gpus": "gpu=NVIDIA+L4&memory=48"}
    assert entry.write(heard(values, 24)) == {}


def test_the_link_says_what_it_leaves_out() -> None:
    assert left_out(MemorySettings()) == ()
    dropped = Configuration(source=Source(kind="file", file="a.gguf", data=b"GGUF"))
    long = Configuration(source=Source(kind="paste", text="".join(map(str, range(5000)))))
    assert left_out(MemorySettings(now=dropped)) == ("file",)
    page = MemorySettings(now=long, kept=(dropped,), log="x", section="log")
    assert left_out(page) == ("file", "config", "log")
    assert left_out(replace(page, section="fit", now=Configuration(), kept=())) == ()


def test_a_config_too_long_for_an_address_is_left_out() -> None:
    text = "".join(f"{index * 7919 % 99991}," for index in range(3000))
    assert not is_whole(Configuration(source=Source(kind="paste", text=text)))


def test_a_link_of_before_has_its_devices_and_what_is_said_twice_is_the_new_one() -> None:
    assert opened({"tp": "4"})[0].now.n_gpus == 4
    page, _ = opened({"tp": "4", "n_gpus": "8"})
    assert page.now.n_gpus == 8 and write(page) == {"n_gpus": "8"}


def test_a_format_that_no_weights_have_is_dropped_and_that_is_said() -> None:
    page, (notice,) = opened({"weights": "f12"})
    assert page.fit.weights == OWN
    assert (notice.key, notice.values["given"]) == ("notice.url_unusable", "f12")


@pytest.mark.parametrize(
    ("typed", "model"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "Llama-3.1-8B"),
        ("qwen3:30b-a3b", "Qwen3-30B-A3B"),
        ("Qwen/Qwen3-8B-FP8", "Qwen/Qwen3-8B-FP8"),  # it says how the weights are stored
        ("Qwen3-31B", "Qwen3-31B"),  # the page says that it is not known
    ],
)
def test_a_model_that_was_typed_is_known_by_any_of_its_names(typed: str, model: str) -> None:
    values = {"source": Source()}
    entry = SourceEntry("source", ModelName(("Llama-3.1-8B", "Qwen3-30B-A3B")))
    entry.hear(values, Moves({Keys.MODEL: typed}, {}, None))
    assert values["source"].model == model
