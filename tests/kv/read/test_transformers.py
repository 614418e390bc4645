"""Configs against transformers: its classes' attributes, defaults, and the layers of its caches."""

import json
from collections import Counter
from functools import cache

import pytest
from transformers.cache_utils import get_layer_types_and_kwargs
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from attention.kv.checks import ShapeError
from attention.kv.read.config_json import from_config
from attention.kv.read.defaults import TABLE, VERSION
from attention.kv.read.encoders import DECODERS_IF_ASKED
from attention.kv.read.families import families
from attention.kv.shape import LayerKind
from tests.kv.transformers_defaults import compute, model_types
from tests.sample import sample

# What transformers builds for each of our kinds, in one word.
OURS = {
    LayerKind.GLOBAL: "full",
    LayerKind.LATENT: "full",
    LayerKind.CROSS: "full",  # mllama: its cache has no type for layers that read an image
    LayerKind.WINDOW: "sliding",
    LayerKind.CHUNK: "sliding",
    LayerKind.STATE: "state",
    LayerKind.NONE: "nothing",
    LayerKind.SHARED: "nothing",
    LayerKind.COMPRESSED: "compressed",
}
THEIRS = {
    "full_attention": "full",
    "indexed_attention": "full",
    "hybrid": "full",
    "minimax_m3_sparse": "full",
    "sliding_attention": "sliding",
    "chunked_attention": "sliding",
    "hybrid_sliding": "sliding",
    "linear_attention": "state",
    "conv": "state",
    "dummy": "nothing",
    "compressed_sparse_attention": "compressed",
    "heavily_compressed_attention": "compressed",
}
NOT_COMPARED = {
    "blt": "byte-level model of several decoders",
    "pi0": "a robot's policy: its class names no layers",
    "gemma4_assistant": "its class cannot be made without arguments",
    "gemma4_unified_assistant": "a draft model: every layer reads the target's cache",
    "reformer": "hashed attention; its default heads do not divide",
    "dory": "its list has an entry for every feed-forward too; see the real caches",
    "rwkv": "recurrent, but transformers gives its layers no type",
    "xlstm": "recurrent, but transformers gives its layers no type",
    "unlimited_ocr": "a window that keeps the prompt: not understood, and said so",
    "pp_formulanet": "its decoder's num_hidden_layers is its encoder's",
    "glm4_moe": "the class's default head_dim, 4096 / 96, is no whole number",
    "glm4v_moe": "the class's default head_dim, 4096 / 96, is no whole number",
    "qwen3_omni_moe": "the class's default head_dim, 2048 / 28, is no whole number",
    "qwen3_omni_moe_thinker": "the class's default head_dim, 2048 / 28, is no whole number",
}
# The attribute num_key_value_heads of these is not what their layers have; see the real caches.
OTHER_KV_HEADS = ("falcon", "mimo_v2_flash", "inkling_mm_model", "inkling_text")
COMPARED = [name for name in model_types() if name not in NOT_COMPARED]
PLAIN_COUNT = 40  # model types, at the least, whose every attribute is compared


def as_written(config):
    """What ``save_pretrained`` would write, with every field."""
    return json.loads(config.to_json_string(use_diff=False))


def first_passes(shape, n_layers):
    """The layers without those of further passes, which models that loop have behind them."""
    return shape.layers[:n_layers] if "loop" in shape.model_type else shape.layers


@pytest.fixture(scope="module")
def configs():
    made = {name: CONFIG_MAPPING[name]() for name in COMPARED}
    for name in DECODERS_IF_ASKED:  # as decoders: they keep nothing otherwise
        made[name].is_decoder = True
    return made


@pytest.fixture(scope="module")
def shape_of(configs):
    return cache(lambda name: from_config(as_written(configs[name])))


@pytest.mark.slow
def test_table_of_defaults_is_what_the_installed_classes_take():
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    assert json.loads(json.dumps(compute())) == table, (
        f"transformers has other defaults than {VERSION}: "
        "run python -m tests.kv.transformers_defaults"
    )


@pytest.mark.parametrize("name", sample(COMPARED))
def test_layers_are_those_of_the_cache_that_transformers_builds(configs, shape_of, name):
    decoder = configs[name].get_text_config(decoder=True)
    types, kwargs = get_layer_types_and_kwargs(decoder)
    shape = shape_of(name)
    layers = first_passes(shape, len(types))
    assert [OURS[layer.kind] for layer in layers] == [THEIRS[entry] for entry in types]
    windows = [entry.get("sliding_window") for entry in kwargs]
    assert all(w is None or w == own.window for w, own in zip(windows, layers, strict=True))


@pytest.mark.parametrize("name", sample([name for name in COMPARED if name not in OTHER_KV_HEADS]))
def test_heads_are_the_attributes_of_the_config_object(configs, shape_of, name):
    decoder = configs[name].get_text_config(decoder=True)
    shape = shape_of(name)
    layers = first_passes(shape, decoder.num_hidden_layers)
    for own, theirs in zip(layers, decoder.per_layer_config, strict=True):
        if not own.grows or own.latent_rank:
            continue
        n_heads = theirs.num_attention_heads
        n_kv_heads = getattr(theirs, "num_key_value_heads", None) or n_heads
        head_dim = getattr(theirs, "head_dim", None) or theirs.hidden_size // n_heads
        assert (own.n_heads, own.n_kv_heads, own.k_head_dim) == (n_heads, n_kv_heads, head_dim)
        value_dim = 0 if decoder.model_type == "deepseek_v4" else theirs.to_dict().get("v_head_dim")
        assert own.v_head_dim == (head_dim if value_dim is None else value_dim)


