"""Bytes of weights: block sizes of gguf, files that llama.cpp printed, active parameters."""

from dataclasses import replace
from itertools import combinations, product

import gguf
import pytest

from attention.kv.checks import ShapeError, shortened
from attention.kv.experts import Experts
from attention.kv.fit.budget import GIB, Budget, Deployment
from attention.kv.fit.gpus import find_gpu
from attention.kv.fit.named import named_format
from attention.kv.fit.total import fits
from attention.kv.fit.weights import NAMES, WeightError, weights_of
from attention.kv.formats import FormatError
from attention.kv.layouts import BLOCKS
from attention.kv.read.catalog import find_model, list_models
from attention.kv.read.config_json import from_config
from attention.kv.shape import uniform
from attention.kv.workload import Workload

LLAMA = find_model("Llama-3.1-8B")
BILLION = 10**9


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_is_as_large_as_gguf_has_it(name):
    assert BLOCKS[name] == gguf.constants.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name.upper()]]


# llama.cpp, tools/quantize/README.md at 311c2c9f: bits for a weight of Llama-3.1-8B, the whole file
# over its weights. (IQ4_XS and IQ4_NL of that table were made without an importance matrix.)
BITS = {
    "IQ1_S": 2.0042, "IQ1_M": 2.1460, "IQ2_XXS": 2.3824, "IQ2_XS": 2.5882, "IQ2_S": 2.7403,
    "IQ2_M": 2.9294, "IQ3_XXS": 3.2548, "IQ3_XS": 3.4977, "IQ3_S": 3.6606, "IQ3_M": 3.7628,
    "Q2_K_S": 2.9697, "Q2_K": 3.1593, "Q3_K_S": 3.6429, "Q3_K_L": 4.2979, "Q3_K_M": 3.9960,
    "Q4_K_S": 4.6672, "Q4_K_M": 4.8944, "Q5_K_S": 5.5704, "Q5_K_M": 5.7036, "Q6_K": 6.5633,
    "Q8_0": 8.5008, "F16": 16.0005,
}  # fmt: skip


@pytest.mark.parametrize("name", BITS)
def test_a_mixture_has_the_bits_that_llama_cpp_prints(name):
    assert weights_of(LLAMA, name).bits == pytest.approx(BITS[name], abs=0.0006)


# What was printed of checkpoints and files. GB is 10^9 bytes, GiB 2^30.
# total_size of a model.safetensors.index.json, as copied in public repositories: the bytes exactly.
INDEXES = [
    ("Llama-3.1-8B", None, 16_060_522_496),  # meta-llama/Llama-3.1-8B
    ("Llama-3.1-70B", "awq", 39_767_785_472),  # a Llama 70B in AWQ, groups of 128
]


@pytest.mark.parametrize(("name", "stored", "n_bytes"), INDEXES)
def test_an_index_has_the_bytes_exactly(name, stored, n_bytes):
    assert weights_of(find_model(name), stored).n_bytes == n_bytes


# vLLM's "Model loading took", GiB on one device or on each of several; llama.cpp's "file size" and
# model buffers. Where a log stands is named beside it.
PRINTED = [
    ("Llama-3.1-8B", None, 1, 14.9889),  # vllm-project/vllm pull 17122
    ("Qwen3-30B-A3B", "fp8", 1, 29.0972),  # Qwen3-30B-A3B-Instruct-2507-FP8, vllm 0.11, pull 25933
    ("Llama-3.1-70B", "awq", 1, 37.09),  # hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4
    ("Llama-3.3-70B", "fp8", 1, 67.7),  # Llama-3.3-70B-Instruct in FP8, one GPU
    ("Llama-3.1-405B", "fp8", 8, 57.75),  # Llama-3.1-405B-Instruct-FP8 on 8 H100
    ("Llama-3.1-8B", "awq", 1, 5.3440),  # Meta-Llama-3.1-8B-Instruct-AWQ-INT4, vllm 0.6
    ("Llama-3.1-8B", "gptq", 1, 5.3767),  # kaitchup/Meta-Llama-3.1-8B-Instruct-autoround-gptq-4bit
    ("Qwen3-8B", "awq", 1, 5.7071),  # Qwen/Qwen3-8B-AWQ
    ("Qwen2.5-7B", "awq", 1, 5.2),  # Qwen2.5-7B-Instruct-AWQ
    ("Mistral-7B-v0.3", None, 1, 13.5084),  # mistralai/Mistral-7B-Instruct-v0.3
    ("OLMo-3-7B", None, 1, 13.63),  # allenai/Olmo-3-1025-7B
    ("Qwen2.5-14B", None, 1, 27.57),  # Qwen/Qwen2.5-14B-Instruct
    ("Qwen2.5-3B", None, 1, 5.7916),  # Qwen/Qwen2.5-3B-Instruct
    ("gpt-oss-120b", None, 1, 65.2e9 / GIB),  # openai/gpt-oss-120b, the size of its files
    ("Qwen3-30B-A3B", "Q4_K_M", 1, 17.28),  # print_info: file size = 17.28 GiB (4.86 BPW)
    ("Qwen3-30B-A3B", "Q4_K_M", 1, 18_556_686_752 / GIB),  # bartowski's file of Instruct-2507
]


