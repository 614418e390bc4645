"""What config files call the numbers that decide a cache, in the order in which they are read.

``num_key_value_heads`` of one model is ``n_head_kv`` of another. A dot goes into a nested object:
``attn_config.kv_n_heads`` is MPT's and DBRX's. The names were read in transformers 5.24
(``models/*/configuration_*.py``, with the ``attribute_map`` of each class) and in the remote-code
configs of ChatGLM, Qwen 1, InternLM, OpenELM, DeciLM and MiniMax.
"""

NAMES: dict[str, tuple[str, ...]] = {
    "n_layers": (
        "num_hidden_layers",
        "n_layer",
        "n_layers",
        "num_layers",
        "num_transformer_layers",
        "layers",
        "decoder_layers",
    ),
    "decoder_layers": ("decoder_layers", "num_decoder_layers", "decoder_num_hidden_layers"),
    "n_heads": (
        "num_attention_heads",
        "n_head",
        "n_heads",
        "num_heads",
        "num_query_heads",
        "attention_heads",
        "decoder_attention_heads",
    ),
    "decoder_heads": (
        "decoder_attention_heads",
        "decoder_num_attention_heads",
        "num_decoder_attention_heads",
    ),
    "n_kv_heads": (
        "num_key_value_heads",
        "num_kv_heads",
        "n_head_kv",
        "n_kv_heads",
        "kv_n_heads",
        "attn_config.kv_n_heads",
        "num_attention_groups",
        "multi_query_group_num",
        "decoder_num_key_value_heads",
    ),
    "head_dim": (
        "head_dim",
        "attention_head_dim",
        "attn_head_dim",
        "kv_channels",
        "d_kv",
        "d_head",
        "head_size",
        "attn_config.head_dim",
    ),
    "v_head_dim": ("v_head_dim", "value_head_dim"),
    "d_model": (
        "hidden_size",
        "n_embd",
        "d_model",
        "n_embed",
        "model_dim",
        "embed_dim",
        "emb_dim",
    ),
    "max_context": (
        "max_position_embeddings",
        "model_max_length",
        "max_target_positions",
        "n_positions",
        "n_ctx",
        "max_seq_len",
        "max_sequence_length",
        "seq_length",
        "max_context_length",
    ),
    "vocab": ("vocab_size", "padded_vocab_size", "n_vocab"),
    "window": (
        "sliding_window",
        "sliding_window_size",
        "attention_window_size",
        "local_attention_window",
        "window_length",
    ),
    "chunk": ("attention_chunk_size",),
    "latent_rank": ("kv_lora_rank",),
    "rope_dim": ("qk_rope_head_dim",),
    "nope_dim": ("qk_nope_head_dim",),
    "indexer_dim": (
        "index_head_dim",
        "indexer_head_dim",
        "sparse_attention_config.sparse_index_dim",
    ),
    "shared_layers": ("num_kv_shared_layers",),
}

# Fields that are read by the name that they have in every config.
OTHER_NAMES = (
    "multi_query",
    "multi_query_attention",
    "new_decoder_architecture",
    "use_sliding_window",
    "max_window_layers",
    "sliding_window_pattern",
    "global_attn_every_n_layers",
    "layer_group_size",
    "attn_layer_period",
    "attn_layer_offset",
    "no_rope_layer_interval",
    "block_types",
    "cross_attention_layers",
    "is_encoder_decoder",
    "max_source_positions",
    "attention_k_eq_v",
    "num_sliding_attention_heads",
    "local_attention",
    "cross_hidden_size",
    "cross_num_key_value_heads",
    "lru_width",
    "conv1d_width",
    "conv_L_cache",
    "linear_conv_kernel_dim",
    "linear_key_head_dim",
    "linear_value_head_dim",
    "linear_num_key_heads",
    "linear_num_value_heads",
    "linear_head_dim",
    "linear_num_heads",
    "short_conv_kernel_size",
    "ssm_state_size",
    "state_size",
    "mamba_num_heads",
    "mamba_head_dim",
    "mamba_n_heads",
    "mamba_d_head",
    "mamba_d_ssm",
    "mamba_d_state",
    "mamba_d_conv",
    "mamba_expand",
    "mamba_n_groups",
    "mamba_ngroups",
    "mamba_ssm_cache_dtype",
    "n_mamba_heads",
    "n_groups",
    "conv_kernel",
    "expand",
    "attention_hidden_size",
    "cca_time0",
    "cca_time1",
    "index_topk_freq",
    "prefix_dense_sliding_window_pattern",
    "kv_source_layers",
)

# For the estimate of parameters alone.
SIZE_NAMES = (
    "intermediate_size",
    "ffn_hidden_size",
    "n_inner",
    "ffn_dim",
    "d_ff",
    "q_lora_rank",
    "index_n_heads",
    "tie_word_embeddings",
    "hidden_act",
)

# Of a mixture's experts: how many, how wide, in which layers.
EXPERT_NAMES = (
    *("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"),
    *("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "top_k_experts"),
    *("num_selected_experts", "experts_per_token", "moe_top_k"),
    *("moe_intermediate_size", "expert_ffn_hidden_size", "shared_intermediate_size"),
    *("shared_expert_intermediate_size", "prefix_dense_intermediate_size"),
    *("n_shared_experts", "num_shared_experts", "moe_num_shared_experts"),
    *("first_k_dense_replace", "num_dense_layers", "mlp_layer_types", "mlp_only_layers"),
    *("decoder_sparse_step", "interleave_moe_layer_step", "moe_layers", "moe_layers_enum"),
    *("moe_layer_freq", "moe_layer_interval", "moe_layer_start_index", "moe_every_n_layers"),
    *("expert_layer_period", "expert_layer_offset"),
)


def every_name() -> frozenset[str]:
    """All of them, nested ones with their dots."""
    of_numbers = (name for names in NAMES.values() for name in names)
    return frozenset((*of_numbers, *OTHER_NAMES, *SIZE_NAMES, *EXPERT_NAMES))
