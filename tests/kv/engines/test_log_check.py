"""Cache lines as engines print them: agreement, differences and their causes, hostile logs."""

import time

import pytest

from attention.kv.engines.log_check import check_log
from attention.kv.engines.log_reading import LARGEST_LOG, MOST_FINDINGS, LogError
from attention.kv.layer import Layer, LayerKind, State
from attention.kv.shape import uniform
from tests.kv.cases import CASES, of_engine, shape_of
from tests.kv.layers import full, model, window

COMPARABLE = {"gpu_blocks", "available_gib"}
LOGGED = [case for case in CASES if "log" in case and case["id"] != "more-12"]

# public GitHub file, llama-server of February 2026 with Qwen3.5-0.8B, lines that matter kept
HYBRID = """\
print_info: arch                  = qwen35
print_info: n_layer               = 24
print_info: n_head                = 8
print_info: n_head_kv             = 2
print_info: n_rot                 = 64
print_info: n_swa                 = 0
print_info: n_embd_head_k         = 256
print_info: n_embd_head_v         = 256
print_info: n_embd_k_gqa          = 512
print_info: n_embd_v_gqa          = 512
print_info: ssm_d_conv            = 4
print_info: ssm_d_inner           = 2048
print_info: ssm_d_state           = 128
print_info: ssm_dt_rank           = 16
print_info: ssm_n_group           = 16
llama_context: n_seq_max     = 4
llama_context: n_ctx         = 262144
llama_context: n_ubatch      = 512
llama_kv_cache:        CPU KV buffer size =  3072.00 MiB
llama_kv_cache: size = 3072.00 MiB (262144 cells,   6 layers,  4/1 seqs), K (f16): 1536.00 MiB, V (f16): 1536.00 MiB
llama_memory_recurrent: size =   77.06 MiB (     4 cells,  24 layers,  4 seqs), R (f32):    5.06 MiB, S (f32):   72.00 MiB
"""  # noqa: E501

VLLM = """\
INFO 10-02 11:30:44 [gpu_worker.py:298] Available KV cache memory: 37.42 GiB
INFO 10-02 11:30:44 [kv_cache_utils.py:864] GPU KV cache size: 350,304 tokens
INFO 10-02 11:30:44 [kv_cache_utils.py:868] Maximum concurrency for 16,000 tokens per request: 21.89x
"""  # noqa: E501


def shown(found):
    return [(f.what, f.printed, f.computed, f.agrees) for f in found.findings]


def header_of(case):
    """What llama.cpp prints above a cache line of that model."""
    row, workload = case["layers"][0], case["workload"]
    n_layers = sum(layer["count"] for layer in case["layers"])
    numbers = {
        "n_layer": n_layers,
        "n_head_kv": row["n_kv_heads"],
        "n_embd_k_gqa": row["n_kv_heads"] * row["k_head_dim"],
        "n_embd_v_gqa": row["n_kv_heads"] * row["v_head_dim"],
    }
    if "latent_rank" in row:
        numbers |= {"n_lora_kv": row["latent_rank"], "n_rot": row["rope_dim"]}
    lines = [f"llm_load_print_meta: {name:16} = {n}" for name, n in numbers.items()]
    lines.append(f"llama_new_context_with_model: n_ctx      = {workload.get('cells', 0)}")
    return "\n".join(lines)


@pytest.mark.parametrize("case", LOGGED, ids=lambda case: case["id"])
def test_every_logged_line_agrees_with_its_header(case):
    text = f"{header_of(case)}\nllama_new_context_with_model: {case['log']}"
    found = check_log(text)
    assert found.agrees is True
    assert all(finding.agrees for finding in found.findings)
    assert all(finding.cause == "" for finding in found.findings)
    assert found.engines == ("llama.cpp",)


@pytest.mark.parametrize("case", LOGGED, ids=lambda case: case["id"])
def test_a_model_can_stand_in_for_the_header(case):
    text = f"n_ctx = {case['workload'].get('cells', 0)}\n{case['log']}"
    assert check_log(text, shape_of(case)).agrees is True


def test_a_hybrid_s_two_caches():
    found = check_log(HYBRID)
    assert shown(found) == [
        ("size", "3072.00 MiB", "3072.00 MiB", True),
        ("K", "1536.00 MiB", "1536.00 MiB", True),
        ("V", "1536.00 MiB", "1536.00 MiB", True),
        ("size", "77.06 MiB", "77.06 MiB", True),
        ("R", "5.06 MiB", "5.06 MiB", True),
        ("S", "72.00 MiB", "72.00 MiB", True),
    ]
    assert found.findings[4].formula == (
        "18 layers · 18432 numbers · 4 sequences · 4 bytes (float32) = 5.06 MiB"
    )
    assert found.facts["n_embd_k_gqa"] == 512


