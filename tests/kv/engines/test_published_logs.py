"""Public logs that no other test has: what can be compared agrees, to the last printed digit."""

import pytest

from attention.kv.engines.log_check import check_log
from attention.kv.read.catalog import find_model
from tests.kv.engines.published_logs import ALL, OLLAMA, SGLANG, VLLM_V0


def checked(log, text=None):
    shape = find_model(log.model) if log.model else None
    return check_log(log.text if text is None else text, shape, **log.settings)


@pytest.mark.parametrize("log", ALL, ids=lambda log: log.id)
def test_every_figure_agrees(log):
    found = checked(log)
    assert found.agrees is True, found.findings
    assert sum(finding.agrees is True for finding in found.findings) == log.n_agree
    assert [finding.cause for finding in found.findings if finding.agrees] == [""] * log.n_agree


@pytest.mark.parametrize(
    "log", [log for log in ALL if log.id != "v4-no-layers"], ids=lambda x: x.id
)
def test_another_model_s_log_differs(log):
    found = check_log(log.text, find_model("OPT-1.3B"), **log.settings)
    assert found.agrees is False or not any(f.agrees for f in found.findings if f.what != "size")


def test_the_memory_of_v0_s_blocks_is_told_where_the_log_does_not_say_it():
    found = checked(VLLM_V0[-1])
    blocks, swapped = found.findings
    assert (blocks.agrees, blocks.cause) == (
        None,
        "The log does not say the memory that was available.",
    )
    assert blocks.formula == "3154 blocks · 5242880 bytes a block = 15.40 GiB"
    assert swapped.formula == "4 GiB of swap space over 5242880 bytes a block"


def test_another_swap_space_is_named():
    found = check_log("# GPU blocks: 12003, # CPU blocks: 8192", find_model("Llama-3-8B"))
    assert found.agrees is None
    assert found.findings[1].cause == (
        "It fits a swap space of 16 GiB, not the usual 4: the log does not say it."
    )
    text = "swap_space=16\n# GPU blocks: 12003, # CPU blocks: 8192"
    assert check_log(text, find_model("Llama-3-8B")).agrees is True


def test_a_stage_of_a_pipeline_has_its_share_of_the_layers():
    text = "pipeline_parallel_size=2\n# cuda blocks: 9000, # CPU blocks: 4096"
    assert check_log(text, find_model("Llama-3-8B")).agrees is True


def test_v0_with_a_latent_cache_or_every_head_s():
    heads, latent = 61 * 16 * 2 * 256 * 16 * 2, 61 * 576 * 2
    for row, size in ((heads, 16), (latent * 16, 16), (latent * 64, 64)):
        text = (
            f"tensor_parallel_size=8\nMemory profiling results: kv_cache_size=20.00GiB "
            f"gpu_memory_utilization=0.90\n# cuda blocks: {20 * 2**30 // row}, "
            f"# CPU blocks: {4 * 2**30 // row}\nMaximum concurrency for 4096 tokens per request: "
            f"{20 * 2**30 // row * size / 4096:.2f}x"
        )
        assert check_log(text, find_model("DeepSeek-R1")).agrees is True


def test_each_pool_says_its_layers():
    found = checked(SGLANG[1])
    assert found.findings[0].formula == (
        "window layers: 39 layers · 2 KV heads · 192 head_dim · 1496959 slots · 2 bytes (float16)"
    )
    assert found.findings[2].formula.startswith("full layers: 9 layers · 1 KV head · 192 head_dim")


def test_a_format_that_the_log_does_not_say_is_no_agreement():
    found = check_log(SGLANG[6].text, find_model("Qwen3.5-27B"))
    assert [finding.agrees for finding in found.findings] == [True, True, None, None]
    assert found.findings[2].cause == (
        "It fits fp8; the log does not say the number format: give it to compare."
    )


def test_a_draft_model_of_other_dims_is_not_held_against_the_model():
    text = SGLANG[7].text.replace("0.13 GB", "3.39 GB")
    found = checked(SGLANG[7], text)
    assert [finding.agrees for finding in found.findings] == [True, True, None, None]
    assert found.findings[2].cause == (
        "A second pool of as many tokens: a draft model's, whose dims are its own."
    )


def test_a_pool_in_a_format_that_is_not_known():
    text = SGLANG[7].text.replace("float8_e4m3fn", "float4_e2m1fn_x2")
    found = checked(SGLANG[7], text)
    assert found.agrees is None
    assert found.findings[0].cause == (
        "The size of a block of 'torch.float4_e2m1fn_x2' is not known."
    )


def test_stages_of_a_pipeline_have_pools_of_their_own():
    one = "KV Cache is allocated. dtype: torch.bfloat16, #tokens: 100000, K size: {} GB"
    text = "server_args=ServerArgs(pp_size=3)\n" + "\n".join(
        one.format(f"{n * 1024 * 100001 * 2 / 2**30:.2f}") for n in (11, 10)
    )
    assert check_log(text, find_model("Llama-3-8B")).agrees is True


def test_ollama_keeps_checkpoints_of_states():
    """Ollama 0.23 of a hybrid of 48 recurrent layers and 16 of 4 KV heads, at 4,096 tokens."""
    state, kept = 48 * (10240 * 3 + 48 * 128 * 128) * 4, 16 * 4 * 256 * 2 * 2 * 4096
    for copies in (25, 1):
        mib = (copies * state + kept) / 2**20
        text = f'KvSize:4096 Parallel:1\nmsg="kv cache" device=CUDA0 size="{mib:.1f} MiB"'
        assert check_log(text, find_model("Qwen3.5-27B")).agrees is True


@pytest.mark.parametrize(
    ("n_bytes", "form"),
    [
        (61 * 128 * (192 + 128) * 2, "128 KV heads"),
        (61 * (576 + 512) * 2, "512 latent number "),
        (61 * 576 * 2, "576 latent number "),
    ],
)
def test_ollama_s_latent_cache_in_each_form(n_bytes, form):
    gib = n_bytes * 4096 / 2**30
    found = check_log(
        f'--ctx-size 4096\nmemory.required.kv="{gib:.1f} GiB"', find_model("DeepSeek-R1")
    )
    assert found.agrees is True
    assert form in found.findings[0].formula


def test_ollama_s_cache_type_and_a_second_try():
    text = (
        'msg="kv cache" device=CUDA0 size="9.9 GiB"\nmsg="kv cache" device=CPU size="9.9 GiB"\n'
        "load Parallel:2 BatchSize:512 KvSize:8192 KvCacheType:q8_0 NumThreads:4\n"
        'msg="kv cache" device=CUDA0 size="544.0 MiB"'
    )
    assert check_log(text, find_model("Llama-3-8B")).agrees is True


def test_a_window_s_memory_is_the_window_but_for_two_models():
    cells = 5 * 32768 + 25 * (1024 + 512)
    text = OLLAMA[0].text.replace('"1.5 GiB"', f'"{cells / 2**10:.1f} MiB"')
    assert check_log(text, find_model("Gemma-4-26B-A4B")).agrees is False
