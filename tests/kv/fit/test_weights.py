"""Bytes of weights: block sizes of gguf, files that llama.cpp printed, active parameters."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import gguf
import pytest

from attention.kv.checks import ShapeError
from attention.kv.experts import Experts
from attention.kv.fit.weights import NAMES, WeightError, weight_format, weights_of
from attention.kv.formats import FormatError
from attention.kv.read.catalog import find_model, list_models
from attention.kv.read.config_json import from_config
from attention.kv.shape import uniform

LLAMA = find_model("Llama-3.1-8B")
BILLION = 10**9


@pytest.mark.parametrize(
    "name",
    ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS", "MXFP4", "Q8_0", "Q4_0", "IQ4_NL", "BF16"],
)
def test_a_block_is_as_large_as_gguf_has_it(name):
    numbers, size = gguf.constants.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    assert weight_format(name).bytes_per_number == Fraction(size, numbers)


# llama.cpp, tools/quantize/README.md at 311c2c9f: sizes of the files.
@pytest.mark.parametrize(
    ("parameters", "number_format", "size"),
    [
        (8_030_261_248, "q4_k_m", 4.58 * 2**30),
        (8_030_261_248, "q5_k_m", 5.33 * 2**30),
        (8_030_261_248, "q8_0", 7.95 * 2**30),
        (8_030_261_248, "q6_k", 6.14 * 2**30),
        (8_030_261_248, "float16", 14.96 * 2**30),
        (70_553_706_496, "q4_k_m", 43.1e9),
        (405_853_388_800, "q4_k_m", 249.1e9),
    ],
)
def test_a_file_is_as_large_as_llama_cpp_prints(parameters, number_format, size):
    shape = LLAMA.with_(parameters=parameters)
    assert weights_of(shape, number_format).n_bytes == pytest.approx(size, rel=0.004)


def test_the_product_can_be_read():
    shape = LLAMA.with_(parameters=1001)
    assert weights_of(shape, "bf16").text == "1001 parameters · 2 bytes (bfloat16) = 2002 bytes"
    awq = weights_of(shape, "gptq")
    assert awq.n_bytes == 521  # 1001 · 133 / 256 = 520.05, and part of a byte is a byte
    assert awq.assumptions[-1].startswith("4-bit weights in groups of 128")


def test_an_estimate_says_that_it_is_one():
    assert not weights_of(LLAMA).is_estimate
    estimated = weights_of(find_model("Llama-3.1-70B"))
    assert estimated.is_estimate
    assert estimated.text.startswith("about 70552387584 parameters")
    by_hand = weights_of(find_model("Llama-3.1-70B").with_(parameters=7))
    assert not by_hand.is_estimate


def test_bare_numbers_are_estimated_and_a_model_of_unknown_parts_is_not():
    bare = uniform(n_layers=32, n_heads=32, n_kv_heads=32, head_dim=128)
    weights = weights_of(bare)
    # Llama 2 7B, whose feed-forward is 3 · 4096 · 11008: 6.48 billion without its vocabulary.
    assert weights.parameters == pytest.approx(6.48 * BILLION, rel=0.01)
    assert weights.is_estimate
    assert weights.assumptions[0].startswith("Its parameters are an estimate, 6.44 billion: ")
    with pytest.raises(WeightError) as error:
        weights_of(find_model("Llama-4-Scout"))
    assert str(error.value) == (
        "no source says how many parameters 'Llama-4-Scout' has, and its type is not one whose "
        "sum is known: give the parameters."
    )


def test_what_a_change_by_hand_does_not_change_is_said():
    note = "The parameters are those of the model as it was, before changes by hand."
    assert note in weights_of(LLAMA.with_(n_kv_heads=32)).assumptions
    assert note not in weights_of(LLAMA).assumptions
    assert note not in weights_of(LLAMA.with_(n_kv_heads=32, parameters=9)).assumptions


@pytest.mark.parametrize("name", ["f12", None, 4, "", "q4_k_x"])
def test_an_unknown_format_is_one_sentence(name):
    with pytest.raises(FormatError) as error:
        weight_format(name)
    assert str(error.value) == f"weight format {name!r} is unknown: choose {', '.join(NAMES)}."


def test_a_config_with_a_format_of_its_own_is_taken_as_bfloat16_and_says_so():
    weights = weights_of(replace(LLAMA, number_format="ternary"))
    assert weights.stored.name == "bfloat16"
    assert weights.assumptions == ("The weights are taken as bfloat16, not 'ternary'.",)


# Billions of active parameters that the makers publish, and whether they count the input
# embedding: Mixtral (arXiv 2401.04088, section 1: 13B) and 8x22B (39B), DeepSeek-V2 (arXiv
# 2405.04434, abstract: 21B), V2-Lite (2.4B without the vocabulary) and V3 (arXiv 2412.19437,
# abstract: 37B), Qwen3 (arXiv 2505.09388, table 2: 22B and 3B; its name says 3.3B), gpt-oss (model
# card, table 1: 5.13B and 3.61B, without the embedding).
ACTIVE = [
    ("Mixtral-8x7B", 12.9, True),
    ("Mixtral-8x22B", 39.1, True),
    ("DeepSeek-V2", 21, True),
    ("DeepSeek-V3", 37, True),
    ("Qwen3-235B-A22B", 22, True),
    ("Qwen3-30B-A3B", 3.3, True),
    ("gpt-oss-120b", 5.13, False),
    ("gpt-oss-20b", 3.61, False),
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