@pytest.mark.parametrize("name", sample(COMPARED))
def test_latent_numbers_are_the_attributes_of_the_config_object(configs, shape_of, name):
    decoder = configs[name].get_text_config(decoder=True)
    shape = shape_of(name)
    has_rank = bool(as_written(decoder).get("kv_lora_rank"))
    assert has_rank == any(layer.latent_rank for layer in shape.layers)
    layers = first_passes(shape, decoder.num_hidden_layers)
    for index, (own, theirs) in enumerate(zip(layers, decoder.per_layer_config, strict=True)):
        if own.latent_rank:
            assert own.latent_rank == theirs.kv_lora_rank
            has_rope = decoder.model_type != "mistral_large4_text" or theirs.no_rope_layers[index]
            assert own.rope_dim == (theirs.qk_rope_head_dim if has_rope else 0)
            assert own.k_head_dim == theirs.qk_nope_head_dim + theirs.qk_rope_head_dim
            assert own.v_head_dim == theirs.v_head_dim


RULES = {name for name, family in families()[0].items() if family.layers}
# Their classes take no number of layers alone, or have no layer types.
NOT_RULED = {"nemotron_h", "zamba2", "dory", "xlstm", "rwkv", "gpt_neo"}


@pytest.mark.parametrize("model_type", sample(sorted(RULES - NOT_RULED)))
@pytest.mark.parametrize("n_layers", [7, 12, 26])
def test_rule_for_layers_that_a_config_does_not_list(model_type, n_layers):
    try:
        config = CONFIG_MAPPING[model_type](num_hidden_layers=n_layers)
    except Exception:
        config = find_text_class(model_type)(num_hidden_layers=n_layers)
    decoder = config.get_text_config(decoder=True)
    types = getattr(decoder, "layer_types", None)
    if model_type != "gemma3n_text":  # its 15 sharing layers would leave none to share with
        types, _ = get_layer_types_and_kwargs(decoder)
    window = getattr(decoder, "sliding_window", None)
    written = {"model_type": decoder.model_type, "num_hidden_layers": n_layers}
    if window:
        written["sliding_window"] = window
    if model_type == "gemma3n_text":
        written["num_kv_shared_layers"] = 0
    written["loop_num_passes"] = 1
    shape = from_config(written)
    kinds = [OURS[layer.kind] for layer in shape.layers]
    assert kinds == [THEIRS.get(entry, "full") for entry in types]


def find_text_class(model_type):
    for name in model_types():
        try:
            decoder = CONFIG_MAPPING[name]().get_text_config(decoder=True)
        except Exception:
            continue
        if decoder.model_type == model_type:
            return type(decoder)
    pytest.skip("the type is not in transformers")
    return None


def test_enough_types_are_compared_and_every_kind_is_among_them(configs, shape_of):
    kinds = Counter()
    for name in configs:
        kinds.update(shape_of(name).kinds.keys())
    assert len(configs) > 6 * PLAIN_COUNT
    assert set(kinds) == set(LayerKind)


# What these say and the library does not understand; the others say nothing of that kind.
NOT_UNDERSTOOD = {
    "hrm_text": "H_cycles, L_bp_cycles, L_cycles",
    "led": "attention_window",
    "xlm": "mask_index, unk_index",
}


@pytest.mark.parametrize("name", sample(COMPARED))
def test_only_what_is_not_understood_is_named_so(shape_of, name):
    shape = shape_of(name)
    named = [text for text in shape.assumptions if "not understood" in text]
    sentence = "Fields that may matter to a cache and were not understood: {}."
    wanted = NOT_UNDERSTOOD.get(name)
    assert named == ([sentence.format(wanted)] if wanted else [])


def test_layers_of_a_loop_are_counted_for_every_pass():
    shape = from_config(as_written(CONFIG_MAPPING["inkling2_loop_text"]()))
    assert shape.n_layers == 24 + 2 * 12
    assert (
        "Layers 6 to 17 are passed 3 times, and every pass keeps a cache of its own: counted as "
        "layers." in shape.assumptions
    )


def test_a_loop_over_layers_that_are_not_there_is_refused():
    with pytest.raises(ShapeError) as refused:
        from_config({"model_type": "inkling2_loop_text", "num_hidden_layers": 12})
    assert str(refused.value) == "the config loops over layers 6 to 18, but there are 12."


@pytest.mark.parametrize("name", ["glm4_moe", "qwen3_omni_moe", "reformer"])
def test_default_heads_that_do_not_divide_are_refused(name):
    with pytest.raises(ShapeError, match="does not divide by num_attention_heads"):
        from_config(as_written(CONFIG_MAPPING[name]()))
