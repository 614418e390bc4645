"""What vLLM's log would say: the lines read back by check-log, and by hand."""

import pytest

from attention.kv.engines.engine import Stage
from attention.kv.engines.log_check import check_log
from attention.kv.engines.vllm import ENGINE as VLLM
from attention.kv.engines.vllm.log_prediction import predict
from attention.kv.fit.budget import Budget, Deployment
from attention.kv.fit.division import Ways
from attention.kv.fit.gpus import find_gpu
from attention.kv.fit.predicted import predicted_log
from attention.kv.fit.total import fits
from attention.kv.read.catalog import find_model

GIB = 2**30
MODELS = ("Llama-3.1-8B", "Gemma-4-26B-A4B", "Qwen3.5-27B", "Kimi-Linear-48B-A3B",
          "DeepSeek-V4-Flash", "Mamba-2.8B")  # fmt: skip


def predicted(shape, workload, available):
    """With every layer on each device."""
    return predict(shape, workload, [Stage(range(shape.n_layers), available)])


def test_the_lines_of_a_public_log():
    """Qwen3-0.6B, 37.42 GiB, as in the case v1-005; two lines until 0.28, then one."""
    workload = VLLM.workload(context=16000, vllm_version="0.27")
    tokens = 350_304
    lines = predicted(find_model("Qwen3-0.6B"), workload, tokens * 114688)
    assert lines == (
        "Available KV cache memory: 37.42 GiB",
        "GPU KV cache size: 350,304 tokens",
        "Maximum concurrency for 16,000 tokens per request: 21.89x",
    )
    newest = predicted(find_model("Qwen3-0.6B"), VLLM.workload(context=16000), tokens * 114688)
    assert newest == (lines[0], f"{lines[1]}, {lines[2]}")


@pytest.mark.parametrize("version", ["0.20", "0.24", "0.26.1", "0.33"])
@pytest.mark.parametrize("name", MODELS)
def test_what_is_predicted_is_read_back(name, version):
    shape = find_model(name)
    workload = VLLM.workload(context=32768, vllm_version=version)
    text = "\n".join(predicted(shape, workload, 40 * GIB))
    found = check_log(text, shape, vllm_version=version, max_batched_tokens=2048)
    assert [finding.agrees for finding in found.findings] == [True, True], found.findings
    assert check_log(text, shape).agrees


def test_too_little_memory_is_the_sentence_that_vllm_stops_with():
    shape, workload = find_model("Llama-3.1-8B"), VLLM.workload(context=131072)
    assert predicted(shape, workload, 16 * GIB) == (
        "Available KV cache memory: 16.0 GiB",
        "To serve at least one request with the model's max seq len (131072), (16.0 GiB KV cache "
        "is needed, which is larger than the available KV cache memory (16.0 GiB).",
    )
    before = VLLM.workload(context=131072, vllm_version="0.28")
    assert "concurrency for 131,072 tokens per request: 1.00x" in predicted(
        shape, before, 16 * GIB
    )[-1]  # fmt: skip
    assert predicted(shape, workload, 0) == ("No available memory for the cache blocks.",)


def test_the_memory_is_what_weights_and_overhead_leave():
    shape, gpu = find_model("Llama-3.1-8B"), find_gpu("A100 80GB SXM")
    budget = Budget(gpu=gpu, usable=0.8)
    asked = Deployment(shape, VLLM.workload(context=8192), budget, "vllm")
    fit = fits(asked)
    left = fit.budget.usable_bytes - fit.terms[0].n_bytes - fit.terms[2].n_bytes
    assert predicted_log(asked)[0] == f"Available KV cache memory: {round(left / GIB, 2)} GiB"
    assert predicted_log(Deployment(shape, VLLM.workload(context=8192), budget)) == ()


@pytest.mark.parametrize("name", ["Llama-3.1-8B", "Gemma-3-27B", "DeepSeek-V4-Flash"])
def test_a_pipeline_has_the_blocks_of_its_fullest_stage(name):
    """Each device holds half of the layers: about twice the tokens in as much memory, and the
    device with less memory decides."""
    shape, workload = find_model(name), VLLM.workload(context=8192)
    half = shape.n_layers // 2
    both = [range(half), range(half, shape.n_layers)]

    def tokens(stages):
        line = predict(shape, workload, stages)[1]
        return int(line.split("size: ")[1].split(" tokens")[0].replace(",", ""))

    whole = tokens([Stage(range(shape.n_layers), 20 * GIB)])
    halves = tokens([Stage(layers, 20 * GIB) for layers in both])
    assert 1.85 * whole < halves < 2.15 * whole
    uneven = tokens([Stage(both[0], 40 * GIB), Stage(both[1], 20 * GIB)])
    assert uneven >= halves
    assert uneven < tokens([Stage(layers, 40 * GIB) for layers in both])


def test_two_stages_of_a_fit_are_one_device_with_half_of_the_layers():
    shape, gpu = find_model("Llama-3.1-8B"), find_gpu("RTX 4090")
    asked = Deployment(
        shape, VLLM.workload(context=8192), Budget(gpu=gpu, n_gpus=2, usable=0.9), "vllm",
        ways=Ways(pp=2),
    )  # fmt: skip
    lines = predicted_log(asked)
    gib = float(lines[0].split(": ")[1].split()[0])
    tokens = int(lines[1].split("size: ")[1].split(" tokens")[0].replace(",", ""))
    assert tokens * 16 * 2 * 8 * 128 * 2 == pytest.approx(gib * GIB, rel=0.001)
