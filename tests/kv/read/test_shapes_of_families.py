"""Figures of single model types: from their classes, their checkpoints, and what was measured."""

import pytest

from attention.kv import engines
from attention.kv.engines.log_check import check_log
from attention.kv.read.catalog import find_model
from attention.kv.read.config_json import from_config
from attention.kv.shape import LayerKind

MIB = 2**20
FULL_LAYERS = (4, 8, 12, 16, 20, 24, 27)
KIMI = {
    "full_attn_layers": list(FULL_LAYERS),
    "kda_layers": [n for n in range(1, 28) if n not in FULL_LAYERS],
    "head_dim": 128,
    "num_heads": 32,
    "short_conv_kernel_size": 4,
}


def count(shape, engine="logical", context=4096, **settings):
    workload = engines.ENGINES[engine].workload(context=context, batch=1, **settings)
    return engines.get(engine)(shape, workload)


def state_bytes(allocation):
    return sum(layer.of("state") for layer in allocation.per_layer)


@pytest.mark.parametrize(
    "shape",
    [
        find_model("Kimi-Linear-48B-A3B"),
        from_config({"model_type": "kimi_linear", "linear_attn_config": KIMI}),
    ],
    ids=["catalog", "config.json"],
)
def test_kimi_linear_has_20_linear_and_7_latent_layers(shape):
    assert shape.kinds == {LayerKind.STATE: 20, LayerKind.LATENT: 7}
    assert count(shape).bytes_per_token == 7.875 * 1024


def test_kda_layers_counted_from_0_are_those_of_glm_5_3():
    linear = {"kda_layers": [i for i in range(45) if i % 4 != 3], "full_attn_layers": [3, 7]}
    shape = from_config({"model_type": "glm5_next_text", "linear_attn_config": linear})
    full = [i for i, layer in enumerate(shape.layers) if layer.kind is LayerKind.LATENT]
    assert full == list(range(3, 45, 4))
    assert all(shape.layers[i].indexer_dim == 128 for i in full)


def test_mistral_large_4_keeps_no_rotated_key_in_layers_without_positions():
    shape = from_config({"model_type": "mistral_large4_text"})
    assert sorted({layer.rope_dim for layer in shape.layers}) == [0, 64]
    assert sum(layer.rope_dim == 0 for layer in shape.layers) == 18
    assert {layer.k_head_dim for layer in shape.layers} == {128}  # the numbers that heads see
    for engine in ("logical", "transformers"):
        assert count(shape, engine).bytes_per_token == 99_072
    with_list = {"model_type": "mistral_large4_text", "no_rope_layers": [1] * 72}
    assert count(from_config(with_list)).bytes_per_token == 72 * (576 + 128) * 2


def test_dots3_note_keeps_its_indexers_keys_in_float32_in_transformers():
    shape = from_config({"model_type": "dots3_note_text"})
    assert sum(layer.indexer_dim > 0 for layer in shape.layers) == 13
    ours, theirs = (count(shape, engine).bytes_per_token for engine in ("logical", "transformers"))
    assert theirs - ours == 13 * 128 * (4 - 2)


def test_dots3_note_of_a_checkpoint_says_full_for_sparse():
    types = ["full_attention", "full_attention", "sliding_attention", "sliding_attention"]
    config = {"model_type": "dots3_note_text", "num_hidden_layers": 4, "layer_types": types}
    shape = from_config({**config, "sliding_window_size": 256, "swa_kv_lora_rank": 768})
    assert [layer.indexer_dim for layer in shape.layers] == [128, 128, 0, 0]
    assert [layer.window for layer in shape.layers] == [None, None, 256, 256]
    assert [layer.latent_rank for layer in shape.layers] == [512, 512, 768, 768]
    dense = from_config({**config, "use_dsa": False})
    assert {layer.indexer_dim for layer in dense.layers} == {0}


@pytest.mark.parametrize(
    "fields",
    [
        {"head_dim": 128},
        {"head_dim": 64, "linear_head_dim": 128, "linear_num_heads": 32},
    ],
    ids=["as published", "as transformers saves it"],
)
def test_ling_3_keeps_72_mib_of_state(fields):
    shape = from_config({"model_type": "bailing_hybrid", **fields})
    assert shape.kinds == {LayerKind.STATE: 35, LayerKind.LATENT: 7}
    one_layer = 3 * 32 * 128 * 3 * 2 + 32 * 128 * 128 * 4
    assert state_bytes(count(shape)) == 35 * one_layer  # 72.46 MiB
    assert 72.4 * MIB < 35 * one_layer < 72.5 * MIB


