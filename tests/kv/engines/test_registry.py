"""An engine is its folder and a line of the registry: all else is built from its settings."""

from dataclasses import replace

import pytest

from attention.__main__ import main
from attention.kv import engines
from attention.kv.engines import logical
from attention.kv.engines.engine import Engine
from attention.kv.engines.log_check import check_log
from attention.kv.engines.log_reading import LogError
from attention.kv.engines.shared import BLOCK_SIZE, ENCODER_TOKENS
from attention.kv.fit.budget import Budget, Deployment
from attention.kv.fit.gpus import find_gpu
from attention.kv.fit.largest import most_users
from attention.kv.read.catalog import find_model
from attention.kv.settings import Count, Switch, WorkloadError
from attention.kv.speed.roofline import READY, ready
from tests.kv.layers import full, model

SPARE = Count[int](name="spare", help="layers that nobody reads", default=1)
TWICE = Switch[bool](name="twice", help="everything once more", default=False)


def allocate(shape, workload):
    """The formula's cache, with spare layers."""
    times = 2 if workload[TWICE] else 1
    more = shape.with_(n_layers=shape.n_layers * times + workload[SPARE])
    return replace(logical.allocate(more, workload), engine="toy")


@pytest.fixture
def toy(monkeypatch):
    """An engine that is in the registry alone."""
    made = Engine(name="toy", allocate=allocate, settings=(SPARE, TWICE, BLOCK_SIZE))
    monkeypatch.setitem(engines.ENGINES, "toy", made)
    return made


BARE = ("kv", "--layers", "2", "--heads", "4", "--kv-heads", "2", "--head-dim", "64")


@pytest.mark.parametrize(
    ("argv", "layers"), [((), 3), (("--spare", "4"), 6), (("--twice", "--spare", "2"), 6)]
)
def test_a_new_engine_has_its_options(toy, capsys, argv, layers):
    assert main([*BARE, "--context", "10", "--engine", "toy", *argv]) == 0
    total = layers * 2 * 2 * 64 * 10 * 2
    assert f"allocated  {total // 1024} KiB ({total:,} bytes)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("--spare", "0"), "argument --spare: '0' is not a whole number from 1 to 1099511627776."),
        (("--unified",), "--unified is no setting of toy: choose --engine llama.cpp."),
    ],
)
def test_a_new_engine_refuses_as_the_others_do(toy, capsys, argv, sentence):
    with pytest.raises(SystemExit):
        main([*BARE, "--context", "10", "--engine", "toy", *argv])
    assert capsys.readouterr().err == f"python -m attention kv: {sentence}\n"


def test_a_setting_of_several_engines_is_offered_once(toy):
    assert engines.heeding(BLOCK_SIZE) == ("vllm", "sglang", "toy")
    offered = engines.all_settings()
    assert len(offered) == len(set(offered)) == len({setting.name for setting in offered})
    assert len({setting.flag for setting in offered}) == len(offered)


def test_a_workload_of_one_engine_does_in_another_what_both_know():
    workload = engines.ENGINES["vllm"].workload(context=100, block_size=64, max_batched_tokens=7)
    assert engines.get("sglang")(model(full()), workload).usable_tokens == 128
    assert engines.get("llama.cpp")(model(full()), workload).usable_tokens == 256


def test_equal_settings_make_equal_workloads():
    vllm = engines.ENGINES["vllm"]
    one = vllm.workload(context=5, hybrid=False, block_size=32)
    other = vllm.workload(block_size=32, hybrid=False, context=5, state_format=None)
    assert one == other and hash(one) == hash(other)


def test_more_sequences_than_n_seq_max_make_room_for_themselves():
    llama_cpp = engines.ENGINES["llama.cpp"]
    workload = llama_cpp.workload(context=1000, batch=2, n_seq_max=2, n_ubatch=64)
    assert workload.with_batch(3) == llama_cpp.workload(context=1000, batch=3, n_ubatch=64)
    assert workload.with_batch(1) == llama_cpp.workload(context=1000, n_seq_max=2, n_ubatch=64)
    with pytest.raises(WorkloadError, match="n_seq_max 2 has no room for 3 sequences"):
        replace(workload, batch=3)
    budget = Budget(gpu=find_gpu("NVIDIA H100 SXM"))
    found = most_users(Deployment(find_model("Llama-3-8B"), workload, budget, engine="llama.cpp"))
    assert found.value > 2


def test_a_setting_that_no_engine_has_is_refused_in_a_log():
    with pytest.raises(LogError, match="'block_sise' is no setting of any engine"):
        check_log("KV self size = 64.00 MiB", block_sise=3)


def test_a_ready_made_workload_keeps_the_settings_that_leave_it_room():
    llama_cpp = engines.ENGINES["llama.cpp"]
    asked = llama_cpp.workload(context=9, n_seq_max=1, encoder_tokens=7)
    for name in READY:
        workload, _ = ready(name, find_model("Llama-3-8B"), asked)
        assert workload[ENCODER_TOKENS] == 7
        assert engines.get("llama.cpp")(find_model("Llama-3-8B"), workload).bytes_total
