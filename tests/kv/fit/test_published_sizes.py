"""Weights against sizes that others published: of checkpoints, GGUF files, a device of vLLM."""

import pytest

from attention.kv.engines.vllm import ENGINE as VLLM
from attention.kv.fit.division import Division
from attention.kv.fit.share import fullest_share
from attention.kv.fit.weights import weights_of
from attention.kv.read.catalog import find_model

GIB = 2**30
# Bytes of the safetensors files: exo-explore/exo, ``storage_size`` in
# ``resources/inference_model_cards`` at b5375f8c.
CHECKPOINTS = """
mlx-community/Llama-3.1-Nemotron-70B-Instruct-HF-4bit | 39688355840
moonshotai/Kimi-K2.7-Code | 595204986173
mlx-community/DeepSeek-V4-Pro | 849681803879
mlx-community/GLM-5.1 | 1487822475264
mlx-community/MiniMax-M2.5-6bit | 185826705408
mlx-community/NVIDIA-Nemotron-3-Nano-30B-A3B-MLX-BF16 | 63155889408
mlx-community/NVIDIA-Nemotron-Nano-9B-v2-6bit | 7224298496
mlx-community/Qwen3.5-122B-A10B-4bit | 69593314272
mlx-community/Qwen3.5-9B-8bit | 10426433504
mlx-community/Qwen3.6-35B-A3B-bf16 | 70214363872
mlx-community/gemma-4-26b-a4b-it-bf16 | 51611872412
mlx-community/gemma-4-31b-it-8bit | 33762858712
mlx-community/GLM-4.7-4bit | 198556925568
"""
# "model size" and "file size" of logs of llama.cpp, in GiB: ggml-org/llama.cpp issue 14235, and
# ollama/ollama pull 6279.
IN_GIB = [("Qwen3-30B-A3B", "Q4_K_M", 17.28), ("Llama-3.1-70B", "Q4_0", 37.22)]
# Unsloth's files, in GB, as ggml-org/Llama-macOS pull 63 lists them.
Q8_0 = {"2B": 2.0, "4B": 4.5, "9B": 9.5, "27B": 28.6, "35B-A3B": 36.9, "122B-A10B": 129.9,
        "397B-A17B": 421.5}  # fmt: skip
UD_Q4_K_XL = {"0.8B": 0.559, "2B": 1.34, "4B": 2.9, "9B": 6.0, "27B": 17.6}


@pytest.mark.parametrize("line", CHECKPOINTS.strip().splitlines())
def test_a_checkpoint_has_so_many_bytes(line):
    name, n_bytes = line.split(" | ")
    shape = find_model(name)
    counted = weights_of(shape, shape.number_format).n_bytes
    assert counted == pytest.approx(int(n_bytes), rel=0.001)


@pytest.mark.parametrize(("name", "file", "gib"), IN_GIB)
def test_a_file_of_llama_cpp_has_the_size_that_its_log_prints(name, file, gib):
    assert round(weights_of(find_model(name), file).n_bytes / GIB, 2) == gib


@pytest.mark.parametrize("size", Q8_0)
def test_a_file_in_8_bits_has_its_published_size(size):
    counted = weights_of(find_model(f"Qwen3.5-{size}"), "Q8_0").n_bytes / 1e9
    assert counted == pytest.approx(Q8_0[size], abs=0.06)


@pytest.mark.parametrize("size", UD_Q4_K_XL)
def test_a_file_that_chooses_by_layer_is_met_within_two_percent(size):
    counted = weights_of(find_model(f"Qwen3.5-{size}"), "UD-Q4_K_XL").n_bytes / 1e9
    assert counted == pytest.approx(UD_Q4_K_XL[size], rel=0.02)


@pytest.mark.parametrize(
    ("name", "stored", "tp", "gib"),
    [
        # vllm-project/vllm issue 17327: "Model loading took 14.2474 GiB", on each of four.
        ("Qwen3-30B-A3B", None, 4, 14.2474),
        # vllm-project/vllm pull 12569: "Loading model weights took 67.7229 GB", which are GiB.
        ("Llama-3.1-70B", "int8", 1, 67.7229),
    ],
)
def test_a_device_of_vllm_holds_what_it_says(name, stored, tp, gib):
    """Within a part in a thousand: buffers of rotary embeddings are beside the weights."""
    shape = find_model(name)
    allocation = VLLM.allocate(shape, VLLM.workload(context=4096, tp=tp))
    share = fullest_share(shape, weights_of(shape, stored), allocation, Division(tp=tp), "vllm")
    assert share.weights / GIB == pytest.approx(gib, rel=0.001)
