"""Naming what a config says and this library does not understand: never a silent guess."""

import re

from attention.kv.checks import shortened
from attention.kv.read.defaults import VERSION
from attention.kv.read.fields import Fields
from attention.kv.read.names import every_name
from attention.sentence import Sentence

# Words in the name of a field that may decide how large a cache is.
HINTS = re.compile(
    r"lora_rank|state_size|d_state|ssm|mamba|window|chunk_size|compress|latent|kv_|_kv|key_value"
    r"|share|linear_attn|index|recurrent|lru|loop|cycle|conv|hybrid|memory|cache|layer_types|sink"
    r"|block_type"
)
# Fields that match, and do not: positions, training, images, sampling, other layers' widths.
HARMLESS = re.compile(
    r"^(use_cache|cache_implementation|q_lora_rank|o_lora_rank|.*token_(id|index)|.*dropout.*"
    r"|.*_scale.*|.*multiplier.*|.*shared_(expert|head|intermediate).*|share_expert.*|.*experts.*"
    r"|mlp_layer_types|mtp_.*|.*_bias|tie_.*|share_embeddings.*|.*softcap.*|use_.*kernels?"
    r"|use_mem_eff_path|.*time_step.*|.*dt_.*|.*chunk_size|conv_act.*|.*conv_bias|use_conv_bias"
    r"|quantization_config|.*rope.*|.*init.*|.*norm.*|.*_act|window_layers|use_bidirectional.*"
    r"|image_.*|video_.*|audio_.*|vision_.*|.*num_mem_blocks|index_(n_heads|topk.*|block_size"
    r"|local_blocks|skip.*)|indexer_(n_heads|kv_heads|budget)|attn_type_list|compress_rope_theta"
    r"|key_value_group_size|.*_source_layers|kda_.*|kv_channels|max_window_layers|clip_qkv"
    r"|cla_share_factor|use_cla|linear_(allow|a_log|lower).*|mamba_(proj|conv|rms|norm|hidden).*"
    r"|.*memory_size|conditional.*|attention_sink.*|.*_sinks?|share_attention_.*|hidden_mamba_act"
    r"|pretraining_tp|use_shared_attention_adapter|.*gate.*|mamba_headdim|full_attn_idxs"
    r"|number_of_conv_states|hc_.*|keep_window_size|moe_layer_.*|resampler.*|share_encoder_.*"
    r"|encoder_.*|conv_(depthwise|channels|kernel_sizes|dim|stride).*|num_conv.*|index_kpool.*"
    r"|linear_attn_(alpha|beta).*|ple_.*"
    r"|linear_conv_.*|short_conv_.*|block_ffn.*|use_qk_.*)$"
)
READ = frozenset(name.split(".")[0] for name in every_name()) | frozenset(
    (
        "layer_types",
        "layers_block_type",
        "hybrid_override_pattern",
        "compress_ratios",
        "compress_rates",
        "indexer_types",
        "linear_attn_config",
        "sparse_attention_config",
        "attn_layer_indices",
        "hybrid_layer_ids",
        "hybrid_layer_pattern",
        "kv_sharing_map",
        "num_key_value_layers",
        "num_key_value_heads_per_layer",
        "per_layer_config",
        "no_rope_layers",
        "block_configs",
        "num_global_key_value_heads",
        "swa_num_key_value_heads",
        "sconv_kernel_size",
        "loop_config",
        "window_size",
        "attention_types",
        "attention_layers",
        "full_attention_interval",
        "_sliding_window_pattern",
    )
)
MOST_NAMED = 6


def note_unknown(fields: Fields) -> None:
    """Add to the assumptions: an unknown model type, and fields that hint at more."""
    if not fields.is_known:
        shown = shortened(fields.model_type) if fields.model_type else "none"
        fields.assume(
            Sentence(
                "model_type {shown} is not among those known here: the config was read by the "
                "names of its fields, and what it leaves out has no default.",
                shown=shown,
            )
        )
    hints = [name for name in fields.data if _hints(fields, name)]
    if hints:
        named = ", ".join(shortened(name).strip("'") for name in hints[:MOST_NAMED])
        more = (
            Sentence(" and {n_hints} more", n_hints=len(hints) - MOST_NAMED)
            if len(hints) > MOST_NAMED
            else ""
        )
        fields.assume(
            Sentence(
                "Fields that may matter to a cache and were not understood: {named}{more}.",
                named=named,
                more=more,
            )
        )


def note_defaults(fields: Fields) -> None:
    """Add one sentence that names the defaults that were taken."""
    if not fields.defaulted:
        return
    taken = ", ".join(f"{name} {value}" for name, value in sorted(fields.defaulted.items()))
    fields.assume(
        Sentence(
            "Not in the config, so taken from the defaults of {model_type} in transformers "
            "{version}: {taken}.",
            model_type=fields.model_type,
            version=VERSION,
            taken=taken,
        )
    )


def _hints(fields: Fields, name: str) -> bool:
    value = fields.data[name]
    if value in (None, False, "", [], {}) or name in READ or name in fields.defaults:
        return False
    return bool(HINTS.search(name)) and not HARMLESS.match(name)
