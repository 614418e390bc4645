"""Parameters and experts against every causal language model that transformers builds."""

import json
import re

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from attention.kv.read.config_json import from_config
from attention.kv.read.families import families
from tests.sample import sample

# Of their classes transformers builds no model without arguments, a checkpoint or a library.
NOT_BUILT = {
    "dots1", "gemma4_assistant", "gemma4_unified_assistant", "glm4_moe", "hunyuan_v1_dense",
    "hunyuan_v1_moe", "lfm2_moe", "ministral", "musicgen", "musicgen_melody", "nemotron",
    "qwen4_exp", "qwen4_exp_text", "reformer", "cohere_compass_text", "dbrx", "gemma3n",
}  # fmt: skip
BUILT = sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.keys() - NOT_BUILT)
SUMMED = {name for name, family in families()[0].items() if family.is_summed}
# Whose tensors say otherwise than their experts are.
OTHER_EXPERTS = {
    "deepseek_v2": "its class says of no number that a token goes to",
    "jetmoe": "its attention is a mixture too, and the tensors have other names",
    "longcat_flash": "its tensors have places for experts that do nothing",
}


def as_written(config):
    return json.loads(config.to_json_string(use_diff=False))


def sizes(config):
    """Name -> numbers of each parameter of the language model, on no device."""
    with torch.device("meta"):  # no memory: only the sizes
        model = AutoModelForCausalLM.from_config(config)
    return {name: tensor.numel() for name, tensor in model.named_parameters()}


def experts_of(tensors):
    """Layer -> numbers of its routed experts, biases left out."""
    found = {}
    for name, numbers in tensors.items():
        place = re.search(r"layers\.(\d+)\..*experts?\.", name)
        if place and not re.search("shared|router|bias|[.]gate[.]", name):
            found[int(place[1])] = found.get(int(place[1]), 0) + numbers
    return found


# Experts that do nothing, which transformers gives numbers that no checkpoint has: 256 in each of
# 28 layers, 2 · 2,048 · 6,144 each. Without, it is the makers' 560 billion (arXiv 2509.01322).
NO_CHECKPOINT_HAS = {"longcat_flash": 256 * 28 * 2 * 2048 * 6144}


def check(shape, tensors, model_type):
    """Parameters within 2 %, or none; experts exactly, or none."""
    if shape.parameters is None:
        assert shape.parameters_basis is None
    else:
        theirs = sum(tensors.values()) - NO_CHECKPOINT_HAS.get(model_type, 0)
        assert shape.parameters == pytest.approx(theirs, rel=0.02)
        assert shape.parameters_basis == "estimated"
        assert "estimate" in " ".join(shape.assumptions)
    if model_type in OTHER_EXPERTS:
        return
    theirs = experts_of(tensors)
    assert (shape.experts.sparse_layers if shape.experts else ()) == tuple(sorted(theirs))
    assert (shape.experts.parameters if shape.experts else 0) == sum(theirs.values())


@pytest.mark.parametrize("model_type", sample(BUILT))
def test_parameters_and_experts_are_those_of_the_model(model_type):
    config = AutoConfig.for_model(model_type)
    shape = from_config(as_written(config))
    text_config = config.get_text_config(decoder=True)
    wraps = (
        shape.parameters is not None and shape.model_type == text_config.model_type != model_type
    )
    if wraps:  # the wrapper's class ties the matrices, or not
        text_config.tie_word_embeddings = config.tie_word_embeddings
    check(shape, sizes(text_config if wraps else config), model_type)
    assert (shape.parameters is not None) == (shape.model_type in SUMMED)
    beside = "what is not its language model is not counted" in " ".join(shape.assumptions)
    assert beside == (wraps and model_type != "gpt-sw3")  # another name, and no wrapper


# Types that transformers builds only inside of a model for images.
WRAPPED = {
    "qwen3_vl": "qwen3_vl_text", "qwen3_vl_moe": "qwen3_vl_moe_text", "step3p7": "step3p5",
    "qwen2_vl": "qwen2_vl_text", "qwen2_5_vl": "qwen2_5_vl_text", "glm4v_moe": "glm4v_moe_text",
}  # fmt: skip


@pytest.mark.parametrize("wrapper", WRAPPED)
def test_parameters_are_those_of_the_language_model_inside(wrapper):
    own = {"text_config": MIXED} if wrapper == "glm4v_moe" else {}
    config = AutoConfig.for_model(wrapper, **own)
    shape = from_config(as_written(config))
    assert shape.model_type == WRAPPED[wrapper]
    with torch.device("meta"):
        model = AutoModelForImageTextToText.from_config(config)
    inside = sum(p.numel() for name, p in model.named_parameters() if "vis" not in name)
    assert shape.parameters == pytest.approx(inside, rel=0.001)


# Types whose class has no default for all of its numbers, and what these need.
SMALL = {
    "hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
    "head_dim": 64, "intermediate_size": 512, "vocab_size": 1000,
}  # fmt: skip
MIXED = {
    **SMALL, "moe_intermediate_size": 128, "n_routed_experts": 8, "num_experts_per_tok": 2,
    "n_shared_experts": 1, "first_k_dense_replace": 1, "n_group": 1, "topk_group": 1,
}  # fmt: skip
CONVOLVED = {
    **SMALL, "layer_types": ["conv", "full_attention"] * 2, "moe_intermediate_size": 128,
    "num_experts": 8, "num_experts_per_tok": 2, "num_dense_layers": 1,
}  # fmt: skip
COMPLETED = {
    "glm4_moe": MIXED, "dots1": MIXED, "hunyuan_v1_dense": SMALL, "ministral": SMALL,
    "nemotron": SMALL, "lfm2_moe": CONVOLVED,
}  # fmt: skip


