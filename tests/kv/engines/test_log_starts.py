"""A log with several starts: each is checked by itself, from what it says itself."""

import pytest

from attention.kv.engines.log_check import check, check_log
from attention.kv.engines.log_reading import Basis, Fallback
from attention.kv.engines.log_starts import names_in
from attention.kv.read.catalog import find_model
from tests.kv.engines.published_logs import LLAMA_CPP, OLLAMA, SGLANG

ENGINE = "INFO 10-02 [core.py:76] Initializing a V1 LLM engine (v0.10.2) with config: "
SMALL = """\
Available KV cache memory: 37.42 GiB
GPU KV cache size: 350,304 tokens
Maximum concurrency for 16,000 tokens per request: 21.89x
"""
LARGE = """\
Available KV cache memory: 11.57 GiB
GPU KV cache size: 75,824 tokens
Maximum concurrency for 40,960 tokens per request: 1.85x
"""
SMALL_START = f"{ENGINE}model='Qwen/Qwen3-0.6B', max_seq_len=16000, tensor_parallel_size=1\n{SMALL}"
LARGE_START = f"{ENGINE}model='Qwen/Qwen3-14B', max_seq_len=40960, tensor_parallel_size=1\n{LARGE}"


def by_start(found):
    return [(f.engine, f.start, f.what, f.agrees) for f in found.findings]


@pytest.mark.parametrize("text", [SMALL_START + LARGE_START, LARGE_START + SMALL_START])
def test_each_start_has_its_own_model_and_memory(text):
    found = check_log(text)
    assert found.agrees is True
    assert found.starts == {"vllm": 2}
    assert sorted(found.models) == ["Qwen3-0.6B", "Qwen3-14B"]
    assert by_start(found) == [
        ("vllm", 1, "tokens", True),
        ("vllm", 1, "concurrency", True),
        ("vllm", 2, "tokens", True),
        ("vllm", 2, "concurrency", True),
    ]


def test_a_start_that_does_not_announce_itself():
    other = SMALL.replace("37.42", "18.71").replace("350,304", "175,152").replace("21.89", "10.95")
    found = check_log(SMALL + other, find_model("Qwen3-0.6B"))
    assert (found.agrees, found.starts) == (True, {"vllm": 2})
    mixed = check_log(SMALL.replace("37.42", "18.71") + other, find_model("Qwen3-0.6B"))
    assert [finding.agrees for finding in mixed.findings] == [False, True, True, True]


def test_a_start_that_failed_says_nothing_of_the_next():
    failed = f"{ENGINE}model='Qwen/Qwen3-14B', max_seq_len=40960, tensor_parallel_size=4\n"
    assert check_log(failed + SMALL_START).models == ("Qwen3-0.6B",)
    needed = (
        "Available KV cache memory: 2.31 GiB\n"
        "ValueError: … (6.25 GiB KV cache is needed, which is larger than the available KV cache "
        "memory (2.31 GiB).\n"
    )
    found = check_log(failed.replace("size=4", "size=1") + needed + SMALL_START)
    assert [(f.start, f.what, f.agrees) for f in found.findings] == [
        (1, "needed", True),
        (2, "tokens", True),
        (2, "concurrency", True),
    ]


def test_starts_of_v0():
    text = "".join(
        f"Initializing an LLM engine (v0.4.2) with config: model='{model}', max_seq_len=8192, "
        f"tensor_parallel_size={tp}\n# GPU blocks: 9000, # CPU blocks: {blocks}\n"
        for model, tp, blocks in (
            ("meta-llama/Meta-Llama-3-8B", 1, 2048),
            ("meta-llama/Meta-Llama-3-8B", 2, 4096),
        )
    )
    found = check_log(text, find_model("Llama-3-8B"))
    assert (found.agrees, found.starts) == (True, {"vllm": 2})
    found = check_log("# GPU blocks: 9000, # CPU blocks: 2048\n" * 2, find_model("Llama-3-8B"))
    assert (found.agrees, found.starts) == (True, {"vllm": 2})


def test_starts_of_sglang():
    first = SGLANG[0].text
    second = (
        "server_args=ServerArgs(model_path='Qwen/Qwen3-8B', tp_size=1, page_size=1)\n"
        "KV Cache is allocated. #tokens: 100000, K size: 6.87 GB, V size: 6.87 GB\n"
    )
    found = check_log(f"{first}\n{second}")
    assert (found.agrees, found.starts) == (True, {"sglang": 2})
    assert found.models == ("MiMo-V2-Flash", "Qwen3-8B")