def test_layers_of_several_widths_and_windows():
    """Gemma 4 12B: 40 window layers of 2048 numbers, 8 global ones of 512."""
    widths = ", ".join(str(512 if i % 6 == 5 else 2048) for i in range(48))
    text = f"""\
print_info: n_layer = 48
print_info: n_swa = 1024
print_info: n_embd_k_gqa = [{widths}]
print_info: n_embd_v_gqa = [{widths}]
llama_context: n_ctx = 8192
llama_context: n_ubatch = 2048
llama_kv_cache: size =  128.00 MiB (  8192 cells,   8 layers,  4/1 seqs), K (f16):   64.00 MiB, V (f16):   64.00 MiB
llama_kv_cache: size = 1920.00 MiB (  6144 cells,  40 layers,  4/1 seqs), K (f16):  960.00 MiB, V (f16):  960.00 MiB
"""  # noqa: E501
    found = check_log(text)
    assert found.agrees is True
    assert ("cells of windows", "6144 cells", "6144 cells", True) in shown(found)
    less = check_log(text.replace("n_ubatch = 2048", "n_ubatch = 512"))
    assert ("cells of windows", "6144 cells", "4608 cells", False) in shown(less)


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("K (f16): 1536", "K (f16): 816", "It fits q8_0, not float16: the line's format may be"),
        ("6 layers", "7 layers", "It fits 6 layers, not 7: the others share a cache, keep a"),
        (
            "n_embd_k_gqa          = 512",
            "n_embd_k_gqa          = 128",
            "It fits 8 KV heads, not 2: ",
        ),
        ("n_embd_k_gqa          = 512", "n_embd_k_gqa          = 100", "It is 5.120 times what"),
        ("4/1 seqs), K", "4/4 seqs), K", "It fits the context divided over 4 sequences."),
        ("(262144 cells,   6", "( 262000 cells,   6", "The context is rounded up to 262144 cells"),
    ],
)
def test_a_difference_has_a_likely_cause(old, new, cause):
    assert old in HYBRID
    found = check_log(HYBRID.replace(old, new))
    assert found.agrees is False
    assert any(finding.cause.startswith(cause) for finding in found.findings)


def test_a_line_alone_says_what_follows_from_it():
    found = check_log(HYBRID.splitlines()[-2])
    assert shown(found)[1] == ("K", "1536.00 MiB", "1536.00 MiB", None)
    assert found.findings[1].cause == (
        "The log has no header of the model: a row of 512 numbers was worked out from the size "
        "itself."
    )


def test_a_second_model_s_header_is_not_the_first_one_s():
    draft = HYBRID.replace("n_embd_k_gqa          = 512", "n_embd_k_gqa          = 128").replace(
        "K (f16): 1536", "K (f16): 384"
    )
    draft = draft.replace("size = 3072.00 MiB (", "size = 1920.00 MiB (")
    assert check_log(HYBRID + draft).agrees is True


def test_vllm_lines_against_each_other_and_against_a_model():
    alone = check_log(VLLM)
    assert shown(alone) == [
        ("tokens", "350,304 tokens", None, None),
        ("concurrency", "21.89x", "21.89x", True),
    ]
    assert "about 114699 bytes a token" in alone.findings[0].formula
    shape = uniform(n_layers=28, n_heads=16, n_kv_heads=8, head_dim=128)
    assert shown(check_log(VLLM, shape)) == [
        ("tokens", "350,304 tokens", "350,288 to 350,368 tokens", True),
        ("concurrency", "21.89x", "21.89x", True),
    ]
    wrong = check_log(VLLM, shape.with_(n_kv_heads=16))
    assert wrong.findings[0].cause == (
        "It is twice as many: one byte a number (fp8), or two devices (tp)."
    )


def test_the_device_with_the_least_memory_decides():
    more = "Available KV cache memory: 40.00 GiB\n"
    shape = uniform(n_layers=28, n_heads=16, n_kv_heads=8, head_dim=128)
    for text in (more + VLLM, VLLM + more):
        assert check_log(text, shape).agrees is True


