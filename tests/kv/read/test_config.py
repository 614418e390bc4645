"""Configs to shapes: names in the wild, traps, origins, what is assumed, and hostile files."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attention.kv.read.config_json import LARGEST_FILE, from_config, parse_config, read_config
from attention.kv.read.defaults import VERSION
from attention.kv.shape import LayerKind, ModelShape, ShapeError

LLAMA = {
    "model_type": "llama",
    "hidden_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "vocab_size": 99,
}
BARE = {"hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 8}


def heads(config, layer=0):
    own = from_config(config).layers[layer]
    return own.n_heads, own.n_kv_heads, own.k_head_dim, own.v_head_dim


def message(config):
    with pytest.raises(ShapeError) as caught:
        from_config(config)
    return str(caught.value)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (LLAMA, (8, 2, 8, 8)),
        ({"n_embd": 64, "n_layer": 2, "n_head": 8, "n_head_kv": 4}, (8, 4, 8, 8)),
        ({"d_model": 64, "n_layers": 2, "n_heads": 8, "num_kv_heads": 1}, (8, 1, 8, 8)),
        ({"d_model": 64, "num_layers": 2, "num_heads": 8, "n_kv_heads": 2}, (8, 2, 8, 8)),
        ({**BARE, "head_dim": 24, "v_head_dim": 12}, (8, 8, 24, 12)),
        ({**BARE, "multi_query": True}, (8, 1, 8, 8)),
        ({**BARE, "multi_query": False}, (8, 8, 8, 8)),
        ({**BARE, "multi_query_attention": True, "multi_query_group_num": 2}, (8, 2, 8, 8)),
        ({**BARE, "multi_query_attention": False, "multi_query_group_num": 2}, (8, 8, 8, 8)),
        ({**BARE, "attn_config": {"kv_n_heads": 4}}, (8, 4, 8, 8)),
        ({**BARE, "attn_config": {"attn_type": "multiquery_attention"}}, (8, 1, 8, 8)),
        ({**BARE, "kv_channels": 32}, (8, 8, 32, 32)),
        ({**BARE, "model_type": "gpt_bigcode"}, (8, 1, 8, 8)),
        ({**BARE, "model_type": "gpt_bigcode", "multi_query": False}, (8, 8, 8, 8)),
        ({**BARE, "model_type": "falcon"}, (8, 1, 8, 8)),
        ({**BARE, "model_type": "falcon", "multi_query": False}, (8, 8, 8, 8)),
        (
            {**BARE, "model_type": "falcon", "new_decoder_architecture": True, "num_kv_heads": 2},
            (8, 2, 8, 8),
        ),
        ({**BARE, "model_type": "RefinedWebModel", "multi_query": True}, (8, 1, 8, 8)),
    ],
)
def test_names_in_the_wild(config, expected):
    assert heads(config) == expected


@pytest.mark.parametrize(
    ("path", "outer"),
    [
        ("text_config.", {"text_config": LLAMA, "model_type": "llava"}),
        ("llm_config.", {"llm_config": LLAMA, "model_type": "internvl_chat"}),
        ("language_config.", {"language_config": LLAMA, "model_type": "deepseek_vl_v2"}),
        (
            "thinker_config.text_config.",
            {"thinker_config": {"text_config": LLAMA}, "model_type": "qwen2_5_omni"},
        ),
    ],
)
def test_the_decoder_is_found_inside_what_wraps_it(path, outer):
    shape = from_config({**outer, "vision_config": {"num_hidden_layers": 99, "hidden_size": 5}})
    assert (shape.n_layers, shape.model_type) == (4, "llama")
    assert shape.origins["n_kv_heads"] == f"{path}num_key_value_heads"


def test_a_wrapper_whose_decoder_is_missing_is_refused():
    assert message({"model_type": "paligemma", "vision_config": {}}) == (
        "model_type 'paligemma' wraps a language model, "
        "but the config has no text_config that describes it."
    )


def test_absent_fields_come_from_the_class_and_are_named():
    text = {"model_type": "gemma3_text", "hidden_size": 2560, "num_hidden_layers": 34}
    shape = from_config({"model_type": "gemma3", "text_config": {**text, "sliding_window": 1024}})
    assert shape.kinds == {LayerKind.WINDOW: 29, LayerKind.GLOBAL: 5}
    assert shape.origins["n_kv_heads"] == (
        f"default of gemma3_text in transformers {VERSION} (num_key_value_heads)"
    )
    assert (
        f"Not in the config, so taken from the defaults of gemma3_text in transformers {VERSION}: "
        "head_dim 256, max_position_embeddings 131072, num_attention_heads 8, "
        "num_key_value_heads 4, vocab_size 262208."
    ) in shape.assumptions


def test_a_null_is_no_default():
    config = {**LLAMA, "model_type": "mistral", "sliding_window": None}
    assert from_config(config).kinds == {LayerKind.GLOBAL: 4}
    del config["sliding_window"]
    assert from_config(config).kinds == {LayerKind.WINDOW: 4}
    config = {**LLAMA, "model_type": "jamba", "num_key_value_heads": None, "attn_layer_period": 2}
    assert heads({**config, "attn_layer_offset": 0})[1] == 8


def test_an_unknown_type_is_read_by_its_fields_and_says_so():
    shape = from_config({**BARE, "model_type": "<b>new</b>", "weird_lora_rank": 7, "ssm_size": 3})
    assert heads({**BARE, "model_type": "new"}) == (8, 8, 8, 8)
    assert shape.assumptions == (
        "The config names no KV heads: as many as query heads, 8, were assumed.",
        "model_type '<b>new</b>' is not among those known here: the config was read by the names "
        "of its fields, and what it leaves out has no default.",
        "Fields that may matter to a cache and were not understood: weird_lora_rank, ssm_size.",
    )


def test_an_unknown_layer_type_is_counted_in_full_and_named():
    config = {**LLAMA, "layer_types": ["full_attention", "warp_attention"] * 2}
    shape = from_config(config)
    assert shape.kinds == {LayerKind.GLOBAL: 4}
    assert shape.assumptions[0] == (
        "Layers of type 'warp_attention' are not known here: "
        "they were counted as attention over every token."
    )


def test_a_state_in_fields_that_are_not_known_is_named_and_not_counted():
    config = {**LLAMA, "layer_types": ["linear_attention", "full_attention"] * 2}
    shape = from_config(config)
    assert shape.kinds == {LayerKind.STATE: 2, LayerKind.GLOBAL: 2}
    assert shape.assumptions[0] == (
        "Layers of type 'linear_attention' keep a state that this config does not describe in "
        "fields known here: it is not counted."
    )


def test_two_names_that_disagree_are_told():
    shape = from_config({**LLAMA, "num_kv_heads": 4})
    assert "num_key_value_heads 2 was read, and num_kv_heads 4 ignored." in shape.assumptions


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"num_hidden_layers": -1}, "num_hidden_layers -1 is not a whole number from 1 to"),
        (
            {"num_hidden_layers": 2**63},
            f"num_hidden_layers {2**63} is not a whole number from 1 to",
        ),
        (
            {"num_hidden_layers": 10**12},
            "num_hidden_layers 1000000000000 is not a whole number from 1 to 4096.",
        ),
        ({"num_attention_heads": 0}, "num_attention_heads 0 is not a whole number from 1 to"),
        ({"num_key_value_heads": 2.0}, "num_key_value_heads 2.0 is not a whole number from 1 to"),
        ({"num_key_value_heads": "2"}, "num_key_value_heads '2' is not a whole number from 1 to"),
        ({"num_key_value_heads": True}, "num_key_value_heads True is not a whole number from 1"),
        ({"head_dim": float("nan")}, "head_dim nan is not a whole number from 0 to"),
        ({"head_dim": float("inf")}, "head_dim inf is not a whole number from 0 to"),
        ({"model_type": ["llama"]}, "model_type ['llama'] is no text."),
        ({"layer_types": "full"}, "layer_types 'full' is not a list."),
        ({"layer_types": [1] * 4}, "1 in layer_types is no text."),
        ({"layer_types": ["conv"] * 3}, "layer_types has 3 entries, but there are 4 layers."),
        (
            {"num_key_value_heads": 3},
            "n_heads 8 does not divide by n_kv_heads 3: choose n_kv_heads 2 or 4.",
        ),
        (
            {"hidden_size": 66},
            "hidden_size 66 does not divide by num_attention_heads 8: "
            "choose 6 or 11 heads, or give head_dim.",
        ),
        (
            {"layer_types": ["sliding_attention"] * 4},
            "the config has layers with a window, but no sliding_window.",
        ),
        (
            {"kv_lora_rank": 8},
            "the config has kv_lora_rank 8, but no qk_rope_head_dim.",
        ),
        (
            {"layer_types": ["linear_attention"] * 4, "mamba_d_state": 4},
            "the config has no hidden_size",
        ),
        ({"cross_attention_layers": [4]}, "an entry of cross_attention_layers 4 is not a whole"),
        ({"per_layer_config": [1]}, "per_layer_config [1] is not an object."),
        ({"hybrid_override_pattern": "MX"}, "hybrid_override_pattern 'MX' is not made of M, E, *"),
    ],
)
def test_numbers_that_cannot_be_get_one_sentence(changes, expected):
    config = {**LLAMA, **changes}
    if "mamba_d_state" in changes:
        expected = "the config has no mamba_expand, which its recurrent layers need."
    text = message(config)
    assert text.startswith(expected)
    assert text.endswith((".", "?"))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ([1], "the config is no JSON object, but [1]."),
        ("llama", "the config is no JSON object, but 'llama'."),
        (None, "the config is no JSON object, but None."),
        (
            {},
            "the config has no num_hidden_layers (nor n_layer, n_layers, num_layers): "
            "is it a model's config.json?",
        ),
        (
            {"num_hidden_layers": 2},
            "the config has no num_attention_heads (nor n_head, n_heads, num_heads): "
            "is it a model's config.json?",
        ),
        (
            {"num_hidden_layers": 2, "num_attention_heads": 2},
            "the config has neither head_dim nor hidden_size: give one of them.",
        ),
    ],
)
def test_what_is_no_models_config(config, expected):
    assert message(config) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the config is no JSON: Expecting value in line 1, column 1."),
        ("{'a': 1}", "the config is no JSON: "),
        ("[" * 100_000, "the config is nested too deeply."),
        ('{"a": 1, "a": 2}', "the config has the field 'a' twice."),
        ('{"x": {"b": 1, "b": 1}}', "the config has the field 'b' twice."),
        (f'{{"a": {"9" * 5000}}}', "the config has a number that is too long to read."),
        (b"\xff\xfe{}", "the config is no text in UTF-8."),
        ("NaN", "the config is no JSON object, but nan."),
        (" " * (LARGEST_FILE + 1), f"the text has {LARGEST_FILE + 1} characters, a config.json"),
    ],
)
def test_text_that_is_no_config(text, expected):
    with pytest.raises(ShapeError) as caught:
        parse_config(text)
    assert str(caught.value).startswith(expected)


def test_files_are_read_and_large_ones_refused_before(tmp_path):
    path = tmp_path / "config.json"
    path.write_text("\ufeff" + json.dumps(LLAMA), encoding="utf-8")
    assert read_config(path).n_layers == 4
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(ShapeError) as caught:
        read_config(path)
    assert str(caught.value) == (
        "'config.json' has 50000000 bytes, a config.json at most 1000000: is it the weights?"
    )
    for missing in (tmp_path / "none.json", tmp_path):
        with pytest.raises(ShapeError, match=r"cannot be read\.$|is no file\.$"):
            read_config(missing)


def test_nan_in_a_field_that_does_not_count_is_no_matter():
    # Mamba configs have "time_step_limit": [0.0, Infinity].
    text = json.dumps({**LLAMA, "time_step_limit": [0.0, float("inf")]})
    assert parse_config(text).n_layers == 4


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers()),
)
NAMES = [
    *sorted(LLAMA),
    "layer_types",
    "sliding_window",
    "head_dim",
    "v_head_dim",
    "kv_lora_rank",
    "qk_rope_head_dim",
    "text_config",
    "num_kv_shared_layers",
    "linear_attn_config",
    "mamba_d_state",
    "intermediate_size",
    "num_experts",
    "block_configs",
    "per_layer_config",
    "attn_config",
    "use_cla",
    "kv_sharing_map",
    "compress_ratios",
    "full_attention_interval",
    "no_rope_layers",
    "indexer_types",
    "index_topk_pattern",
]


@settings(max_examples=400, deadline=None)
@given(
    changes=st.dictionaries(st.sampled_from(NAMES), scalars, max_size=4),
    model_type=st.sampled_from(["llama", "gemma3n_text", "qwen2", "deepseek_v3", "mamba2", "new"]),
)
def test_any_values_give_a_shape_or_one_sentence(changes, model_type):
    config = {**LLAMA, "model_type": model_type, **changes}
    try:
        shape = from_config(config)
    except ShapeError as error:
        text = str(error)
        assert text.endswith((".", "?"))
        assert len(text) < 400
        assert "\n" not in text
    else:
        assert isinstance(shape, ModelShape)


@given(
    n_kv_heads=st.integers(1, 16),
    group_size=st.integers(1, 16),
    head_dim=st.integers(1, 256),
    n_layers=st.integers(1, 64),
)
def test_plain_numbers_come_through_unchanged(n_kv_heads, group_size, head_dim, n_layers):
    n_heads = n_kv_heads * group_size
    config = {
        "model_type": "llama",
        "num_hidden_layers": n_layers,
        "num_attention_heads": n_heads,
        "num_key_value_heads": n_kv_heads,
        "hidden_size": n_heads * head_dim,
    }
    shape = from_config(config)
    assert shape.n_layers == n_layers
    assert heads(config) == (n_heads, n_kv_heads, head_dim, head_dim)
    assert from_config({**config, "head_dim": head_dim}).layers[0].k_head_dim == head_dim
