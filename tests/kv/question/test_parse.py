"""Lines that people type: what is understood of them, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.kv.question.line import Line
from attention.kv.question.parse import Question, parse

ASKED = {
    "model": "Qwen3-30B-A3B",
    "context": 32_768,
    "users": 20,
    "gpu": "NVIDIA RTX 4090",
    "n_gpus": 2,
    "engine": "vllm",
    "k_format": "fp8",
}
SAME = [
    "Qwen3-30B-A3B, 32k, 20 users, 2×4090, vLLM, fp8 kv",
    "vllm 2x 4090 fp8 KV-cache 20 concurrent users 32K Qwen/Qwen3-30B-A3B",
    "Will Qwen3-30B-A3B with 32k context and 20 users fit on 2 × RTX 4090 in vLLM with fp8 KV?",
    "Can two RTX 4090s serve qwen3:30b-a3b to twenty people at 32,768 tokens, KV in fp8, vLLM?",
    "vllm serve Qwen/Qwen3-30B-A3B --max-model-len 32768 --kv-cache-dtype fp8 4090 x2 batch 20",
    "क्या Qwen3-30B-A3B 32k संदर्भ और 20 उपयोगकर्ताओं के साथ 2 RTX 4090 पर vLLM में fp8 KV के साथ चलेगा?",
    "Qwen3-30B-A3B, ३२k टोकन, २० लोग, दो 4090, vLLM, fp8 कैश",
]


@pytest.mark.parametrize("text", SAME)
def test_the_same_question_in_many_words(text):
    asked = parse(text)
    assert {name: getattr(asked, name) for name in ASKED} == ASKED
    assert (asked.weights, asked.missed, asked.problem) == (None, (), "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Llama-3.3-70B-Instruct-FP8 4xH100", {"weights": "fp8", "n_gpus": 4}),
        ("llama 3.1 8b on a single 3090 with ollama", {"engine": "llama.cpp", "n_gpus": 1}),
        ("gpt-oss:120b, 8 x H100", {"gpu": "NVIDIA H100 SXM", "n_gpus": 8}),
        ("mixtral 8x7b awq, two A100 80GB", {"model": "Mixtral-8x7B", "weights": "awq"}),
        ("phi4 q4_k_m llama.cpp M4 Max", {"weights": "q4_k_m", "gpu": "Apple M4 Max 128GB"}),
        ("Qwen3-8B int4 weights, kv cache in q8_0", {"weights": "int4", "k_format": "q8_0"}),
        ("Qwen3-8B 1M context", {"context": 2**20}),
        ("Qwen3-8B 100k tokens", {"context": 100_000}),
        ("Qwen3-8B 2 लाख टोकन", {"context": 200_000}),
        ("Qwen3-8B 64 thousand tokens", {"context": 64_000}),
        ("Qwen3-8B batch size 64", {"users": 64}),
        ("Qwen3-8B --tp 4", {"n_gpus": 4, "gpu": None}),
        ("Qwen3-8B on 3 cards, 16384", {"n_gpus": 3, "context": 16_384}),
        ("MI300X x8 deepseek-r1:671b sglang", {"gpu": "AMD Instinct MI300X", "engine": "sglang"}),
        ("Llama-3.1-8B 128k 4090", {"context": 131_072, "n_gpus": None}),
    ],
)
def test_each_part_by_itself(text, said):
    asked = parse(text)
    assert {name: getattr(asked, name) for name in said} == said
    assert asked.model
    assert not asked.missed


def test_what_was_not_understood_is_told():
    asked = parse("Qwen3-8B on a Voodoo2 with bananas, 8k")
    assert asked.missed == ("voodoo2", "bananas")
    assert asked.understood == ("model Qwen3-8B", "8192 tokens")


def test_a_model_that_is_not_there_is_no_other():
    asked = parse("Qwen3-31B, 4090, 8k")
    assert (asked.model, asked.gpu, asked.context) == (None, "NVIDIA RTX 4090", 8192)
    assert asked.problem.startswith("model 'qwen3-31b' is not known: did you mean Qwen3-")
    assert parse("20 users on a 4090").problem == "no model was named."


def test_an_empty_line_asks_nothing():
    assert parse("  ") == Question(problem="no model was named.")


def test_a_glued_number_is_two_words():
    assert Line("2×4090 4090x2 20users Mixtral-8x7B").words == (
        *("2", "x", "4090"), *("4090", "x", "2"), *("20", "users"), "mixtral-8x7b",
    )  # fmt: skip


@given(st.text(max_size=500))
def test_any_text_can_be_read(text):
    asked = parse(text)
    assert asked.context is None or asked.context > 0
    assert asked.model or asked.problem