@pytest.mark.parametrize(("name", "stored", "n_gpus", "gib"), PRINTED)
def test_a_device_holds_what_was_printed(name, stored, n_gpus, gib):
    shape = find_model(name)
    asked = Deployment(
        shape,
        Workload(context=1024),
        Budget(gpu=find_gpu("H100 SXM"), n_gpus=n_gpus),
        "vllm",
        weights_of(shape, stored),
    )
    assert fits(asked).terms[0].n_bytes / GIB == pytest.approx(gib, rel=0.008)


def test_llama_cpp_leaves_the_embedding_on_the_host():
    """gpt-oss-120b, ollama/ollama issue 16416: 61223 MiB on the GPU, 1104 on the host."""
    shape = find_model("gpt-oss-120b")
    asked = Deployment(shape, Workload(context=1024), Budget(gpu=find_gpu("H100")), "llama.cpp")
    held = fits(asked).terms[0].n_bytes
    assert held / 2**20 == pytest.approx(61223, rel=0.003)
    assert (asked.held.n_bytes - held) / 2**20 == pytest.approx(1104, abs=1)


def test_fp8_leaves_embeddings_and_output_at_16_bits():
    shape = find_model("Llama-3.3-70B")
    beside = weights_of(shape, "fp8").n_bytes - shape.parameters
    scales = 68_451_041_280 // 128**2 * 4
    assert beside == 2 * 128256 * 8192 + 2 * 80 * 8192 + 8192 + scales


def test_the_sum_can_be_read():
    assert weights_of(LLAMA, "bf16").text == (
        "8030261248 parameters · 16 bits (bfloat16) = 16060522496 bytes"
    )
    assert weights_of(find_model("gpt-oss-20b")).text == (
        "about 1804458816 parameters · 16 bits (bfloat16) + about 19110297600 parameters · 4 bits "
        "(mxfp4, 1 byte for 32 numbers) = 13761263232 bytes"
    )


def test_a_size_is_taken_as_it_was_given():
    for text, n_bytes in (("65.2 GB", 65_200_000_000), ("3.5GiB", 3_758_096_384), ("900 mb", 9e8)):
        weights = weights_of(LLAMA, text)
        assert weights.n_bytes == pytest.approx(n_bytes, rel=1e-8)
        assert weights.assumptions[-1] == "The size of the weights is the one that was given."
    assert weights_of(LLAMA, "4.65 bpw").bits == pytest.approx(4.65 * 0.869 + 16 * 0.131, rel=0.01)


def test_a_name_of_files_that_choose_by_layer_is_an_estimate_and_says_so():
    for name, plain in (("UD-Q4_K_XL", "Q4_K_M"), ("UD-Q2_K_XL", "Q2_K"), ("UD-IQ2_M", "IQ2_M")):
        weights = weights_of(LLAMA, name)
        assert weights.n_bytes == weights_of(LLAMA, plain).n_bytes
        assert weights.assumptions[-1] == (
            f"{name} chooses a format for each layer by a rule that its makers do not print: it is "
            f"counted as {plain}, an estimate; files differ by up to a tenth."
        )


@pytest.mark.parametrize("name", NAMES)
def test_every_name_that_is_offered_counts_every_kind_of_model(name):
    for model in ("Llama-3.1-8B", "gpt-oss-20b", "DeepSeek-V4-Flash", "Qwen3.5-27B", "T5-small"):
        shape = find_model(model)
        assert 1.5 < weights_of(shape, name).bits < 33
        assert weights_of(shape, name.lower()).n_bytes == weights_of(shape, name).n_bytes


