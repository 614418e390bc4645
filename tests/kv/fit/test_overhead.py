"""What engines need beside weights and cache: published logs, and the rules they print."""

import pytest

from attention.kv import engines
from attention.kv.engines.vllm import ENGINE as VLLM
from attention.kv.fit.budget import GIB, Budget, Deployment
from attention.kv.fit.gpus import find_gpu
from attention.kv.fit.total import fits
from attention.kv.fit.weights import weights_of
from attention.kv.read.catalog import find_model

MIB = 2**20


def overhead(name, engine, gpu="H100 SXM", n_gpus=1, **asked):
    workload = engines.ENGINES[engine].workload(**{"context": 8192, **asked})
    budget = Budget(gpu=find_gpu(gpu), n_gpus=n_gpus)
    fit = fits(Deployment(find_model(name), workload, budget, engine))
    return fit.terms[2].n_bytes, fit.assumptions


# vLLM's "PyTorch activation peak memory": without graphs (16 MiB a layer) and context (0.3 GiB).
@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Llama-3-8B", 1.26),  # vllm-project/vllm pull 10511
        ("Llama-3.1-8B", 1.21),
        ("Qwen2.5-1.5B", 1.40),  # the log of a Qwen2.5-1.5B, 2.88 GiB of weights
    ],
)
def test_activations_of_vllm_are_near_those_that_it_measured(name, printed):
    found, _ = overhead(name, "vllm")
    graphs = find_model(name).n_layers * 16 * MIB
    assert (found - graphs) / GIB - 0.3 == pytest.approx(printed, rel=0.05)


def test_more_tokens_in_a_step_need_more():
    few, _ = overhead("Llama-3.1-8B", "vllm")
    many, _ = overhead("Llama-3.1-8B", "vllm", max_batched_tokens=16384)
    assert many > few
    two, _ = overhead("Llama-3.1-8B", "vllm", n_gpus=2)
    assert two == few + GIB


# common_memory_breakdown_print of gpt-oss-120b at -ub 1024: 796 MiB (ollama/ollama issue 16416);
# "CUDA0 compute buffer size = 258.50 MiB" of Llama-3-8B at 512.
@pytest.mark.parametrize(
    ("name", "n_ubatch", "mib"), [("gpt-oss-120b", 1024, 796), ("Llama-3-8B", 512, 258.5)]
)
def test_the_compute_buffer_of_llama_cpp_is_the_printed_one(name, n_ubatch, mib):
    found, _ = overhead(name, "llama.cpp", n_ubatch=n_ubatch)
    assert (found - int(0.3 * GIB)) / MIB == pytest.approx(mib, abs=1.5)


def test_without_flash_attention_scores_need_more():
    """Mistral-7B, 8,192 tokens, -ub 256, -fa off: 280 MiB, of which 256 are scores."""
    found, _ = overhead("Mistral-7B-v0.1", "llama.cpp", n_ubatch=256, flash_attn=False)
    assert (found - int(0.3 * GIB)) / MIB == pytest.approx(256, abs=1)


# server_args.py: 512 + 1.5 · 8192 + 2 · 256 + 1024 / 8 MiB on one H100, and 512 graphs on eight.
@pytest.mark.parametrize(
    ("gpu", "n_gpus", "reserved"),
    [("H100 SXM", 1, 13440), ("H100 SXM", 8, 14848), ("RTX 4090", 1, 3760), ("B200", 8, 27136)],
)
def test_sglang_leaves_free_what_its_rule_says(gpu, n_gpus, reserved):
    found, notes = overhead("Llama-3.1-8B", "sglang", gpu, n_gpus)
    memory = find_gpu(gpu).memory_bytes
    free = memory - int(memory * 9 // 10)
    assert found == pytest.approx(max(0, reserved * MIB - free), abs=MIB)
    assert any(note.startswith(f"SGLang leaves {reserved / 1024:.4g} GiB") for note in notes)


def test_experts_in_mxfp4_are_filled_up():
    """vLLM's "Model loading took" of gpt-oss-120b: 65.97 GiB, of gpt-oss-20b 13.72."""
    for name, printed in (("gpt-oss-120b", 65.9651), ("gpt-oss-20b", 13.7164)):
        _, notes = overhead(name, "vllm")
        (note,) = (n for n in notes if "fill up experts" in n)
        padding = float(note.partition(" ")[0])
        held = weights_of(find_model(name)).n_bytes
        assert held / GIB + padding == pytest.approx(printed, rel=0.004)


def test_what_was_given_is_taken_and_the_formula_has_no_engine():
    assert overhead("Llama-3.1-8B", "logical")[0] == GIB
    workload = engines.ENGINES["vllm"].workload(context=8192)
    budget = Budget(gpu=find_gpu("H100"), overhead_bytes=7)
    assert (
        fits(Deployment(find_model("Llama-3.1-8B"), workload, budget, "vllm")).terms[2].n_bytes == 7
    )


def test_vllm_computes_more_tokens_a_step_on_large_devices_but_the_a100():
    """``get_batch_defaults``: 8,192 from 70 GiB on, which windows and activations follow."""
    said = "max_batched_tokens is 8192, the engine's default on a device of this memory."
    for name, is_large in (("H100 SXM", True), ("A100 80GB SXM", False), ("RTX 4090", False)):
        asked = Deployment(
            find_model("Qwen3-4B"), VLLM.workload(context=4096), Budget(gpu=find_gpu(name)), "vllm"
        )
        assert (said in fits(asked).assumptions) is is_large
    own = VLLM.workload(context=4096, max_batched_tokens=2048)
    chosen = Deployment(find_model("Qwen3-4B"), own, Budget(gpu=find_gpu("H100 SXM")), "vllm")
    assert said not in fits(chosen).assumptions
