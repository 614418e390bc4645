"""Scaled-down models of many architectures, with random weights: their caches are what counts."""

from transformers import AutoConfig, AutoModel

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 64,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
WINDOWS = ["sliding_attention", "full_attention"] * 2
EXPERTS = {"moe_intermediate_size": 16, "num_experts_per_tok": 1, "n_group": 1, "topk_group": 1}
LATENT = {
    "kv_lora_rank": 16,
    "q_lora_rank": 16,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 8,
    "v_head_dim": 6,
    "num_key_value_heads": 4,
    "n_routed_experts": 2,
    **EXPERTS,
}
DELTA_NET = {
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
    "head_dim": 8,
}
MAMBA2 = {"n_groups": 1, "state_size": 8, "num_heads": 8, "head_dim": 8, "expand": 2}

MODELS = {
    "llama": {},
    "qwen3": {"head_dim": 16},
    "gpt2": {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64},
    "gpt_bigcode": {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64},
    "falcon": {"multi_query": True, "new_decoder_architecture": False},
    "mistral": {"sliding_window": 5},
    "phi3": {"sliding_window": 6},
    "gemma2": {"sliding_window": 5, "head_dim": 8},
    "gemma3_text": {"sliding_window": 5, "head_dim": 8, "layer_types": WINDOWS},
    "cohere2": {"sliding_window": 7, "head_dim": 8, "layer_types": WINDOWS},
    "gpt_oss": {
        "sliding_window": 5,
        "head_dim": 8,
        "layer_types": WINDOWS,
        "num_local_experts": 2,
        "num_experts_per_tok": 1,
    },
    "gemma3n_text": {
        "sliding_window": 5,
        "head_dim": 8,
        "layer_types": WINDOWS,
        "num_kv_shared_layers": 2,
        "hidden_size_per_layer_input": 8,
        "vocab_size_per_layer_input": 64,
        "laurel_rank": 4,
        "altup_num_inputs": 2,
        "intermediate_size": [32] * 4,
        "activation_sparsity_pattern": [0.0] * 4,
    },
    "llama4_text": {
        "attention_chunk_size": 6,
        "head_dim": 8,
        "intermediate_size_mlp": 32,
        "num_local_experts": 2,
        "num_experts_per_tok": 1,
    },
    "deepseek_v3": LATENT,
    "deepseek_v32": {**LATENT, "index_head_dim": 8, "index_n_heads": 2, "index_topk": 4},
    "qwen3_next": {**DELTA_NET, "num_experts": 2, **EXPERTS, "shared_expert_intermediate_size": 16},
    "mamba": {"state_size": 8, "num_hidden_layers": 3, "intermediate_size": 64},
    "mamba2": {**MAMBA2, "num_hidden_layers": 3},
    "lfm2": {"layer_types": ["conv", "full_attention"] * 2, "block_ff_dim": 32},
    "jamba": {
        "mamba_d_state": 8,
        "attn_layer_period": 2,
        "attn_layer_offset": 1,
        "num_experts": 2,
        "num_experts_per_tok": 1,
    },
    "falcon_h1": {
        "mamba_d_ssm": 64,
        "mamba_n_heads": 8,
        "mamba_d_head": 8,
        "mamba_d_state": 8,
        "mamba_n_groups": 1,
        "head_dim": 8,
    },
    "gemma4_text": {
        "sliding_window": 5,
        "head_dim": 8,
        "global_head_dim": 16,
        "num_global_key_value_heads": 1,
        "layer_types": WINDOWS,
        "num_kv_shared_layers": 0,
        "hidden_size_per_layer_input": 8,
        "vocab_size_per_layer_input": 64,
        "attention_k_eq_v": True,
    },
    "qwen3_5_text": DELTA_NET,
    "nemotron_h": {
        "layers_block_type": ["mamba", "attention", "moe", "attention"],
        "mamba_num_heads": 8,
        "mamba_head_dim": 8,
        "ssm_state_size": 8,
        "n_groups": 1,
        "head_dim": 8,
        "n_routed_experts": 2,
        **EXPERTS,
        "moe_shared_expert_intermediate_size": 16,
    },
    "deepseek_v4": {
        "head_dim": 16,
        "num_key_value_heads": 1,
        "qk_rope_head_dim": 4,
        "q_lora_rank": 16,
        "o_lora_rank": 8,
        "o_groups": 2,
        "sliding_window": 5,
        "index_head_dim": 8,
        "index_n_heads": 2,
        "index_topk": 2,
        "n_routed_experts": 2,
        **EXPERTS,
        "layer_types": [
            "heavily_compressed_attention",
            "compressed_sparse_attention",
            "compressed_sparse_attention",
            "heavily_compressed_attention",
        ],
        "compress_rates": {"compressed_sparse_attention": 2, "heavily_compressed_attention": 4},
    },
    "bart": {
        "d_model": 32,
        "encoder_layers": 2,
        "decoder_layers": 3,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 32,
        "decoder_ffn_dim": 32,
    },
    "t5": {"d_model": 32, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 4},
}


def tiny(model_type):
    """A model of that type in float32, ready to run; and its config."""
    known = AutoConfig.for_model(model_type).to_dict()
    wanted = {**{k: v for k, v in SMALL.items() if k in known}, **MODELS[model_type]}
    config = AutoConfig.for_model(model_type, **wanted)
    config._attn_implementation = "eager"
    return AutoModel.from_config(config).eval()