def test_glm_5_3_flash_pools_its_indexers_keys_and_transformers_keeps_them_whole():
    shape = from_config({"model_type": "glm5_next_text", "index_kpool": 4})
    assert count(shape).bytes_per_token == 11 * (512 + 128 // 4) * 2 == 11_968
    assert count(shape, "transformers").bytes_per_token == 11 * (512 + 2 * 128 + 1) * 2 == 16_918
    saved = from_config(
        {
            "model_type": "glm5_next",
            "text_config": {
                "model_type": "glm5_next_text",
                "index_kpool": 4,
                "num_hidden_layers": 4,
                "layer_types": ["linear_attention"] * 3 + ["full_attention"],
            },
        }
    )
    assert saved.layers[3].indexer_dim == 128


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"swa_num_key_value_heads": 16, "swa_head_dim": 128, "sconv_kernel_size": 4},
        {"swa_num_key_value_heads": 16, "local_layer_ids": [i for i in range(66) if (i + 1) % 6]},
    ],
    ids=["defaults", "fields of a checkpoint", "a list of layers"],
)
def test_inkling_has_16_kv_heads_in_its_windows_and_four_convolutions_a_layer(fields):
    shape = from_config({"model_type": "inkling_mm_model", "text_config": {"num_hidden_layers": 66}
                         | {"model_type": "inkling_text"} | fields})  # fmt: skip
    assert count(shape, context=1).bytes_per_token == 484 * 1024
    assert count(shape).bytes_per_token == 11 * 8 * 256 * 2  # once every window is full
    channels = 55 * (2 * 16 * 128 + 2 * 6144) + 11 * (2 * 8 * 128 + 2 * 6144)
    assert state_bytes(count(shape)) == channels * 3 * 4
    assert state_bytes(count(shape, "transformers")) == channels * 4 * 4
    assert not [text for text in shape.assumptions if "not understood" in text]


BERT = {
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "vocab_size": 30522,
    "max_position_embeddings": 512,
}
ENCODERS = ("bert", "roberta", "xlm-roberta", "electra", "distilbert", "modernbert", "deberta-v2")


@pytest.mark.parametrize("engine", engines.ENGINES)
@pytest.mark.parametrize("model_type", ENCODERS)
def test_encoders_keep_no_cache_and_every_engine_says_so(model_type, engine):
    shape = from_config({**BERT, "model_type": model_type})
    allocation = count(shape, engine, context=512)
    assert allocation.allocated_bytes == allocation.bytes_per_token == 0
    why = f"{model_type} is an encoder: it generates nothing and keeps no cache."
    assert why in allocation.assumptions


def test_what_was_made_for_masked_words_is_an_encoder_whatever_its_type():
    shape = from_config({**BERT, "model_type": "new", "architectures": ["NewForMaskedLM"]})
    assert shape.keeps_nothing


def test_bert_as_a_decoder_keeps_keys_and_values():
    shape = from_config({**BERT, "model_type": "bert", "is_decoder": True})
    assert count(shape).bytes_per_token == 6 * 2 * 384 * 2


def test_a_line_of_a_cache_is_of_another_model_than_an_encoder():
    line = "llama_kv_cache: size = 100.00 MiB ( 4096 cells, 6 layers, 1/1 seqs), K (f16): 50.00 MiB"
    found = check_log(line, from_config({**BERT, "model_type": "bert"}))
    assert found.agrees is False
    assert {finding.cause for finding in found.findings} == {
        "bert keeps no cache: the line is of another model."
    }


def test_loops_and_convolutions_of_other_types_are_counted():
    zaya = from_config({"model_type": "zaya"})
    assert zaya.layers[0].state_numbers == (8 + 2) * 128 * 2 + 2 * 128 // 2
    ends = {"n_input_layers": 2, "n_output_layers": 2}
    dory = {"model_type": "dory", "num_hidden_layers": 12, **ends}
    assert from_config(dory).n_layers == 12 + 8
    assert from_config({**dory, "recurrent_kv_cache_mode": "last_loop"}).n_layers == 12