def test_layers_that_predict_further_tokens_are_held_where_it_is_asked():
    shape = find_model("DeepSeek-V3")
    one = weights_of(shape, mtp=1).parameters - weights_of(shape).parameters
    assert one / BILLION == pytest.approx(11.5, rel=0.01)  # of 14, with two copies of tables
    assert weights_of(shape, mtp=5).parameters == weights_of(shape, mtp=1).parameters
    assert weights_of(LLAMA, mtp=1).n_bytes == weights_of(LLAMA).n_bytes


def test_no_model_of_the_catalog_is_without_parameters():
    assert [row.name for row in list_models() if row.shape.parameters is None] == []
    for row in list_models():
        assert weights_of(row.shape).parameters == pytest.approx(row.shape.parameters, rel=0.01)


# Parameters that the makers publish, in billions, of types that no plain sum counts.
@pytest.mark.parametrize(
    ("name", "billions"),
    [
        ("DeepSeek-V4-Flash", 284), ("DeepSeek-V4-Pro", 1573), ("Gemma-4-26B-A4B", 25.2),
        ("Gemma-4-31B", 30.7), ("Kimi-Linear-48B-A3B", 49.1), ("Llama-4-Maverick", 400),
        ("Llama-4-Scout", 107.8), ("MiMo-V2-Flash", 309), ("Nemotron-H-56B", 56.3),
        ("Qwen3-Next-80B-A3B", 79.7), ("Qwen3-VL-235B-A22B", 235.1), ("Qwen3.5-27B", 26.9),
        ("Step-3.7-Flash", 196), ("Laguna-XS.2", 33.4), ("Qwen3-1.7B", 1.72), ("LLaMA-1-65B", 65.3),
    ],
)  # fmt: skip
def test_parameters_are_those_that_makers_publish(name, billions):
    assert find_model(name).parameters / BILLION == pytest.approx(billions, rel=0.01)


def test_a_source_that_counts_a_vision_tower_too_leaves_it_at_16_bits():
    shape = find_model("Llama-3.2-11B-Vision")
    assert weights_of(shape).n_bytes == 2 * shape.parameters
    grown = replace(LLAMA, parameters=9 * BILLION)
    more = weights_of(grown, "fp8").n_bytes - weights_of(LLAMA, "fp8").n_bytes
    assert more == 2 * (9 * BILLION - 8_030_261_248)


def test_an_estimate_says_that_it_is_one():
    assert not weights_of(LLAMA).is_estimate
    estimated = weights_of(find_model("Llama-3.1-70B"))
    assert estimated.is_estimate
    assert estimated.text.startswith("about 70553706496 parameters")
    by_hand = weights_of(find_model("Llama-3.1-70B").with_(parameters=7))
    assert (by_hand.is_estimate, by_hand.n_bytes) == (False, 14)


def test_bare_numbers_are_estimated_and_a_model_of_unknown_parts_is_not():
    bare = uniform(n_layers=32, n_heads=32, n_kv_heads=32, head_dim=128)
    weights = weights_of(bare)
    # Llama 2 7B, whose feed-forward is 3 · 4096 · 11008: 6.48 billion without its vocabulary.
    assert weights.parameters == pytest.approx(6.48 * BILLION, rel=0.01)
    assert weights.is_estimate
    assert weights.assumptions[0].startswith("Its parameters are an estimate, 6.44 billion: ")
    with pytest.raises(WeightError) as error:
        weights_of(from_config({"model_type": "t5", "is_encoder_decoder": True}))
    assert str(error.value) == (
        "no source says how many parameters 't5' has, and its type is not one whose sum is known: "
        "give the parameters."
    )


def test_what_a_change_by_hand_does_not_change_is_said():
    note = "The parameters are those of the model as it was, before changes by hand."
    assert note in weights_of(LLAMA.with_(n_kv_heads=32)).assumptions
    assert note not in weights_of(LLAMA).assumptions
    assert note not in weights_of(LLAMA.with_(n_kv_heads=32, parameters=9)).assumptions


