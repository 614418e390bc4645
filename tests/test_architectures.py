"""The table of real models against transformers' own defaults and against public logs."""

import pytest
from transformers import (
    FalconConfig,
    GemmaConfig,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
)

from attention.architectures import list_architectures
from attention.config import AttentionConfig
from attention.memory import bytes_total

BY_NAME = {architecture.name: architecture for architecture in list_architectures()}


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
def test_row_is_the_default_of_transformers_config_class(name, config):
    row = BY_NAME[name]
    n_heads = config.num_attention_heads
    n_kv_heads = getattr(config, "num_key_value_heads", None) or n_heads
    if getattr(config, "multi_query", False):
        n_kv_heads = 1
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // n_heads
    assert (row.n_layers, row.n_heads) == (config.num_hidden_layers, n_heads)
    assert (row.n_kv_heads, row.head_dim, row.d_model) == (n_kv_heads, head_dim, config.hidden_size)


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
def test_row_gives_the_cache_that_llama_cpp_printed(log, name, n_ctx, mib):
    assert bytes_total(BY_NAME[name].shape, n_ctx, k_format="f16") == mib * 2**20, log


@pytest.mark.parametrize("row", list_architectures(), ids=lambda row: row.name)
def test_row_is_a_shape_that_can_be_built_and_names_a_public_source(row):
    AttentionConfig(
        d_model=row.d_model, n_heads=row.n_heads, n_kv_heads=row.n_kv_heads, head_dim=row.head_dim
    )
    assert row.source.startswith("https://github.com/")
    assert row.max_context >= 1024


def test_names_are_distinct_and_every_kind_of_sharing_is_there():
    rows = list_architectures()
    assert len(BY_NAME) == len(rows)
    kinds = {
        AttentionConfig(
            d_model=row.d_model,
            n_heads=row.n_heads,
            n_kv_heads=row.n_kv_heads,
            head_dim=row.head_dim,
        ).variant
        for row in rows
    }
    assert kinds == {"MHA", "GQA", "MQA"}
