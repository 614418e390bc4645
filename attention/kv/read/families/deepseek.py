"""DeepSeek and models with its latent attention, its indexer or its compressed entries."""

from attention.kv.layer import Layer
from attention.kv.read.family import Family, Sizes
from attention.kv.read.fields import Fields
from attention.kv.read.rules import CSA, HCA, INDEXED, all_of, cycle


def minicpm3_v_head_dim(fields: Fields, n_heads: int) -> int:
    fields.origins["v_head_dim"] = "hidden_size / num_attention_heads"
    return (fields.number("d_model") or 0) // n_heads


def axk2_gate(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Query and gate come from two latents side by side (``AXK2Attention.q_gate_proj``)."""
    rank = fields.size("q_lora_rank") or d_model
    width = layer.n_heads * (layer.k_head_dim + 2 * layer.v_head_dim)
    return {**sizes, "self_attn.gate_proj": (width, rank)}


def v4(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Its attention (``DeepseekV4Attention``): one key for all heads that is V too, an output of
    low rank in groups, a compressor of entries, and streams (``DeepseekV4HyperConnection``)."""
    heads, width = layer.n_heads, layer.k_head_dim
    rank, groups = fields.size("q_lora_rank") or 0, fields.size("o_groups") or 1
    out = groups * (fields.size("o_lora_rank") or 0)
    parts: Sizes = {
        "q_a_proj": (rank, d_model),
        "q_b_proj": (heads * width, rank),
        "kv_proj": (width, d_model),
        "o_a_proj": (out, heads * width // groups),
        "o_b_proj": (d_model, out),
    }
    entry = width * (2 if layer.indexer_dim else 1)
    if layer.compress:
        parts |= {f"compressor.{name}_proj": (entry, d_model) for name in ("kv", "gate")}
    if layer.indexer_dim:
        n_heads, key = fields.size("index_n_heads") or 0, layer.indexer_dim
        place = "compressor.indexer"
        parts |= {f"{place}.{name}_proj": (2 * key, d_model) for name in ("kv", "gate")}
        parts |= {
            f"{place}.q_b_proj": (n_heads * key, rank),
            f"{place}.weights_proj": (n_heads, d_model),
        }
    streams = fields.size("hc_mult") or 4
    kept = {name: size for name, size in sizes.items() if not name.startswith("self_attn.")}
    return {
        **kept,
        **{f"self_attn.{name}": size for name, size in parts.items()},
        "streams": (2 * (2 + streams) * streams, streams * d_model),
    }


FAMILIES = {
    "axk1": Family(dense_at_start=1, is_summed=True),
    "axk2": Family(layers=all_of(INDEXED), weights=axk2_gate, dense_at_start=1, is_summed=True),
    "deepseek_v2": Family(is_summed=True),
    "deepseek_v3": Family(dense_at_start=3, is_summed=True),
    "deepseek_v32": Family(layers=all_of(INDEXED), dense_at_start=3, is_summed=True),
    # Two heavily compressed layers, then both kinds in turn.
    "deepseek_v4": Family(
        layers=cycle(HCA, CSA, start=(HCA, HCA)), k_serves_as_v=True, weights=v4, is_summed=True
    ),
    "minicpm3": Family(latent_v_head_dim=minicpm3_v_head_dim, is_summed=True),
    "sarvam_mla": Family(is_summed=True),
    "sarvam_moe": Family(is_summed=True),
    "unlimited_ocr_text": Family(layers=all_of("reference_sliding_attention")),
}
ALIASES = {"kimi_k2": "deepseek_v3"}
