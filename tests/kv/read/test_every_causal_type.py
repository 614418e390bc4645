"""Every causal type that transformers knows: its real cache, tensor by tensor, against ours."""

import json

import pytest

from attention.kv import engines
from attention.kv.read.config_json import from_config
from attention.kv.read.families import families
from attention.kv.read.family import PLAIN, Family
from tests.kv.small_models import OWN, TOKENS, TYPES, run, small_config

# What cannot be run small, and what returns no cache whose tensors could be told apart.
NOT_RUN = {
    "blt": "several decoders over bytes; 190 million parameters however small its sizes",
    "dbrx": "transformers 5.24 cannot make it: DbrxAttentionConfig has no rope_theta",
    "dots3_note": "keeps its class's list of 46 layers however few there are; its decoder is run",
    "gemma3n": "wants the package timm for its images; its decoder is run",
    "gemma4_assistant": "a draft model: its class cannot be made without its target",
    "gemma4_unified_assistant": "a draft model: it reads the keys of its target",
    "musicgen": "an encoder and two decoders: its class cannot be made without them",
    "musicgen_melody": "an encoder and two decoders: its class cannot be made without them",
    "reformer": "hashed attention: keeps hidden states and buckets, not keys and values",
    "xlnet": "keeps hidden states of the last text (mems), and only where mem_len asks for them",
    "xlstm": "transformers 5.24 cannot run it with fewer heads than its kernel was made for",
}
NO_CACHE = {
    "openai-gpt": "transformers reads the whole text again for every token",
    "xlm": "its language model passes its cache on to nobody",
}
# Caches of another make; tests of their own compare them.
ELSEWHERE = {
    "deepseek_v4": "test_real_caches: what waits for an entry depends on the number of tokens",
    "minimax": "test_real_caches: states stand beside the layers",
    "recurrent_gemma": "test_real_caches: states stand in the modules",
    "rwkv": "test_real_caches: states stand beside the layers",
}
# Tokens of its own that a model puts before the text, and keeps.
TOKENS_BEFORE = {"cpmant": OWN["cpmant"]["prompt_length"]}
COMPARED = [name for name in TYPES if name not in NOT_RUN | NO_CACHE.keys() | ELSEWHERE.keys()]


def is_plain(model_type):
    """Whether nothing but the names of its fields decides what it keeps."""
    own = families()[0].get(model_type, PLAIN)
    return own in (PLAIN, Family(is_summed=True)) and model_type not in OWN


def marked(model_type):
    return pytest.param(model_type, marks=[pytest.mark.slow] if is_plain(model_type) else [])


def sizes_kept(layer):
    """Bytes of each tensor of a cache's layer, by what it is."""
    found = {}
    keys, values = getattr(layer, "keys", None), getattr(layer, "values", None)
    for name, tensor in (("k", keys), ("v", values)):
        if tensor is not None and tensor.numel():
            found[name] = tensor.nbytes
    indexer = getattr(layer, "indexer_keys", None)
    indexer = getattr(layer, "idx_keys", None) if indexer is None else indexer
    if indexer is not None and indexer.numel():
        found["indexer"] = indexer.nbytes
    states = []
    for name in ("conv_states", "recurrent_states"):
        tensors = (getattr(layer, name, None) or {}).values()
        states += [tensor.nbytes for tensor in tensors if tensor is not None]
    return found | ({"states": sorted(states)} if states else {})


def sizes_counted(layer):
    """The same of a layer as it is counted."""
    found = {}
    for part in layer.parts:
        if part.what.startswith("cross-attention"):
            continue  # no image and no encoder's text was given
        name = part.slot if part.slot in ("k", "v") else part.what
        if part.slot == "state":
            found.setdefault("states", []).append(int(part.n_bytes))
        else:
            found[name] = int(part.n_bytes)
    if "states" in found:
        found["states"].sort()
    return found


def without_empty(layers):
    """Layers that keep something: a config may list feed-forwards that no cache has a place for."""
    return [layer for layer in layers if layer]


def as_latent(kept, counted):
    """K and V together where one product counts both."""
    if "k" in counted and "v" not in counted and "v" in kept:
        return {**{name: n for name, n in kept.items() if name != "v"}, "k": kept["k"] + kept["v"]}
    return kept


@pytest.mark.parametrize("model_type", [marked(name) for name in COMPARED])
def test_every_tensor_that_transformers_keeps_is_counted_to_the_byte(model_type):
    config = small_config(model_type)
    cache = run(config)
    shape = from_config(json.loads(config.to_json_string(use_diff=False)))
    as_saved = from_config(json.loads(config.to_json_string()))  # what differs from the class
    engine = engines.ENGINES["transformers"]
    tokens = TOKENS + TOKENS_BEFORE.get(model_type, 0)
    workload = engine.workload(context=tokens, batch=1, k_format="bfloat16")
    counted = without_empty(map(sizes_counted, engine.allocate(shape, workload).per_layer))
    saved = without_empty(map(sizes_counted, engine.allocate(as_saved, workload).per_layer))
    kept = without_empty(map(sizes_kept, cache.layers))
    assert [as_latent(*pair) for pair in zip(kept, counted, strict=True)] == counted
    assert saved == counted


@pytest.mark.parametrize("model_type", NO_CACHE)
def test_types_that_transformers_gives_no_cache(model_type):
    assert run(small_config(model_type)) is None


def test_every_type_is_compared_or_says_why_not():
    assert not (NOT_RUN.keys() | NO_CACHE.keys() | ELSEWHERE.keys()) - set(TYPES)
    assert len(TYPES) >= 196
    assert len(COMPARED) + len(ELSEWHERE) == 183
