"""Shapes against what transformers' models keep in their caches: every tensor of every layer."""

import json

import pytest
import torch
from transformers import AutoModelForCausalLM, T5ForConditionalGeneration
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from attention.kv.read.config_json import from_config
from attention.kv.shape import LayerKind

TOKENS = 13
WINDOW = 8
SMALL = {
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 99,
    "intermediate_size": 48,
    "num_hidden_layers": 4,
    "pad_token_id": 0,
}
ALL_HEADS = {name: value for name, value in SMALL.items() if name != "num_key_value_heads"}
LATENT = {
    **SMALL,
    "num_key_value_heads": 4,
    "kv_lora_rank": 12,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 6,
    "v_head_dim": 5,
    "q_lora_rank": 8,
    "n_routed_experts": 4,
    "num_experts_per_tok": 1,
    "moe_intermediate_size": 16,
    "n_group": 1,
    "topk_group": 1,
}
SPARSE = {**LATENT, "index_head_dim": 8, "index_n_heads": 2, "index_topk": 4}
MAMBA2 = {**SMALL, "mamba_n_heads": 8, "mamba_d_state": 6, "mamba_n_groups": 2}
EXPERTS = {"num_experts": 2, "num_experts_per_tok": 1, "moe_intermediate_size": 16}
DELTA = {
    **SMALL,
    "head_dim": 16,
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 12,
}
MIXED = {"layer_types": ["sliding_attention", "full_attention"] * 2, "sliding_window": WINDOW}
PER_LAYER = {"vocab_size_per_layer_input": 99, "hidden_size_per_layer_input": 8}

