"""The real models of Explore against transformers' own defaults and against public logs."""

import json

import pytest
from transformers import (
    FalconConfig,
    GemmaConfig,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
)

from app.explore.real import FORMATS, MODELS, RealChoice, find_real, real_bytes
from attention.config import AttentionConfig
from attention.kv.formats import stored_format
from attention.kv.layer import LayerKind
from attention.kv.read.catalog import TABLE

BY_NAME = {name: find_real(name) for name in MODELS}


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("Llama 2 7B", LlamaConfig()),
        ("Mistral 7B v0.3", MistralConfig()),
        ("Mixtral 8x7B", MixtralConfig()),
        ("Gemma 7B", GemmaConfig()),
        ("Falcon 7B", FalconConfig()),
        ("GPT-2", GPT2Config()),
    ],
)
def test_a_model_is_the_default_of_transformers_config_class(name, config):
    model = BY_NAME[name]
    layer = model.layers[0]
    n_heads = config.num_attention_heads
    n_kv_heads = getattr(config, "num_key_value_heads", None) or n_heads
    if getattr(config, "multi_query", False):
        n_kv_heads = 1
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // n_heads
    assert (model.n_layers, model.n_heads) == (config.num_hidden_layers, n_heads)
    assert (layer.n_kv_heads, layer.k_head_dim) == (n_kv_heads, head_dim)
    assert model.d_model == config.hidden_size


def test_gemma_context_is_the_one_of_its_source():
    assert BY_NAME["Gemma 7B"].max_context == GemmaConfig().max_position_embeddings


@pytest.mark.parametrize(
    ("log", "name", "n_ctx", "mib"),
    [
        ("ggml-org/llama.cpp#10080", "Mistral 7B v0.3", 32768, 4096),
        ("ggml-org/llama.cpp#8117", "Llama 3 70B", 8192, 2560),
        ("ggml-org/llama.cpp#7611", "Llama 3 8B", 512, 64),
        ("ggml-org/llama.cpp#10252", "Qwen2.5 7B", 4096, 224),
    ],
)
def test_a_model_takes_the_cache_that_llama_cpp_printed(log, name, n_ctx, mib):
    real = RealChoice(BY_NAME[name], context=n_ctx, batch=1, number_format="float16")
    assert real_bytes(real, real.n_kv_heads) == mib * 2**20, log


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_equal_layers_that_keep_every_token_and_names_its_sources(name):
    model = BY_NAME[name]
    layer = model.layers[0]
    assert model.name == name
    assert model.kinds == {LayerKind.GLOBAL: model.n_layers}
    sizes = {(one.n_kv_heads, one.k_head_dim, one.v_head_dim) for one in model.layers}
    assert sizes == {(layer.n_kv_heads, layer.k_head_dim, layer.k_head_dim)}
    config(model)
    assert model.sources
    assert model.max_context >= 1024


def test_the_choices_are_these_in_this_order():
    """As the page offers them; each is a row of the catalog under its own name."""
    rows = {row["name"] for row in json.loads(TABLE.read_text(encoding="utf-8"))["models"]}
    assert [name.replace(" ", "-") in rows for name in MODELS] == [True] * 13
    assert (MODELS[0], MODELS[-1]) == ("Llama 2 7B", "SmolLM2 135M")
    assert [stored_format(name).name for name in FORMATS] == list(FORMATS)


def test_every_kind_of_sharing_is_there():
    kinds = {config(model).variant for model in BY_NAME.values()}
    assert kinds == {"MHA", "GQA", "MQA"}


def config(model):
    layer = model.layers[0]
    return AttentionConfig(
        d_model=model.d_model,
        n_heads=model.n_heads,
        n_kv_heads=layer.n_kv_heads,
        head_dim=layer.k_head_dim,
    )