@pytest.mark.parametrize("name", ["f12", 4, "q4_k_x", "0 GB", "x" * 99, "17 gb gb", "0 bpw"])
def test_an_unknown_format_is_one_sentence(name):
    with pytest.raises(FormatError) as error:
        named_format(name)
    assert str(error.value) == (
        f"weight format {shortened(name)} is unknown: choose {', '.join(NAMES)}, or a size such "
        "as 65.2 GB."
    )


def test_a_config_with_a_format_of_its_own_is_taken_as_bfloat16_and_says_so():
    weights = weights_of(replace(LLAMA, number_format="ternary"))
    assert weights.name == "bfloat16"
    assert weights.assumptions == ("The weights are taken as bfloat16, not 'ternary'.",)


# Billions of active parameters that the makers publish, and whether they count the input
# embedding: Mixtral (arXiv 2401.04088, section 1: 13B) and 8x22B (39B), DeepSeek-V2 (arXiv
# 2405.04434, abstract: 21B), V2-Lite (2.4B without the vocabulary) and V3 (arXiv 2412.19437,
# abstract: 37B), Qwen3 (arXiv 2505.09388, table 2: 22B and 3B; its name says 3.3B), gpt-oss (model
# card, table 1: 5.13B and 3.61B, without the embedding), Nemotron 3 Super (its card: 12.7B; routed
# experts work on a latent) and Granite 4.0 H Small (its card: 9B).
ACTIVE = [
    ("Mixtral-8x7B", 12.9, True),
    ("Mixtral-8x22B", 39.1, True),
    ("DeepSeek-V2", 21, True),
    ("DeepSeek-V3", 37, True),
    ("Qwen3-235B-A22B", 22, True),
    ("Qwen3-30B-A3B", 3.3, True),
    ("gpt-oss-120b", 5.13, False),
    ("gpt-oss-20b", 3.61, False),
    ("Nemotron-3-Super-120B-A12B", 12.7, True),
    ("Granite-4.0-H-Small", 9, True),
]


@pytest.mark.parametrize(("name", "billions", "with_embedding"), ACTIVE)
def test_active_parameters_are_those_that_the_makers_publish(name, billions, with_embedding):
    shape = find_model(name)
    active = shape.parameters - shape.experts.idle(1)
    if not with_embedding:
        active -= shape.vocab * shape.d_model
    assert active / BILLION == pytest.approx(billions, rel=0.025)


@pytest.mark.parametrize(("n_experts", "per_token", "tokens"), [(4, 2, 2), (5, 1, 3), (4, 3, 1)])
def test_experts_read_are_the_mean_over_every_choice(n_experts, per_token, tokens):
    choices = list(combinations(range(n_experts), per_token))
    reached = [len(set().union(*drawn)) for drawn in product(choices, repeat=tokens)]
    experts = Experts(
        n_experts=n_experts, per_token=per_token, parameters_each=1, sparse_layers=(0,)
    )
    assert float(experts.read(tokens)) == pytest.approx(sum(reached) / len(reached))


def test_more_tokens_reach_more_experts_and_never_more_than_there_are():
    experts = Experts(n_experts=256, per_token=8, parameters_each=10, sparse_layers=(0, 1))
    read = [experts.read(tokens) for tokens in (1, 2, 64, 4096, 10**9)]
    assert read == sorted(read)
    assert read[0] == 8
    assert read[-1] == 256
    assert experts.idle(10**9) == 0
    with pytest.raises(ShapeError, match=r"^9 experts for a token are more than the 8 there are"):
        Experts(n_experts=8, per_token=9, parameters_each=1, sparse_layers=(0,))


def test_a_dense_model_reads_all_and_says_whether_its_embedding_is_tied():
    row = next(row for row in list_models() if row.name == "Llama-3.1-8B")
    assert (row.shape.experts, row.shape.is_tied) == (None, False)
    tied = {**row.config, "tie_word_embeddings": True}
    assert from_config(tied).is_tied is True


@pytest.mark.parametrize("odd", ["many", -3, True, None, 2**80, [2], {"a": 1}])
def test_odd_fields_leave_the_experts_unknown(odd):
    row = next(row for row in list_models() if row.name == "Mixtral-8x7B")
    for name in ("num_local_experts", "num_experts_per_tok"):
        shape = from_config({**row.config, name: odd})
        assert shape.experts is None or odd is None  # null: transformers' default