CASES = {
    "llama": SMALL,
    "llama with 1 KV head": {**SMALL, "num_key_value_heads": 1, "head_dim": 24},
    "mistral": {**SMALL, "sliding_window": WINDOW},
    "mixtral": {**SMALL, "num_local_experts": 2},
    "qwen2 with windows": {
        **SMALL,
        "use_sliding_window": True,
        "sliding_window": WINDOW,
        "max_window_layers": 2,
    },
    "qwen2 whose windows are off": {**SMALL, "sliding_window": WINDOW},
    "qwen3": {**SMALL, "head_dim": 24},
    "gemma": {**SMALL, "head_dim": 32},
    "gemma2": {**SMALL, "head_dim": 16, "sliding_window": WINDOW},
    "gemma3_text": {**SMALL, "head_dim": 16, "sliding_window": WINDOW, "num_hidden_layers": 7},
    "gemma3n_text": {**SMALL, **MIXED, **PER_LAYER, "head_dim": 16, "num_kv_shared_layers": 2}
    | {"num_hidden_layers": 6, "layer_types": MIXED["layer_types"] + MIXED["layer_types"][:2]},
    "gemma4_text": {**SMALL, **MIXED, **PER_LAYER, "head_dim": 16, "num_kv_shared_layers": 0}
    | {"global_head_dim": 32, "num_global_key_value_heads": 1, "attention_k_eq_v": True},
    "cohere2": {**SMALL, "head_dim": 16, "sliding_window": WINDOW},
    "olmo3": {**SMALL, "sliding_window": WINDOW},
    "gpt_oss": {**SMALL, "head_dim": 16, "sliding_window": WINDOW}
    | {"num_local_experts": 2, "num_experts_per_tok": 1},
    "llama4_text": {**SMALL, "head_dim": 16, "attention_chunk_size": WINDOW}
    | {"num_local_experts": 2, "intermediate_size_mlp": 32},
    "phi3": {**SMALL, "sliding_window": WINDOW},
    "starcoder2": {**SMALL, "sliding_window": WINDOW},
    "gpt2": {"n_embd": 64, "n_head": 4, "n_layer": 2, "vocab_size": 99},
    "gpt_bigcode": {"n_embd": 64, "n_head": 4, "n_layer": 2, "vocab_size": 99},
    "gpt_neox": ALL_HEADS,
    "gptj": {"n_embd": 64, "n_head": 4, "n_layer": 2, "vocab_size": 99, "rotary_dim": 8},
    "opt": {**ALL_HEADS, "ffn_dim": 48, "word_embed_proj_dim": 64},
    "bloom": {"hidden_size": 64, "n_head": 4, "n_layer": 2, "vocab_size": 99},
    "mpt": {"d_model": 64, "n_heads": 4, "n_layers": 2, "vocab_size": 99},
    "falcon": {"hidden_size": 64, "num_attention_heads": 4, "num_hidden_layers": 2}
    | {"vocab_size": 99},
    "jetmoe": {**SMALL, "kv_channels": 16, "num_local_experts": 2},
    "granite": SMALL,
    "stablelm": SMALL,
    "minimax": {**SMALL, "head_dim": 16, "num_local_experts": 2},
    "mimo_v2_flash": {**SMALL, "head_dim": 16, "v_head_dim": 12, "sliding_window": WINDOW}
    | {"n_routed_experts": 2, "num_experts_per_tok": 1, "moe_intermediate_size": 16},
    "deepseek_v2": LATENT,
    "deepseek_v3": LATENT,
    "minicpm3": LATENT,
    "deepseek_v32": SPARSE,
    "glm_moe_dsa": {**SPARSE, "indexer_types": ["full", "shared", "full", "shared"]},
    "minimax_m3_vl_text": {**SMALL, "head_dim": 16, "index_head_dim": 8, "index_n_heads": 2}
    | {"sparse_attention_config": {"sparse_attention_freq": [0, 1, 1, 0]}}
    | {"num_local_experts": 2, "num_experts_per_tok": 1, "dense_intermediate_size": 32}
    | {"shared_intermediate_size": 16},
    "mamba": {"hidden_size": 64, "vocab_size": 99, "num_hidden_layers": 2, "state_size": 6},
    "falcon_mamba": {"hidden_size": 64, "vocab_size": 99, "num_hidden_layers": 2, "state_size": 6},
    "mamba2": {"hidden_size": 64, "vocab_size": 99, "num_hidden_layers": 2, "num_heads": 8}
    | {"head_dim": 16, "state_size": 6, "n_groups": 2},
    "jamba": {**SMALL, "attn_layer_period": 3, "attn_layer_offset": 1, "num_experts": 2}
    | {"use_mamba_kernels": False},
    "bamba": {**MAMBA2, "attn_layer_indices": [1, 3]},
    "granitemoehybrid": {**MAMBA2, "layer_types": ["mamba", "attention", "mamba", "mamba"]}
    | {"shared_intermediate_size": 32},
    "falcon_h1": {**MAMBA2, "mamba_d_ssm": 128},
    "nemotron_h": {**SMALL, "hybrid_override_pattern": "M*M-", "mamba_num_heads": 8}
    | {"mamba_head_dim": 16, "ssm_state_size": 6, "n_groups": 2, "head_dim": 16}
    | {"use_mamba_kernels": False},
    "zamba": {**SMALL, "num_key_value_heads": 4, "n_mamba_heads": 2, "mamba_d_state": 6}
    | {"layers_block_type": ["mamba", "hybrid"] * 2, "use_mamba_kernels": False},
    "zamba2": {**SMALL, "num_key_value_heads": 4, "n_mamba_heads": 8, "mamba_d_state": 6}
    | {"layers_block_type": ["mamba", "hybrid"] * 2, "mamba_ngroups": 2}
    | {"use_mamba_kernels": False},
    "qwen3_next": {**DELTA, **EXPERTS, "shared_expert_intermediate_size": 16},
    "qwen3_5_text": DELTA,
    "olmo_hybrid": {**SMALL, "linear_key_head_dim": 8, "linear_value_head_dim": 12},
    "kimi_linear": {**LATENT, "linear_head_dim": 8, "linear_num_heads": 4, "num_hidden_layers": 6}
    | {"num_local_experts": 4},
    "lfm2": {**SMALL, "full_attn_idxs": [1]},
}


def cache_of(name):
    """The model type, its config, and the cache after a forward pass over ``TOKENS`` tokens."""
    config = CONFIG_MAPPING[name.split()[0]](**CASES[name])
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config).to(torch.bfloat16).eval()
    with torch.no_grad():
        out = model(torch.randint(1, 90, (1, TOKENS)), use_cache=True)
    cache = getattr(out, "past_key_values", None)
    return config, cache if cache is not None else out.cache_params


