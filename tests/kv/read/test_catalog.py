"""The catalog: its rows against transformers' classes, their sources, and finding a model."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from attention.kv.read.catalog import TABLE, find_model, list_models, search_models
from attention.kv.read.config_json import from_config
from attention.kv.shape import LayerKind, ShapeError
from tests.sample import sample

ROWS = {row.name: row for row in list_models()}
# Rows that are the defaults of their class in transformers, and fields in which they are not.
DEFAULTS = {
    "Llama-2-7B": {"max_context": "the class has the 2,048 of LLaMA 1"},
    "LLaMA-1-7B": {},
    "Mistral-7B-v0.1": {"max_context": "the class has 4,096 · 32"},
    "Mixtral-8x7B": {"max_context": "the class has 4,096 · 32"},
    "Gemma-7B": {},
    "Gemma-2-2B": {},
    "Gemma-3n-E4B": {},
    "Falcon-7B": {},
    "GPT-2": {},
    "GPT-J-6B": {},
    "GPT-NeoX-20B": {"vocab": "no source says it"},
    "OPT-125M": {},
    "Phi-1.5": {},
    "StableLM-3B-4E1T": {},
    "OLMo-7B": {},
    "OLMo-2-7B": {"vocab": "the class has OLMo 1's", "max_context": "the class has OLMo 1's"},
    "OLMoE-1B-7B": {},
    "Command-R-v01": {"max_context": "the class has 8,192"},
    "DeepSeek-V3": {"max_context": "the class has 4,096"},
    "DeepSeek-V3.2": {},
    "GLM-5.1": {},
    "Jamba-Mini-1.7": {"vocab": "no source says it"},
    "Llama-4-Scout": {"max_context": "the class has 131,072"},
    "Qwen3-Next-80B-A3B": {"max_context": "no source says it"},
    "gpt-oss-120b": {},
    "Kimi-Linear-48B-A3B": {"layers": "the checkpoint lists 7 full layers, the class has 6"},
    "MiMo-V2-Flash": {},
    "SmolLM3-3B": {},
    "Whisper-tiny": {},
    "T5-small": {},
    "BART-large": {},
    "Zamba2-2.7B": {},
    "Llama-3.2-11B-Vision": {},
}
COMPARED = ("d_model", "max_context", "vocab", "n_heads", "layers")


def default_config(model_type):
    names = {"llama4_text": "llama4", "gemma3n_text": "gemma3n", "mllama_text_model": "mllama"}
    config = CONFIG_MAPPING[names.get(model_type, model_type)]()
    return config.get_text_config() if model_type in names else config


@pytest.mark.parametrize("name", DEFAULTS)
def test_row_is_the_default_of_transformers_config_class(name):
    config = default_config(ROWS[name].config["model_type"])
    theirs = from_config(json.loads(config.to_json_string(use_diff=False)))
    own = ROWS[name].shape
    for field in COMPARED:
        if field in DEFAULTS[name]:
            assert getattr(own, field) != getattr(theirs, field), field
        else:
            assert strip(getattr(own, field)) == strip(getattr(theirs, field)), field


def strip(value):
    """Layers without where their numbers came from."""
    if not isinstance(value, tuple):
        return value
    return [
        (
            *(layer.kind, layer.n_heads, layer.n_kv_heads, layer.k_head_dim, layer.v_head_dim),
            *(layer.window, layer.latent_rank, layer.rope_dim, layer.indexer_dim, layer.shares),
            *(layer.cross, [(state.name, state.shape) for state in layer.states]),
        )
        for layer in value
    ]


@pytest.mark.parametrize("row", sample(list_models()), ids=lambda row: row.name)
def test_every_row_is_a_shape_with_public_sources_and_no_silent_guess(row):
    shape = row.shape
    assert shape.sources == row.sources
    assert row.sources
    for source in row.sources:
        has_address = source.startswith("https://") or re.search(r"[\w.-]+/[\w.-]+", source)
        assert has_address, source
    for layer in shape.layers:
        assert layer.n_kv_heads == 0 or shape.origin(0, "n_kv_heads")
    taken = [text for text in shape.assumptions if text.startswith("Not in the config")]
    named = {"Jamba-Mini-1.7", "Mamba-2.8B", "Llama-4-Scout", "Llama-4-Maverick"}
    assert bool(taken) == (row.name in named), taken
    assert not [text for text in shape.assumptions if "not understood" in text]


# Models whose positions have no end: ALiBi, a relative bias, a state alone.
ENDLESS = {"BLOOM-560M", "BLOOM-7B1", "Mamba-2.8B", "T5-small"}


def test_the_models_that_people_run_are_there_with_their_contexts():
    assert len(ROWS) >= 220
    assert {name for name, row in ROWS.items() if row.shape.max_context is None} == ENDLESS


def test_what_was_left_out_says_why():
    left_out = json.loads(TABLE.read_text(encoding="utf-8"))["left_out"]
    assert {row["name"] for row in left_out}.isdisjoint(ROWS)
    assert all(row["reason"].endswith(".") for row in left_out)


def test_conflicts_keep_both_numbers_and_a_reason():
    rows = [row for row in list_models() if row.conflicts]
    assert len(rows) >= 10
    for row in rows:
        for entry in row.conflicts:
            assert entry["kept"] not in entry["others"]
            assert entry["why"].endswith(".")
            assert entry["sources"]
    assert ROWS["Gemma-7B"].shape.assumptions[-1] == (
        "Sources disagree on its context: 8192 was taken, not 4096. "
        "transformers’ GemmaConfig, whose defaults are this model, says so."
    )


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Llama-3.1-8B", "Llama-3.1-8B"),
        ("meta-llama/Llama-3.1-8B-Instruct", "Llama-3.1-8B"),
        ("llama 3.1 8b", "Llama-3.1-8B"),
        ("Qwen/Qwen2.5-7B-Instruct", "Qwen2.5-7B"),
        ("google/gemma-3-27b-it", "Gemma-3-27B"),
        ("GLM-Z1-9B-0414", "GLM-4-9B-0414"),
        ("deepseek-ai/DeepSeek-V3", "DeepSeek-V3"),
        ("openai/gpt-oss-120b", "gpt-oss-120b"),
    ],
)
def test_names_are_found_as_people_write_them(name, found):
    assert find_model(name).name == found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Lama-3-8B", "model 'Lama-3-8B' is not known: did you mean Llama-3-8B, "),
        ("gpt-5000", "model 'gpt-5000' is not known: "),
        ("zzzzzz", "model 'zzzzzz' is not known: give a config.json."),
        ("  ", "no model was named."),
        (None, "no model was named."),
        ("x" * 10**6, "model 'xxx"),
    ],
)
def test_unknown_names_get_a_sentence_and_near_names(name, expected):
    with pytest.raises(ShapeError) as caught:
        find_model(name)
    assert str(caught.value).startswith(expected)
    assert len(str(caught.value)) < 300


def test_search_puts_what_begins_so_first():
    assert search_models("mistral")[0].name.startswith("Mistral")
    assert search_models("") == ()


@given(st.text(max_size=40))
def test_any_text_can_be_searched(text):
    assert len(search_models(text)) <= 5


def test_every_kind_of_layer_is_there():
    kinds = {kind for row in list_models() for kind in row.shape.kinds}
    assert kinds == set(LayerKind)


# Parameters that their sources print, rounded there; the estimate is held against them.
PRINTED = [
    "Llama-3.1-8B",
    "Llama-3.1-405B",
    "Qwen2.5-14B",
    "Mistral-Large-2407",
    "Phi-2",
    "Kimi-K2",
]


@pytest.mark.parametrize("name", [*PRINTED, "Qwen3-32B", "DeepSeek-V2-Lite", "CodeLlama-34B"])
def test_the_estimate_of_parameters_is_what_sources_print(name):
    estimated = from_config(ROWS[name].config).parameters
    assert estimated == pytest.approx(ROWS[name].parameters, rel=0.02)
    assert ROWS[name].shape.parameters == ROWS[name].parameters
    assert not [text for text in ROWS[name].shape.assumptions if "estimate" in text]