def test_starts_of_llama_cpp_and_ollama():
    header = (
        "llama_model_loader: loaded meta data with 29 key-value pairs and 292 tensors from "
        "/models/{} (version GGUF V3 (latest))\nprint_info: general.name = {}\n"
    )
    line = (
        "llama_kv_cache: size = {0}.00 MiB ( 4096 cells, {1} layers, 1/1 seqs), K (f16): {0}.00 MiB"
    )
    text = (
        header.format("a.gguf", "Qwen3 8B")
        + line.format(288, 36)
        + "\n"
        + header.format("b.gguf", "Llama 3 8B")
        + line.format(256, 32)
    )
    found = check_log(text)
    assert (found.agrees, found.starts) == (True, {"llama.cpp": 2})
    assert found.models == ("Qwen3-8B", "Llama-3-8B")
    runner = 'msg="starting runner" cmd="ollama runner --ollama-engine --model x"\n'
    both = "\n".join(
        f"print_info: general.name = {name}\n{runner}{log.text.partition('430')[2] or log.text}"
        for name, log in (("gpt-oss-120b", OLLAMA[1]), ("Gemma-4-26B-A4B", OLLAMA[0]))
    )
    found = check_log(both, find_model("gpt-oss-120b"))
    assert found.starts == {"ollama": 2}
    assert [finding.agrees for finding in found.findings] == [True, False]


def test_estimates_of_ollama_begin_a_start():
    text = "\n".join(
        (OLLAMA[2].text, OLLAMA[2].text.replace("300.0", "492.0").replace("8192", "16384"))
    )
    found = check_log(text, find_model("gpt-oss-20b"))
    assert (found.agrees, found.starts) == (True, {"ollama": 2})


def test_the_header_of_another_size_of_the_model_goes_before_its_name():
    text = "n_layer = 28\ngeneral.name = Qwen3 8B\n" + LLAMA_CPP[0].text
    found = check_log(text)
    assert (found.models, found.agrees) == (("Qwen3-8B",), True)
    assert found.findings[1].cause.startswith("The log has no header of the model")


@pytest.mark.parametrize(
    "line",
    [
        "model='Qwen/Qwen3-0.6B', speculative_config=None",
        "model='/root/.cache/huggingface/hub/models--Qwen--Qwen3-0.6B/snapshots/c1899de2',",
        "model='/data/models/Qwen3-0.6B/',",
        "non-default args: {'model_tag': 'Qwen/Qwen3-0.6B', 'max_model_len': 16000}",
        "vllm serve Qwen/Qwen3-0.6B --max-model-len 16000",
        "python -m vllm.entrypoints.openai.api_server --model Qwen/Qwen3-0.6B",
    ],
)
def test_names_in_vllm_s_lines(line):
    assert check_log(f"{line}\n{SMALL}").models == ("Qwen3-0.6B",)


@pytest.mark.parametrize(
    "line",
    [
        "general.name str              = Qwen3 8B",
        "print_info: general.name     = Qwen3 8B",
        "llama_model_loader: loaded meta data with 28 key-value pairs and 399 tensors from "
        "C:\\models\\Qwen3-8B.gguf (version GGUF V3 (latest))",
        "srv    load_model: loading model '/models/Qwen3-8B-00001-of-00002.gguf'",
    ],
)
def test_names_in_llama_cpp_s_lines(line):
    text = f"{line}\nllama_kv_cache: size = 576.00 MiB ( 4096 cells, 36 layers, 1/1 seqs), "
    found = check_log(f"{text}K (f16): 288.00 MiB, V (f16): 288.00 MiB")
    assert (found.agrees, found.models) == (True, ("Qwen3-8B",))
    assert found.findings[1].agrees is True


@pytest.mark.parametrize(
    "line",
    [
        "runner.name=registry.ollama.ai/library/gpt-oss-120b runner.inference=cuda",
        "$ ollama run gpt-oss-120b",
        'msg="" architecture=gptoss file_type=MXFP4 name="gpt-oss-120b" description=""',
    ],
)
def test_names_in_ollama_s_lines(line):
    found = check_log(f"{line}\n{OLLAMA[1].text}")
    assert (found.agrees, found.models) == (True, ("gpt-oss-120b",))