def kept_tokens(layer):
    """Tokens that transformers keeps after a prompt: one less than the window, for the next."""
    return min(TOKENS, layer.window - 1) if layer.window else TOKENS


def expected(layer):
    """Sizes of the two tensors of keys and values, as transformers stores such a layer."""
    tokens = kept_tokens(layer)
    if layer.latent_rank:
        return (1, 1, tokens, layer.latent_rank), (1, 1, tokens, layer.rope_dim)
    k = (1, layer.n_kv_heads, tokens, layer.k_head_dim)
    return k, (1, layer.n_kv_heads, tokens, layer.v_head_dim)


@pytest.mark.parametrize("name", CASES)
def test_every_tensor_of_the_cache_has_the_size_that_the_shape_says(name):
    config, cache = cache_of(name)
    shape = from_config(json.loads(config.to_json_string(use_diff=False)))
    assert len(cache.layers) in (shape.n_layers, shape.n_layers - 1)  # a last one without keys
    for index, cached in enumerate(cache.layers):
        layer = shape.layers[index]
        if layer.grows:
            k, v = expected(layer)
            assert (tuple(cached.keys.shape), tuple(cached.values.shape)) == (k, v), index
        else:
            assert getattr(cached, "keys", None) is None, index
        indexer = getattr(cached, "indexer_keys", None)
        indexer = getattr(cached, "idx_keys", None) if indexer is None else indexer
        assert (0 if indexer is None else indexer.shape[-1]) == layer.indexer_dim, index
        if name != "minimax":  # which keeps its states beside the layers
            assert states_of(cached) == {s.name: state_as_kept(s) for s in layer.states}, index


def states_of(cached):
    found = {}
    for name, attribute in (("convolution", "conv_states"), ("recurrent", "recurrent_states")):
        tensor = (getattr(cached, attribute, None) or {}).get(0)
        if tensor is not None:
            number_format = str(tensor.dtype).removeprefix("torch.")
            found[name] = (tuple(tensor.shape[1:]), number_format)
    return found


def state_as_kept(state):
    number_format = "bfloat16" if state.number_format == "model" else state.number_format
    if state.name == "convolution":  # transformers keeps one input more than is needed
        channels, width = state.shape
        return (channels, width + 1), number_format
    return state.shape, number_format


def test_lightning_attention_keeps_a_square_for_each_head():
    config, cache = cache_of("minimax")
    shape = from_config(json.loads(config.to_json_string(use_diff=False)))
    states = {i: layer.states[0] for i, layer in enumerate(shape.layers) if layer.states}
    assert list(states) == [1, 3]
    for index, state in states.items():
        assert tuple(cache.linear_cache[index].shape[1:]) == state.shape
        assert cache.linear_cache[index].dtype == torch.bfloat16
        assert state.number_format == "model"


def test_rwkv_keeps_five_rows_of_the_width_for_each_layer():
    config = CONFIG_MAPPING["rwkv"](
        hidden_size=64, attention_hidden_size=64, vocab_size=99, num_hidden_layers=2
    )
    model = AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        state = model(torch.randint(1, 90, (1, TOKENS)), use_cache=True).state
    shape = from_config(json.loads(config.to_json_string(use_diff=False)))
    numbers = sum(tensor.numel() for tensor in state)
    assert numbers == sum(layer.state_numbers for layer in shape.layers)


def test_griffin_keeps_a_row_and_a_short_convolution():
    config = CONFIG_MAPPING["recurrent_gemma"](
        **{**SMALL, "num_hidden_layers": 3}, attention_window_size=WINDOW, lru_width=32
    )
    model = AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        model(torch.randint(1, 90, (1, TOKENS)), use_cache=True)
    shape = from_config(json.loads(config.to_json_string(use_diff=False)))
    block = model.model.layers[0].temporal_block
    convolution, recurrent = shape.layers[0].states
    assert tuple(block.conv1d_state.shape[1:]) == convolution.shape
    assert tuple(block.rg_lru.recurrent_states.shape[1:]) == recurrent.shape
    assert block.rg_lru.recurrent_states.dtype == torch.float32


