"""Every causal type of transformers, small: random weights, a short text, and its cache then."""

import torch
from transformers import AutoModelForCausalLM
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

TYPES = tuple(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
TOKENS = 13
WINDOW = 8
MOST_PARAMETERS = 12_000_000

WIDTHS = ("hidden_size", "d_model", "n_embd", "dim", "emb_dim", "embedding_size")
DEPTHS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "layers")
HEADS = (
    "num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads",
    "decoder_attention_heads", "num_encoder_attention_heads", "num_decoder_attention_heads",
)  # fmt: skip
INNER = (
    "intermediate_size", "ffn_dim", "encoder_ffn_dim", "decoder_ffn_dim", "dim_ff", "n_inner",
    "ffn_hidden_size", "moe_intermediate_size", "expert_ffn_hidden_size", "intermediate_size_mlp",
    "shared_intermediate_size", "shared_expert_intermediate_size", "dense_intermediate_size",
    "shared_experts_intermediate_size", "prefix_dense_intermediate_size",
)  # fmt: skip
EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
# What is set where a config has the field, whatever its type.
SMALL = {
    **dict.fromkeys(WIDTHS, 64),
    **dict.fromkeys(DEPTHS, 6),
    **dict.fromkeys(HEADS, 4),
    **dict.fromkeys(INNER, 48),
    **dict.fromkeys(EXPERTS, 4),
    **dict.fromkeys(("encoder_layers", "num_encoder_layers"), 3),
    **dict.fromkeys(("decoder_layers", "num_decoder_layers"), 3),
    **dict.fromkeys(("vocab_size", "text_vocab_size", "vocab_size_per_layer_input"), 99),
    **dict.fromkeys(("max_position_embeddings", "n_positions", "max_source_positions"), 64),
    **dict.fromkeys(("max_target_positions",), 64),
    **dict.fromkeys(
        (
            "num_experts_per_tok",
            "num_experts_per_token",
            "n_group",
            "topk_group",
            "num_expert_group",
            "moe_topk",
            "moe_k",
        ),
        1,
    ),
    "num_key_value_heads": 2,
    "num_kv_heads": 2,
    "head_dim": 16,
    "hidden_size_per_layer_input": 8,
    "index_head_dim": 8,
    "index_n_heads": 2,
    "index_topk": 4,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
# Set only where the class has them: without, a model has none.
IF_ANY = {"sliding_window": WINDOW, "sliding_window_size": WINDOW, "attention_chunk_size": WINDOW}
LATENT = {
    "num_key_value_heads": 4,
    "kv_lora_rank": 12,
    "q_lora_rank": 8,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 6,
    "v_head_dim": 5,
}
DECODER = {"is_decoder": True, "is_encoder_decoder": False}
WINDOWS = ["sliding_attention", "full_attention"] * 2
FOUR = {"num_hidden_layers": 4}
OWN = {  # what a class does not take small, or wants besides
    "bailing_hybrid": {"head_dim": 8, "layer_group_size": 3, "num_expert_group": 1},
    "bamba": {"attn_layer_indices": [1, 3], "mamba_n_heads": 8, "mamba_d_state": 6},
    "codegen": {"rotary_dim": 8},
    "cohere_compass_text": {
        "rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 10000.0}}
    },
    "cpmant": {"dim_head": 16, "prompt_length": 2},
    "deepseek_v4": {
        "compress_ratios": [0, 4, 128],
        "num_hidden_layers": 3,
        "num_key_value_heads": 1,
        "o_groups": 2,
        "o_lora_rank": 8,
        "num_hash_layers": 0,
    },
    "dory": {"n_input_layers": 2, "n_output_layers": 1},
    "dots1": {"first_k_dense_replace": 1, "n_shared_experts": 1},
    "dots3_note_text": {
        "n_shared_experts": 1,
        "swa_num_attention_heads": 4,
        "swa_num_key_value_heads": 4,
        "swa_q_lora_rank": 8,
        "swa_kv_lora_rank": 20,
        "swa_head_dim": 12,
        "swa_qk_nope_head_dim": 8,
        "swa_v_head_dim": 6,
        "sliding_window": WINDOW,
        "head_dim": 10,
    },
    "falcon_h1": {"mamba_d_ssm": 128, "mamba_n_heads": 8, "mamba_d_state": 6},
    "falcon_mamba": {"intermediate_size": None, "state_size": 6},
    "gemma3n_text": {
        **FOUR,
        "layer_types": WINDOWS,
        "num_kv_shared_layers": 2,
        "intermediate_size": [32] * 4,
        "activation_sparsity_pattern": [0.0] * 4,
        "laurel_rank": 4,
        "altup_num_inputs": 2,
    },
    "gemma4_text": {
        **FOUR,
        "layer_types": WINDOWS,
        "num_kv_shared_layers": 0,
        "global_head_dim": 32,
        "num_global_key_value_heads": 1,
        "attention_k_eq_v": True,
    },
    "gpt_neo": {"attention_types": [[["global", "local"], 3]], "window_size": WINDOW},
    "gptj": {"rotary_dim": 8},
    "granitemoehybrid": {
        "layer_types": ["mamba", "attention", "mamba"] * 2,
        "mamba_n_heads": 8,
        "mamba_d_state": 6,
    },
    "inkling2_loop_text": {
        "num_hidden_layers": 12,
        "loop_layer_index_start": 6,
        "loop_layer_index_end": 12,
        "loop_num_passes": 2,
        "unpadded_vocab_size": 99,
    },
    "inkling2_text": {"unpadded_vocab_size": 99, "loop_gate_rank": 4},
    "jamba": {"attn_layer_period": 3, "attn_layer_offset": 1, "use_mamba_kernels": False},
    "kimi_linear": {"linear_head_dim": 8, "linear_num_heads": 4},
    "lfm2_moe": {"layer_types": ["conv", "full_attention"] * 3, "num_dense_layers": 1},
    "longcat_flash": {"num_layers": 3, "zero_expert_num": 2, "moe_topk": 2},
    "mamba": {"intermediate_size": None, "state_size": 6},
    "mamba2": {"num_heads": 8, "head_dim": 16, "state_size": 6, "n_groups": 2},
    "mllama_text_model": {"cross_attention_layers": [3]},
    "modernbert-decoder": {"sliding_window": None, "local_attention": 2 * WINDOW},
    "nemotron_h": {
        "layers_block_type": ["mamba", "attention", "moe", "mamba", "attention", "mlp"],
        "mamba_num_heads": 8,
        "mamba_head_dim": 16,
        "ssm_state_size": 6,
        "n_groups": 2,
        "use_mamba_kernels": False,
    },
    "qwen4_exp_text": {
        "indexer_n_heads": 2,
        "indexer_kv_heads": 1,
        "indexer_head_dim": 16,
        "indexer_budget": 8,
        "indexer_compress_ratio": 2,
    },
    "roc_bert": {"pronunciation_vocab_size": 99, "shape_vocab_size": 99},
    "xmod": {"default_language": "en_XX", "languages": ["en_XX"]},
    "zamba": {
        "layers_block_type": ["mamba", "mamba", "hybrid"] * 2,
        "n_mamba_heads": 2,
        "num_key_value_heads": 4,
        "mamba_d_state": 6,
        "use_mamba_kernels": False,
    },
    "zamba2": {
        "layers_block_type": ["mamba", "hybrid"] * 3,
        "num_key_value_heads": 4,
        "n_mamba_heads": 8,
        "mamba_d_state": 6,
        "mamba_ngroups": 2,
        "use_mamba_kernels": False,
    },
}


def small_config(model_type):
    """The config of that type with every size small, and layers of each kind that it has."""
    whole = CONFIG_MAPPING[model_type]
    known = whole().to_dict()
    return whole(**_small(known, OWN.get(model_type, {})))


def _small(known, own):
    found = {name: value for name, value in SMALL.items() if name in known}
    found |= {name: value for name, value in IF_ANY.items() if known.get(name)}
    if known.get("kv_lora_rank"):
        found |= {name: value for name, value in LATENT.items() if name in known}
        found |= {name: 4 for name in ("head_dim",) if name in known}  # the rotated part
    if known.get("model_type") not in ("trocr", "xlm") and "is_decoder" in known:
        found |= {name: value for name, value in DECODER.items() if name in known}
    for name, value in known.items():
        if isinstance(value, dict) and "model_type" in value:
            inner = OWN.get(value["model_type"], {})
            found[name] = {"model_type": value["model_type"], **_small(value, inner)}
    found |= own
    return {name: value for name, value in found.items() if value is not None}


def run(config):
    """The cache of a model of that config after one pass over ``TOKENS`` tokens, in bfloat16.

    Raises:
        MemoryError: more parameters than a test should make.
    """
    with torch.device("meta"):
        n_parameters = AutoModelForCausalLM.from_config(config).num_parameters()
    if n_parameters > MOST_PARAMETERS:
        raise MemoryError(f"{n_parameters} parameters: make it smaller")
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).eval()
    with torch.no_grad():
        out = model(torch.randint(3, 90, (1, TOKENS)), use_cache=True)
    names = ("past_key_values", "cache", "cache_params")
    cache = next((out[name] for name in names if out.get(name) is not None), None)
    return getattr(cache, "self_attention_cache", cache)