def test_what_a_path_may_be_called():
    assert list(names_in("/root/models--Qwen--Qwen3-8B/snapshots/b968826d")) == ["Qwen/Qwen3-8B"]
    assert list(names_in("C:\\models\\gemma-2-9b-00001-of-00003.gguf")) == ["C:/models/gemma-2-9b"]


def test_a_fallback_holds_where_the_log_says_nothing():
    above = Fallback(shape=find_model("Qwen3-0.6B"), settings={"tp": 2, "context": 2048})
    assert check(SMALL_START, Basis(fallback=above)).agrees is True
    assert check(LARGE_START, Basis(fallback=above)).models == ("Qwen3-14B",)
    assert check(SMALL, Basis(fallback=above)).agrees is False
    above = Fallback(shape=find_model("DeepSeek-R1"), settings={"context": 2048})
    assert check(LLAMA_CPP[1].text, Basis(fallback=above)).agrees is True


def test_the_cells_that_a_model_and_a_size_imply():
    found = check_log(LLAMA_CPP[1].text, find_model("DeepSeek-R1"))
    assert [(f.what, f.computed, f.agrees) for f in found.findings[1:]] == [
        ("K", "5856.00 MiB", None),
        ("V", "3904.00 MiB", None),
    ]
    assert {finding.cause for finding in found.findings[1:]} == {
        "The log does not say the context: 2048 cells were worked out from the size itself."
    }
    found = check_log(LLAMA_CPP[1].text, find_model("Llama-3-8B"))
    assert found.findings[1].cause == "The log does not say the context: give it to compare."


def test_a_state_line_alone_counts_the_layers_that_keep_one():
    text = """\
print_info: n_layer               = 24
print_info: n_embd_k_gqa          = 512
print_info: n_embd_v_gqa          = 512
print_info: ssm_d_conv            = 4
print_info: ssm_d_inner           = 2048
print_info: ssm_d_state           = 128
print_info: ssm_n_group           = 16
llama_memory_recurrent: size = 77.06 MiB ( 4 cells, 24 layers, 4 seqs), R (f32): 5.06 MiB, S (f32): 72.00 MiB
"""  # noqa: E501
    found = check_log(text)
    assert found.agrees is True
    assert found.findings[1].formula.startswith("18 layers · 18432 numbers · 4 sequences")
    assert check_log(text.partition(", R (f32)")[0]).findings[0].agrees is True
    assert check_log(text.replace("72.00", "70.00")).agrees is False


RANKS = """
(APIServer pid=1) INFO non-default args: {{'model': 'Qwen/Qwen3-8B', 'max_num_batched_tokens': 8192}}
(EngineCore_DP0 pid=9) INFO Initializing a V1 LLM engine (v0.11.0) with config: model='Qwen/Qwen3-8B', max_seq_len=40960
(EngineCore_DP1 pid=8) INFO Initializing a V1 LLM engine (v0.11.0) with config: model='Qwen/Qwen3-8B', max_seq_len=40960
(EngineCore_DP1 pid=8) INFO Available KV cache memory: 50.00 GiB
(EngineCore_DP0 pid=9) INFO Available KV cache memory: 52.00 GiB
(EngineCore_DP0 pid=9) INFO GPU KV cache size: {first} tokens
(EngineCore_DP1 pid=8) INFO GPU KV cache size: 364,080 tokens
(EngineCore_DP1 pid=8) INFO Maximum concurrency for 40,960 tokens per request: 8.89x
(EngineCore_DP0 pid=9) INFO Maximum concurrency for 40,960 tokens per request: 9.24x
"""  # noqa: E501


def test_ranks_of_data_parallelism_are_held_against_their_own_memory():
    """Each has as many tokens as its own memory allows: 147,456 bytes a token."""
    found = check_log(RANKS.format(first="378,640"))
    assert found.model == "Qwen3-8B"
    assert found.starts == {"vllm": 2}
    assert [(f.start, f.what, f.agrees) for f in found.findings] == [
        (1, "tokens", True), (1, "concurrency", True),
        (2, "tokens", True), (2, "concurrency", True),
    ]  # fmt: skip
    wrong = check_log(RANKS.format(first="364,080"))
    assert [(f.start, f.what) for f in wrong.findings if f.agrees is False] == [
        (1, "tokens"), (1, "concurrency"),
    ]  # fmt: skip