def test_deepseek_v4_keeps_a_window_compressed_entries_and_what_waits_for_them():
    tokens, window = 15, 8  # three tokens wait: as many as can, four make an entry
    config = CONFIG_MAPPING["deepseek_v4"](
        **{**ALL_HEADS, "num_hidden_layers": 3},
        head_dim=16,
        q_lora_rank=8,
        o_groups=2,
        o_lora_rank=8,
        n_routed_experts=4,
        num_experts_per_tok=1,
        moe_intermediate_size=16,
        index_head_dim=8,
        index_n_heads=2,
        index_topk=4,
        sliding_window=window,
        compress_ratios=[0, 4, 128],
        num_hash_layers=0,
    )
    model = AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        cache = model(torch.randint(1, 90, (1, tokens)), use_cache=True).past_key_values
    shape = from_config(json.loads(config.to_json_string(use_diff=False)))
    for cached, layer in zip(cache.layers, shape.layers, strict=True):
        held = (1, layer.n_kv_heads, layer.window - 1, layer.k_head_dim)
        assert tuple(cached.keys.shape) == held
        assert layer.v_head_dim == 0
        assert torch.equal(cached.keys, cached.values)  # one for both
    sparse, heavy = cache.layers[1:]
    own = shape.layers[1]
    entries = {name: tuple(kept.shape) for name, kept in sparse.compressed_kv.items()}
    assert entries["compressor"] == (1, tokens // own.compress, own.k_head_dim)
    assert entries["indexer"] == (1, tokens // own.indexer_compress, own.indexer_dim)
    for name, state in zip(("compressor", "indexer"), own.states, strict=True):
        waiting = (sparse.buffer_kv, sparse.buffer_gate, sparse.overlap_kv, sparse.overlap_gate)
        assert sum(kept[name].numel() for kept in waiting) == state.numbers
    assert heavy.compressed_kv["compressor"].shape[1] == 0
    assert shape.layers[2].states[0].shape == (2, 127, 16)
    assert tuple(heavy.buffer_kv["compressor"].shape) == (1, tokens, 16)


def test_encoder_decoder_keeps_the_encoders_tokens_beside_its_own():
    config = CONFIG_MAPPING["t5"](
        d_model=32, d_kv=8, d_ff=16, num_layers=2, num_decoder_layers=3, num_heads=4, vocab_size=99
    )
    model = T5ForConditionalGeneration(config).eval()
    with torch.no_grad():
        out = model(torch.randint(1, 90, (1, 7)), decoder_input_ids=torch.randint(1, 90, (1, 5)))
    shape = from_config(json.loads(config.to_json_string(use_diff=False)))
    assert shape.n_layers == 3
    cached = out.past_key_values
    for index, layer in enumerate(shape.layers):
        own, crossed = cached.self_attention_cache.layers, cached.cross_attention_cache.layers
        assert tuple(own[index].keys.shape) == (1, layer.n_kv_heads, 5, layer.k_head_dim)
        cross = layer.cross
        assert tuple(crossed[index].keys.shape) == (1, cross.n_kv_heads, 7, cross.k_head_dim)
        assert cross.tokens is None


@pytest.mark.parametrize("new_architecture", [False, True])
def test_falcon_of_either_architecture(new_architecture):
    config = CONFIG_MAPPING["falcon"](
        hidden_size=64,
        num_attention_heads=4,
        num_kv_heads=2,
        num_hidden_layers=2,
        new_decoder_architecture=new_architecture,
        vocab_size=99,
    )
    model = AutoModelForCausalLM.from_config(config).eval()
    layer = from_config(json.loads(config.to_json_string(use_diff=False))).layers[0]
    attention = model.transformer.h[0].self_attention
    assert layer.n_kv_heads == attention.num_kv_heads == (2 if new_architecture else 1)


def test_kinds_that_the_cases_cover():
    kinds = set()
    for name, fields in CASES.items():
        config = CONFIG_MAPPING[name.split()[0]](**fields)
        kinds |= from_config(json.loads(config.to_json_string(use_diff=False))).kinds.keys()
    assert kinds == set(LayerKind) - {LayerKind.CROSS, LayerKind.COMPRESSED}