@pytest.mark.parametrize("model_type", COMPLETED)
def test_parameters_of_a_type_without_defaults(model_type):
    config = AutoConfig.for_model(model_type, **COMPLETED[model_type])
    check(from_config(as_written(config)), sizes(config), model_type)


def test_every_type_whose_sum_is_known_is_built():
    assert {*BUILT, *WRAPPED.values(), *COMPLETED} > SUMMED


FALCON_HEADS = {"hidden_size": 4096, "num_attention_heads": 64}
VARIED = [
    ("qwen2_moe", {"decoder_sparse_step": 2}),
    ("qwen2_moe", {"decoder_sparse_step": 2, "mlp_only_layers": [0, 1]}),
    ("qwen2_moe", {"num_experts": 8, "shared_expert_intermediate_size": 100}),
    ("qwen3_moe", {"mlp_only_layers": [0, 1, 2]}),
    ("qwen3_next", {"mlp_only_layers": [1], "decoder_sparse_step": 2}),
    ("flint", {"decoder_sparse_step": 3}),
    ("afmoe", {"num_dense_layers": 3, "num_shared_experts": 1}),
    ("deepseek_v3", {"first_k_dense_replace": 2, "n_shared_experts": 2}),
    ("deepseek_v3", {"q_lora_rank": None, "moe_intermediate_size": 900}),
    ("deepseek_v32", {"first_k_dense_replace": 4, "index_n_heads": 8}),
    ("glm_moe_dsa", {"first_k_dense_replace": 1}),
    ("cohere2_moe", {"first_k_dense_replace": 2, "prefix_dense_intermediate_size": 4000}),
    ("exaone_moe", {"mlp_layer_types": ["dense", "sparse"] * 3, "num_shared_experts": 2}),
    ("glm4_moe_lite", {"mlp_layer_types": ["sparse"] * 6}),
    ("hy_v3", {"num_shared_experts": 3, "moe_intermediate_size": 500}),
    ("granitemoeshared", {"shared_intermediate_size": 3000}),
    ("ernie4_5_moe", {"moe_layer_start_index": 2, "moe_layer_interval": 2}),
    ("llama4_text", {"interleave_moe_layer_step": 2}),
    ("jamba", {"expert_layer_period": 3, "expert_layer_offset": 2}),
    ("sarvam_moe", {"first_k_dense_replace": 3}),
    ("llama", {"tie_word_embeddings": True, "num_key_value_heads": 4}),
    ("gemma2", {"tie_word_embeddings": False}),
    ("falcon", {"new_decoder_architecture": True, "num_kv_heads": 8, **FALCON_HEADS}),
    ("gpt2", {"n_inner": 1000}),
]


@pytest.mark.parametrize("is_whole", [True, False], ids=["all fields", "only what differs"])
@pytest.mark.parametrize(("model_type", "changes"), VARIED, ids=str)
def test_a_config_that_differs_from_its_class_is_counted_as_the_model(
    model_type, changes, is_whole
):
    changes = {"num_hidden_layers": 6, **changes}
    config = AutoConfig.for_model(model_type, **changes)
    written = as_written(config) if is_whole else {"model_type": model_type, **changes}
    shape = from_config(written)
    check(shape, sizes(config), model_type)
    assert (shape.parameters is not None) == (model_type in SUMMED)


def test_what_a_mixture_s_config_says_is_on_the_shape():
    config = {"model_type": "qwen2_moe", "num_hidden_layers": 5, "decoder_sparse_step": 2}
    shape = from_config({**config, "n_shared_experts": 3, "tie_word_embeddings": True})
    experts = shape.experts
    assert (experts.n_experts, experts.per_token, experts.n_shared) == (60, 4, 3)
    assert experts.sparse_layers == (1, 3)
    assert shape.is_tied is True
    assert from_config({**config, "num_experts": 1}).experts is None


@pytest.mark.parametrize(("pattern", "sparse"), [("M-M*-", ()), ("MEM*E", (1, 4))])
def test_layers_that_are_feed_forwards_alone_say_which_have_experts(pattern, sparse):
    shape = from_config({"model_type": "nemotron_h", "hybrid_override_pattern": pattern})
    assert (shape.experts.sparse_layers if shape.experts else ()) == sparse


@pytest.mark.parametrize(
    ("fields", "sparse"),
    [
        ({"moe_layer_freq": [0, 1, 1, 0]}, (1, 2)),  # MiMo's remote code
        ({"moe_layer_freq": 2, "first_k_dense_replace": 1}, (2,)),  # DeepSeek's
        ({"moe_layers_enum": "1,3,99"}, (1, 3)),  # Step's
        ({"moe_layers": [0, "x", [2]]}, (0,)),
        ({"mlp_layer_types": ["dense", "sparse", "hash_moe", 5, "sparse"]}, (1, 2, 3)),
        ({"mlp_only_layers": "all", "decoder_sparse_step": 0}, (0, 1, 2, 3)),
        ({"mlp_only_layers": [{}, 1]}, (0, 2, 3)),
        ({"moe_layers_enum": "9" * 9999}, ()),
    ],
)
def test_which_layers_are_sparse_in_an_unknown_type(fields, sparse):
    config = {
        "model_type": "unheard_of", "num_hidden_layers": 4, "num_attention_heads": 4,
        "hidden_size": 64, "vocab_size": 100, "intermediate_size": 128, "num_experts": 8,
        "num_experts_per_tok": 2,
    }  # fmt: skip
    experts = from_config({**config, **fields}).experts
    assert (experts.sparse_layers if experts else ()) == sparse