def test_sglang_s_settings_are_read():
    text = (
        "server_args=ServerArgs(model_path='a', kv_cache_dtype='fp8_e5m2', tp_size=2, "
        "page_size=64)\nKV Cache is allocated. #tokens: 1000000, K size: 13.35 GB, V size: 13.35 GB"
    )
    shape = uniform(n_layers=28, n_heads=16, n_kv_heads=8, head_dim=128)
    found = check_log(text, shape)
    assert found.findings[0].computed == "13.35 GB"
    assert found.findings[0].formula.endswith("1000064 slots · 1 byte (fp8)")


def test_a_model_that_the_log_names_is_looked_up():
    config = "Initializing a V1 LLM engine (v0.10.2) with config: model='Qwen/Qwen3-0.6B', "
    config += "dtype=torch.bfloat16, max_seq_len=16000, tensor_parallel_size=1, kv_cache_dtype=auto"
    found = check_log(f"{config}\n{VLLM}")
    assert found.model == "Qwen3-0.6B"
    assert [finding.agrees for finding in found.findings] == [True, True]
    assert check_log(f"model='somebody/nothing-9B'\n{VLLM}").model is None


@pytest.mark.parametrize("case", of_engine("vllm"), ids=lambda case: case["id"])
def test_vllm_s_logged_cases(case):
    printed, workload = case["printed"], case["workload"]
    lines = {
        "available_gib": "Available KV cache memory: {} GiB",
        "tokens": "GPU KV cache size: {:,} tokens",
        "needed_gib": "… ({} GiB KV cache is needed, which is larger than …",
    }
    text = "\n".join(line.format(printed[name]) for name, line in lines.items() if name in printed)
    if "concurrency" in printed:
        context = workload["context"]
        text += f"\nMaximum concurrency for {context:,} tokens per request: "
        text += f"{printed['concurrency']}x"
    settings = {name: n for name, n in workload.items() if name != "context"}
    if "needed_gib" in printed:
        settings["context"] = workload["context"]
    found = check_log(text, shape_of(case), **settings)
    assert found.agrees is True, found.findings
    assert found.engines == ("vllm",)


@pytest.mark.parametrize(
    "case",
    [case for case in of_engine("vllm v0") if case["printed"].keys() >= COMPARABLE],
    ids=lambda case: case["id"],
)
def test_vllm_v0_s_logged_cases(case):
    printed, workload = case["printed"], case["workload"]
    text = (
        f"the rest of the memory reserved for KV Cache is {printed['available_gib']}GiB.\n"
        f"# cuda blocks: {printed['gpu_blocks']}, # CPU blocks: {printed.get('cpu_blocks', 0)}\n"
        f"Maximum concurrency for {workload['context']} tokens per request: "
        f"{printed['concurrency']}x"
    )
    found = check_log(text, shape_of(case), tp=workload["tp"], k_format=workload["k_format"])
    assert found.agrees is True, found.findings
    assert [finding.what for finding in found.findings] == [
        "blocks",
        *["blocks on the host"] * ("cpu_blocks" in printed),
        "concurrency",
    ]


@pytest.mark.parametrize("case", of_engine("sglang"), ids=lambda case: case["id"])
def test_sglang_s_logged_cases(case):
    printed, workload = case["printed"], case["workload"]
    text = (
        f"server_args=ServerArgs(tp_size={workload['tp']})\n"
        f"[TP0] KV Cache is allocated. #tokens: {workload['cells']}, "
        f"K size: {printed['k_gb']} GB, V size: {printed['v_gb']} GB\n"
    )
    if "ssm_gb" in printed:
        text += (
            f"[TP0] Mamba Cache is allocated. max_mamba_cache_size: {workload['batch']}, "
            f"conv_state size: {printed['conv_gb']}GB, ssm_state size: {printed['ssm_gb']}GB "
        )
    found = check_log(text, shape_of(case), k_format=workload["k_format"])
    assert found.agrees is True, found.findings
    assert len(found.findings) == (4 if "ssm_gb" in printed else 2)
    assert check_log(text).agrees is None


def test_sglang_s_one_size_for_a_latent_cache():
    text = "KV Cache is allocated. dtype: torch.bfloat16, #tokens: 100000, KV size: 6.55 GB"
    found = check_log(text, shape_of(next(case for case in CASES if case["id"] == "ik-055")))
    assert shown(found) == [("KV", "6.55 GB", "6.54 GB", False)]
    assert found.findings[0].cause.startswith("It is 1.001 times that")


