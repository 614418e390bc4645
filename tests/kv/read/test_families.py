"""What model types mean beyond the names of their fields: windows, latent caches, shared ones."""

import pytest

from attention.kv.read.config_json import from_config
from attention.kv.shape import LayerKind
from tests.kv.read.test_config import BARE, LLAMA, message


def test_sinks_are_weights_and_add_nothing():
    config = {**LLAMA, "model_type": "gpt_oss", "head_dim": 8, "sliding_window": 16}
    shape = from_config({**config, "attention_sinks": True})
    assert shape.kinds == {LayerKind.WINDOW: 2, LayerKind.GLOBAL: 2}
    assert not any("sink" in sentence for sentence in shape.assumptions)


WINDOWED = {**LLAMA, "sliding_window": 16}


@pytest.mark.parametrize(
    ("changes", "windows"),
    [
        ({"model_type": "mistral"}, [16, 16, 16, 16]),
        ({"model_type": "qwen2"}, [None] * 4),
        (
            {"model_type": "qwen2", "use_sliding_window": True, "max_window_layers": 3},
            [None] * 3 + [16],
        ),
        ({"model_type": "gemma2"}, [16, None, 16, None]),
        ({"model_type": "cohere2", "sliding_window_pattern": 2}, [16, None, 16, None]),
        ({"model_type": "exaone4", "sliding_window_pattern": "LG"}, [16, None, 16, None]),
        ({"model_type": "exaone4", "sliding_window": None}, [None] * 4),
        ({"model_type": "new"}, [16, 16, 16, 16]),
        ({"model_type": "new", "use_sliding_window": False}, [None] * 4),
        ({"model_type": "new", "sliding_window_pattern": 4}, [16, 16, 16, None]),
        ({"layer_types": ["full_attention", "sliding_attention"] * 2}, [None, 16, None, 16]),
        ({"model_type": "smollm3", "use_sliding_window": True}, [None, None, None, 16]),
    ],
)
def test_windows(changes, windows):
    shape = from_config({**WINDOWED, **changes})
    assert [layer.window for layer in shape.layers] == windows


def test_a_window_that_is_off_is_named():
    shape = from_config({**WINDOWED, "model_type": "qwen2", "use_sliding_window": False})
    assert "sliding_window 16 does not apply: use_sliding_window is off." in shape.assumptions


def test_local_layers_of_gpt_neo_keep_everything():
    shape = from_config({**LLAMA, "model_type": "gpt_neo", "window_size": 16})
    assert shape.kinds == {LayerKind.GLOBAL: 4}
    assert shape.assumptions[0] == (
        "Its local layers look back 16 tokens, but keep every token's keys."
    )


def test_chunks_of_llama4_and_its_layers_without_positions():
    config = {**LLAMA, "model_type": "llama4_text", "attention_chunk_size": 32}
    assert [layer.window for layer in from_config(config).layers] == [32, 32, 32, None]
    other = from_config({**config, "no_rope_layers": [1, 0, 1, 0]})
    assert [layer.kind.value for layer in other.layers] == ["chunk", "global", "chunk", "global"]
    assert from_config({**config, "attention_chunk_size": None}).kinds == {LayerKind.GLOBAL: 4}


LATENT = {
    **LLAMA,
    "model_type": "deepseek_v3",
    "num_key_value_heads": 8,
    "kv_lora_rank": 12,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 6,
    "v_head_dim": 5,
}


def test_latent_attention_has_its_compressed_and_its_expanded_form():
    layer = from_config(LATENT).layers[0]
    assert (layer.kind, layer.latent_rank, layer.rope_dim) == (LayerKind.LATENT, 12, 4)
    assert (layer.n_kv_heads, layer.k_head_dim, layer.v_head_dim) == (8, 10, 5)
    assert layer.indexer_dim == 0


def test_kimi_k2_is_a_deepseek_v3():
    shape = from_config({**LATENT, "model_type": "kimi_k2"})
    assert (shape.kinds, shape.model_type) == ({LayerKind.LATENT: 4}, "deepseek_v3")


def test_sparse_attention_keeps_the_indexers_keys_where_it_is_not_shared():
    config = {**LATENT, "model_type": "glm_moe_dsa", "index_head_dim": 3}
    shape = from_config({**config, "indexer_types": ["full", "shared", "full", "shared"]})
    assert [layer.indexer_dim for layer in shape.layers] == [3, 0, 3, 0]
    assert [layer.indexer_dim for layer in from_config(config).layers] == [3] * 4
    pattern = from_config({**config, "index_topk_pattern": "FSSF"})
    assert [layer.indexer_dim for layer in pattern.layers] == [3, 0, 0, 3]


def test_compressed_attention_of_deepseek_v4():
    config = {**LLAMA, "model_type": "deepseek_v4", "num_key_value_heads": 1, "head_dim": 16}
    config |= {"sliding_window": 8, "index_head_dim": 4, "compress_ratios": [0, 4, 128, 4, 0]}
    shape = from_config(config)
    kept = [(layer.kind.value, layer.compress, layer.indexer_dim) for layer in shape.layers]
    assert kept == [("window", 0, 0), ("compressed", 4, 4), ("compressed", 128, 0), *kept[1:2]]
    assert {layer.v_head_dim for layer in shape.layers} == {0}
    assert shape.layers[1].indexer_compress == 4
    heavy = shape.layers[2].states
    assert [state.shape for state in heavy] == [(2, 127, 16)]
    assert [state.shape for state in shape.layers[1].states] == [(2, 10, 16), (2, 10, 4)]
    assert "beyond layer 3" in shape.assumptions[0]


