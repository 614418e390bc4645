"""How a config says that its checkpoint is stored: each method, its lists, and hostile ones."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention.kv.fit.weights import weights_of
from attention.kv.layouts import is_meant
from attention.kv.read.config_json import from_config

# 3 layers of 256 · 256 attention and 512-wide feed-forward, a vocabulary of 1,000.
DENSE = {
    "model_type": "llama", "hidden_size": 256, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 4, "intermediate_size": 512, "vocab_size": 1000,
    "tie_word_embeddings": False, "torch_dtype": "bfloat16",
}  # fmt: skip
LINEAR = 3 * (4 * 256 * 256 + 3 * 256 * 512)
PLAIN = 2 * (2 * 1000 * 256 + 7 * 256)  # embeddings, output and norms at 16 bits
ROWS, COLUMNS = 3 * (4 * 256 + 2 * 512 + 256), 3 * (4 * 256 + 2 * 256 + 512)


def of(**config):
    return weights_of(from_config({**DENSE, "quantization_config": config}))


def groups(**weights):
    return {"config_groups": {"g": {"targets": ["Linear"], "weights": weights}}}


@pytest.mark.parametrize(
    ("config", "linear"),
    [
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, LINEAR + LINEAR // 128**2 * 4),
        ({"quant_method": "fp8"}, LINEAR + 3 * 7 * 4),
        ({"quant_method": "fbgemm_fp8"}, LINEAR + ROWS * 4),
        ({"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True},
         LINEAR // 2 + LINEAR // 128 * Fraction(5, 2)),
        ({"quant_method": "gptq", "bits": 8, "group_size": 64},
         LINEAR + LINEAR // 64 * 3 + COLUMNS * 4),
        ({"quant_method": "gptq", "bits": 4, "group_size": -1},
         LINEAR // 2 + ROWS * Fraction(5, 2) + COLUMNS * 4),
        ({"quant_method": "auto-round", "bits": 4, "group_size": 32},
         LINEAR // 2 + LINEAR // 32 * Fraction(5, 2)),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_use_double_quant": True},
         LINEAR // 2 + LINEAR // 64 * (1 + Fraction(1, 64))),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, LINEAR // 2 + LINEAR // 64 * 4),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, LINEAR + ROWS * 4),
        ({"quant_method": "compressed-tensors",
          **groups(num_bits=4, type="int", strategy="group", group_size=128, symmetric=True)},
         LINEAR // 2 + LINEAR // 128 * 2),
        ({"quant_method": "compressed-tensors",
          **groups(num_bits=8, type="float", strategy="channel")}, LINEAR + ROWS * 2),
        ({"quant_method": "compressed-tensors",
          **groups(num_bits=4, type="float", strategy="tensor_group", group_size=16)},
         LINEAR // 2 + LINEAR // 16),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, LINEAR // 2 + LINEAR // 16),
        ({"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8"}},
         LINEAR + 3 * 7 * 4),
        ({"quant_method": "mxfp4"}, LINEAR // 2 + LINEAR // 32),  # no experts: all of them
        ({"quant_method": "exl3", "bits": 3.5, "head_bits": 6}, LINEAR * Fraction(7, 16)),
        ({"quant_method": "hqq", "quant_config": {"weight_quant_params":
          {"nbits": 4, "group_size": 64}}}, LINEAR // 2 + LINEAR // 64 * 4),
        ({"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp8_e4m3"}}},
         LINEAR + 3 * 7 * 4),
        ({"quant_method": "torchao", "quant_type": "int8_weight_only"}, LINEAR + ROWS * 2),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_method_has_its_bits_and_its_scales(config, linear):
    assert of(**config).n_bytes == -(-(linear + PLAIN) // 1)


def test_mlx_stores_embeddings_so_too():
    shape = from_config({**DENSE, "quantization": {"group_size": 64, "bits": 4}})
    numbers = LINEAR + 2 * 1000 * 256
    assert weights_of(shape).n_bytes == numbers // 2 + numbers // 64 * 4 + 2 * 7 * 256


def test_a_method_that_is_not_known_is_counted_at_16_bits_and_says_so():
    weights = of(quant_method="wonderful")
    assert weights.n_bytes == 2 * LINEAR + PLAIN
    assert weights.assumptions[0] == (
        "Its quantization_config names the method 'wonderful', which is not known here: its "
        "weights are counted at 16 bits."
    )


# What stays at 16 bits, in the words of each method, and the numbers that it keeps.
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ({"modules_to_not_convert": ["lm_head"]}, 0),
        ({"ignored_layers": ["model.layers.1.self_attn.q_proj"]}, 256**2),
        ({"modules_to_not_convert": ["self_attn"]}, 3 * 4 * 256**2),
        ({"ignore": ["re:.*down_proj$"]}, 3 * 256 * 512),
        ({"ignore": ["re:model.layers.[02].mlp.*"]}, 2 * 3 * 256 * 512),
        ({"exclude_modules": ["model.layers.0*", "lm_head"]}, LINEAR // 3),
        ({"exclude_modules": ["*self_attn*"]}, 3 * 4 * 256**2),
        ({"llm_int8_skip_modules": ["layers.2.mlp"]}, 3 * 256 * 512),
        ({"ignore": ["re:(", 5, None, "re:" + "a" * 999]}, 0),
    ],
)
def test_modules_that_stay_are_found_in_the_words_of_each_method(words, kept):
    weights = of(quant_method="fp8", **words)
    wide = sum(p.matrix.numbers for p in weights.parts if p.layout.bits == 16)
    assert wide == kept + PLAIN // 2


def test_groups_of_compressed_tensors_have_targets_of_their_own():
    found = of(
        quant_method="compressed-tensors",
        config_groups={
            "attention": {"targets": ["re:.*self_attn.*"],
                          "weights": {"num_bits": 8, "type": "float", "strategy": "tensor"}},
            "rest": {"targets": ["Linear"],
                     "weights": {"num_bits": 4, "type": "int", "strategy": "channel"}},
        },
    )  # fmt: skip
    numbers = {p.layout.name: 0 for p in found.parts}
    for part in found.parts:
        numbers[part.layout.name] += part.matrix.numbers
    assert numbers["fp8"] == 3 * 4 * 256**2
    assert numbers["int4"] == 3 * 3 * 256 * 512


def test_experts_alone_and_routers_never():
    config = {
        "model_type": "qwen3_moe", "hidden_size": 256, "num_hidden_layers": 2, "head_dim": 64,
        "num_attention_heads": 4, "num_key_value_heads": 4, "moe_intermediate_size": 64,
        "num_experts": 8, "num_experts_per_tok": 2, "vocab_size": 1000, "intermediate_size": 64,
    }  # fmt: skip
    for method, quantised in (("mxfp4", 3 * 64 * 256 * 8 * 2), ("fp8", None)):
        shape = from_config({**config, "quantization_config": {"quant_method": method}})
        parts = weights_of(shape).parts
        small = sum(p.matrix.numbers for p in parts if p.layout.bits < 16)
        assert small == quantised or (quantised is None and small > 3 * 64 * 256 * 8 * 2)
        assert all(p.layout.bits == 16 for p in parts if p.matrix.is_router)


def test_names_that_a_word_means():
    names = ("model.layers.3.mlp.gate", "language_model.model.layers.3.mlp.gate")
    for word in ("mlp.gate", "re:.*mlp.gate$", "*.gate", "model.layers.3", "Linear"):
        assert is_meant(word, names)
    for word in ("mlp.gate_proj", "gat", "re:^mlp", "layers.30", ""):
        assert not is_meant(word, names)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner,
                                                                max_size=3),
    max_leaves=6,
)  # fmt: skip
FIELDS = ("quant_method", "bits", "group_size", "weight_block_size", "ignore", "config_groups",
          "quant_algo", "quantization", "quant_config", "global_quant_config", "dynamic",
          "extra_config", "mode", "scale_fmt", "quantized_layers")  # fmt: skip
METHODS = ("fp8", "gptq", "compressed-tensors", "modelopt", "hqq", "exl3", "quark", "bitsandbytes")


@given(
    method=st.sampled_from(METHODS) | JSON,
    config=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5),
)
def test_whatever_stands_there_is_counted(method, config):
    shape = from_config({**DENSE, "quantization_config": {**config, "quant_method": method}})
    assert weights_of(shape).n_bytes > 0