def test_ollama_s_devices_are_added_up():
    text = """\
msg="starting runner" cmd="ollama runner --ctx-size 8192 --batch-size 512"
msg="kv cache" device=CUDA0 size="700.0 MiB"
msg="kv cache" device=CPU size="292.0 MiB"
"""
    wide = {"n_heads": 16, "n_kv_heads": 8, "k_head_dim": 256, "v_head_dim": 256}
    shape = model(*[window(1024, **wide)] * 40, *[full(**wide)] * 8)
    assert shown(check_log(text, shape)) == [("cache", "700.0 MiB + 292.0 MiB", "992.0 MiB", True)]
    assert check_log(text).findings[0].agrees is None
    offload = 'msg=offload memory.required.kv="896.0 MiB"\n--ctx-size 8192'
    assert check_log(offload, uniform(n_layers=28, n_heads=24, n_kv_heads=8, head_dim=128)).agrees


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "\x00" * 1000,
        "KV self size = MiB",
        "size = 1.00 MiB (  1 cells,",
        "n_layer = 32\nn_ctx = 4096",
    ],
)
def test_a_log_without_a_cache_line_is_one_sentence(text):
    with pytest.raises(LogError) as refused:
        check_log(text)
    assert str(refused.value) == (
        "the log has no cache line of llama.cpp, vLLM, SGLang or Ollama: paste the lines that the "
        "engine printed when it started."
    )


def test_a_log_that_is_too_long_is_refused():
    with pytest.raises(LogError) as refused:
        check_log("x" * (LARGEST_LOG + 1))
    assert str(refused.value).startswith("the log has 5000001 characters, more than 5000000: ")


@pytest.mark.parametrize(
    "line",
    [
        "KV self size = " + "9" * 100_000 + ".00 MiB, K (f16): 1.00 MiB",
        "print_info: n_embd_k_gqa = [" + "1, " * 200_000,
        "size = " + " " * 200_000 + "1.00 MiB (",
        "(" * 200_000,
        "K (" * 100_000,
        "GPU KV cache size: " + "," * 200_000 + " tokens",
        "\x1b[" * 200_000,
        "a\n" * 500_000,
    ],
)
def test_hostile_lines_take_no_time(line):
    began = time.process_time()
    with pytest.raises(LogError):
        check_log(line)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "text",
    [
        "GPU KV cache size: 0 tokens\nAvailable KV cache memory: 0.00 GiB",
        "GPU KV cache size: 16 tokens\nMaximum concurrency for 0 tokens per request: 1.00x",
        "KV Cache is allocated. #tokens: 0, K size: 0.00 GB, V size: 0.00 GB",
        "llama_kv_cache: size = 0.00 MiB ( 0 cells, 0 layers, 1/1 seqs), K (f16): 0.00 MiB, "
        "V (f16): 0.00 MiB",
        "llama_kv_cache: size = 1.00 MiB ( 1 cells, 1 layers, 0/0 seqs), K (wat): 1.00 MiB",
        "n_layer = 999999999999\nn_embd_k_gqa = 999999999999\nn_ctx = 1\n"
        "KV self size = 1.00 MiB, K (f16): 0.50 MiB, V (f16): 0.50 MiB",
        "# GPU blocks: 0, # CPU blocks: 0\nMaximum concurrency for 1 tokens per request: 0.00x",
        "# GPU blocks: 9, # CPU blocks: 0\nMaximum concurrency for 0 tokens per request: 1.00x\n"
        "the rest of the memory reserved for KV Cache is 4.05GiB.",
        "GPU KV cache size: 16 tokens\nAvailable KV cache memory: 1.00 GiB\n"
        "Maximum concurrency for 16 tokens per request: 1.00x",
        "(1.00 GiB KV cache is needed, which is larger than",
        'msg=offload memory.required.kv="896.0 MiB"\n--ctx-size 8192',
        "KV self size = 64.00 MiB, c^KV (f16): 64.00 MiB, kv^T: not used",
        "kv self size  =  512.00 MB",
    ],
)
@pytest.mark.parametrize(
    "shape",
    [
        None,
        uniform(n_layers=2, n_heads=4, n_kv_heads=2, head_dim=64),
        model(Layer(kind=LayerKind.NONE)),
        model(Layer(kind=LayerKind.STATE, states=(State(name="recurrent", shape=(4, 4)),))),
    ],
    ids=["no model", "dense", "keeps nothing", "keeps a state"],
)
def test_odd_numbers_are_answered(text, shape):
    found = check_log(text, shape)
    assert found.findings
    assert all(len(finding.line) <= 240 for finding in found.findings)


def test_many_lines_are_cut():
    found = check_log(HYBRID * 300)
    assert len(found.findings) == MOST_FINDINGS
    assert found.cut > 0
