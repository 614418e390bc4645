"""Gemma: windows but for every so manieth layer, and wider heads where every token is seen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from attention.kv.checks import ShapeError, shortened
from attention.kv.layer import Layer, LayerKind
from attention.kv.read.family import Family, Sizes
from attention.kv.read.fields import Fields
from attention.kv.read.matrices import gated
from attention.kv.read.rules import FULL, LINEAR, SLIDING, cycle, every
from attention.kv.read.states import griffin

PERIODS = ("sliding_window_pattern", "_sliding_window_pattern")
PLACE = "global_head_dim or num_global_key_value_heads"


def of_layer(
    fields: Fields, _index: int, layer_type: str, changes: Mapping[str, Any]
) -> tuple[Mapping[str, Any], str]:
    """Gemma 4: wider heads, and perhaps fewer, where every token is seen."""
    if layer_type != FULL:
        return changes, ""
    if fields.given("per_layer_config")[0]:
        return changes, PLACE
    wider = {"head_dim": fields.given("global_head_dim")[1] or 512}
    _, n_kv_heads = fields.given("num_global_key_value_heads")
    if n_kv_heads and fields.flag("attention_k_eq_v"):
        wider["num_key_value_heads"] = n_kv_heads
    return {**changes, **wider}, PLACE


def recurrent_gemma(fields: Fields, n_layers: int) -> list[str]:
    """``block_types`` over and over; its attention always has a window."""
    block_types = fields.value("block_types")[0] or ["recurrent", "recurrent", "attention"]
    known = {"recurrent": LINEAR, "attention": SLIDING}
    for entry in block_types:
        if not isinstance(entry, str) or entry not in known:
            raise ShapeError(
                "{entry} in block_types is no recurrent or attention.", entry=shortened(entry)
            )
    return cycle(*(known[entry] for entry in block_types))(fields, n_layers)


def gemma4_weights(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """Layers that share keys have none of their own, and perhaps twice the width; experts stand
    beside the dense feed-forward; and each layer has an input of its own (``modeling_gemma4.py``).
    """
    shares, width = layer.kind is LayerKind.SHARED, fields.size("intermediate_size") or 0
    gone = {"self_attn.k_proj", "self_attn.v_proj"} if shares else set()
    if fields.flag("attention_k_eq_v") and layer.window is None:
        gone = gone | {"self_attn.v_proj"}
    sizes = {name: size for name, size in sizes.items() if name not in gone}
    doubled = 2 if shares and fields.flag("use_double_wide_mlp") else 1
    sizes |= gated("mlp", d_model, width * doubled) | {"norms": (4 * d_model, 1)}
    if own := fields.size("hidden_size_per_layer_input"):
        sizes |= {"per_layer_input_gate": (own, d_model), "per_layer_projection": (d_model, own)}
    return sizes


def gemma3n_weights(fields: Fields, layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """As Gemma 4, with a way around attention of low rank, and four streams (AltUp)."""
    shares = layer.kind is LayerKind.SHARED
    gone = {"self_attn.k_proj", "self_attn.v_proj"} if shares else set()
    sizes = {name: size for name, size in sizes.items() if name not in gone}
    own, rank = fields.size("hidden_size_per_layer_input") or 0, fields.size("laurel_rank") or 0
    streams = fields.size("altup_num_inputs") or 1
    return {
        **sizes,
        "per_layer_input_gate": (own, d_model),
        "per_layer_projection": (d_model, own),
        "laurel.linear_left": (rank, d_model),
        "laurel.linear_right": (d_model, rank),
        "altup.streams": (streams, d_model + streams * (streams + 1)),
        "norms": (8 * d_model, 1),
    }


def gemma3n_outside(fields: Fields, n_layers: int, d_model: int) -> Sizes:
    """Beside the second embedding, the ways into the other streams and out of them."""
    others = (fields.size("altup_num_inputs") or 1) - 1
    ways = {"altup_projections": (d_model, d_model, 2 * others)} if others else {}
    return {**per_layer_inputs(fields, n_layers, d_model), **ways}


def per_layer_inputs(fields: Fields, n_layers: int, d_model: int) -> Sizes:
    """A second embedding, with a vector for each layer."""
    width = n_layers * (fields.size("hidden_size_per_layer_input") or 0)
    vocab = fields.size("vocab_size_per_layer_input") or 0
    return {
        "embed_tokens_per_layer": (vocab, width),
        "per_layer_model_projection": (width, d_model),
    }


GEMMA_4 = Family(
    layers=every(6, last=True),
    of_layer=of_layer,
    weights=gemma4_weights,
    outside=per_layer_inputs,
    is_summed=True,
)

FAMILIES = {
    "gemma": Family(is_summed=True),
    "gemma2": Family(layers=every(2), is_summed=True),
    "gemma3_text": Family(layers=every(6, *PERIODS), is_summed=True),
    "gemma3n_text": Family(
        layers=every(5),
        weights=gemma3n_weights,
        outside=gemma3n_outside,
        is_summed=True,
    ),
    "gemma4_assistant": Family(of_layer=of_layer),
    "gemma4_text": GEMMA_4,
    "gemma4_unified_text": GEMMA_4,
    "diffusion_gemma_text": replace(GEMMA_4, is_summed=False),
    "recurrent_gemma": Family(layers=recurrent_gemma, states=griffin),
    "t5_gemma_module": Family(layers=every(2)),
    "t5gemma2_decoder": Family(layers=every(6, *PERIODS)),
    "vaultgemma": Family(layers=every(2), is_summed=True),
}