def test_layers_that_read_anothers_cache():
    gemma = {**WINDOWED, "model_type": "gemma3n_text", "num_kv_shared_layers": 2}
    shape = from_config({**gemma, "layer_types": ["sliding_attention", "full_attention"] * 2})
    assert [layer.shares for layer in shape.layers] == [None, None, 0, 1]
    cla = from_config({**LLAMA, "use_cla": True, "cla_share_factor": 2})
    assert [layer.shares for layer in cla.layers] == [None, 0, None, 2]
    swift = from_config({**LLAMA, "num_key_value_layers": 2, "key_value_group_size": 2})
    assert [layer.shares for layer in swift.layers] == [None, None, None, 2]
    mapped = from_config({**LLAMA, "kv_sharing_map": {"3": 1}})
    assert [layer.shares for layer in mapped.layers] == [None, None, None, 1]
    assert message({**LLAMA, "kv_sharing_map": {"1": 3}}) == (
        "layer 1 shares the cache of layer 3, which keeps none: choose an earlier layer that does."
    )


def test_blocks_whose_attention_was_removed():
    blocks = [{"attention": {"n_heads_in_group": 4}}, {"attention": {"no_op": True}}] * 2
    shape = from_config({**BARE, "model_type": "nemotron-nas", "block_configs": blocks})
    assert [layer.n_kv_heads for layer in shape.layers] == [2, 0, 2, 0]
    lists = from_config({**BARE, "num_key_value_heads_per_layer": [2, 0, 4, 1]})
    assert [layer.n_kv_heads for layer in lists.layers] == [2, 0, 4, 1]


def test_mimo_has_more_kv_heads_in_its_windows_and_wider_keys_than_values():
    config = {**LLAMA, "model_type": "mimo_v2_flash", "head_dim": 12, "v_head_dim": 8}
    config |= {"sliding_window": 16, "sliding_window_size": 16, "swa_num_key_value_heads": 4}
    shape = from_config({**config, "hybrid_layer_pattern": [0, 1, 1, 0]})
    kept = [(layer.window, layer.n_kv_heads, layer.v_head_dim) for layer in shape.layers]
    assert kept == [(None, 2, 8), (17, 4, 8), (17, 4, 8), (None, 2, 8)]
    assert shape.origin(1, "n_kv_heads") == "swa_num_key_value_heads for num_key_value_heads"
    assert shape.origin(0, "n_kv_heads") == "num_key_value_heads"
    assert shape.origin(1, "window") == "sliding_window_size 16 + the token itself"


def test_mimo_without_the_swa_fields_doubles_its_kv_heads_as_its_code_does():
    config = {**WINDOWED, "model_type": "mimo_v2_flash", "head_dim": 12, "v_head_dim": 8}
    shape = from_config(config)
    assert [layer.n_kv_heads for layer in shape.layers] == [2, 4, 4, 4]
    assert shape.origin(1, "n_kv_heads") == (
        "2 · num_key_value_heads, as its code has it in windows, for num_key_value_heads"
    )


def test_gemma4_has_wider_heads_and_fewer_where_every_token_is_seen():
    config = {**WINDOWED, "model_type": "gemma4_text", "head_dim": 8, "global_head_dim": 32}
    config |= {"num_global_key_value_heads": 1, "num_kv_shared_layers": 0}
    config["layer_types"] = ["sliding_attention", "full_attention"] * 2
    shape = from_config({**config, "attention_k_eq_v": True})
    assert [(layer.n_kv_heads, layer.k_head_dim) for layer in shape.layers] == [(2, 8), (1, 32)] * 2
    assert from_config(config).layers[1].n_kv_heads == 2
    assert {layer.v_head_dim for layer in shape.layers} == {8, 32}  # V is kept beside K


def test_kimi_counts_its_layers_from_one():
    config = {**LATENT, "model_type": "kimi_linear"}
    linear = {"full_attn_layers": [4], "kda_layers": [1, 2, 3], "head_dim": 8, "num_heads": 2}
    shape = from_config({**config, "linear_attn_config": {**linear, "short_conv_kernel_size": 4}})
    assert [layer.kind.value for layer in shape.layers] == ["state"] * 3 + ["latent"]
    assert [state.shape for state in shape.layers[0].states] == [(48, 3), (2, 8, 8)]
    assert shape.layers[0].states[1].formula == (
        "linear_attn_config.num_heads 2 · linear_attn_config.head_dim 8 · "
        "linear_attn_config.head_dim 8"
    )


def test_images_of_llama_3_2_vision_are_read_in_some_layers():
    text = {**LLAMA, "model_type": "mllama_text_model", "cross_attention_layers": [1, 3]}
    vision = {"image_size": 56, "patch_size": 14, "max_num_tiles": 2}
    shape = from_config({"model_type": "mllama", "text_config": text, "vision_config": vision})
    assert [layer.kind.value for layer in shape.layers] == ["global", "cross"] * 2
    assert shape.layers[1].cross.tokens == 2 * (4 * 4 + 1)


def test_encoder_decoders_keep_the_encoders_tokens_too():
    layer = from_config({"model_type": "whisper"}).layers[0]
    assert layer.kind is LayerKind.GLOBAL
    assert (layer.cross.n_kv_heads, layer.cross.k_head_dim, layer.cross.tokens) == (6, 64, 1500)
