"""DeepSeek and models with its latent attention, its indexer or its compressed entries."""

from attention.kv.layer import Layer
from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import CSA, HCA, INDEXED, all_of, cycle


def minicpm3_v_head_dim(fields: Fields, n_heads: int) -> int:
    fields.origins["v_head_dim"] = "hidden_size / num_attention_heads"
    return (fields.number("d_model") or 0) // n_heads


def axk2_gate(fields: Fields, layer: Layer, d_model: int) -> int:
    """Query and gate come from two latents side by side (``AXK2Attention.q_gate_proj``)."""
    rank = fields.size("q_lora_rank") or d_model
    return rank * layer.n_heads * (layer.k_head_dim + 2 * layer.v_head_dim)


FAMILIES = {
    "axk1": Family(dense_at_start=1, is_summed=True),
    "axk2": Family(layers=all_of(INDEXED), gate=axk2_gate, dense_at_start=1, is_summed=True),
    "deepseek_v2": Family(is_summed=True),
    "deepseek_v3": Family(dense_at_start=3, is_summed=True),
    "deepseek_v32": Family(layers=all_of(INDEXED), dense_at_start=3, is_summed=True),
    # Two heavily compressed layers, then both kinds in turn.
    "deepseek_v4": Family(layers=cycle(HCA, CSA, start=(HCA, HCA)), k_serves_as_v=True),
    "minicpm3": Family(latent_v_head_dim=minicpm3_v_head_dim, is_summed=True),
    "sarvam_mla": Family(is_summed=True),
    "sarvam_moe": Family(is_summed=True),
    "unlimited_ocr_text": Family(layers=all_of("reference_sliding_attention")),
}
ALIASES = {"kimi_k2": "deepseek_v3"}
