"""Gemma: windows but for every so manieth layer, and wider heads where every token is seen."""

from collections.abc import Mapping
from typing import Any

from attention.kv.checks import ShapeError, shortened
from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
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


GEMMA_4 = Family(layers=every(6, last=True), of_layer=of_layer)

FAMILIES = {
    "gemma": Family(is_summed=True),
    "gemma2": Family(layers=every(2), is_summed=True),
    "gemma3_text": Family(layers=every(6, *PERIODS), is_summed=True),
    "gemma3n_text": Family(layers=every(5)),
    "gemma4_assistant": Family(of_layer=of_layer),
    "gemma4_text": GEMMA_4,
    "gemma4_unified_text": GEMMA_4,
    "diffusion_gemma_text": GEMMA_4,
    "recurrent_gemma": Family(layers=recurrent_gemma, states=griffin),
    "t5_gemma_module": Family(layers=every(2)),
    "t5gemma2_decoder": Family(layers=every(6, *PERIODS)),
    "vaultgemma": Family(layers=every(2), is_summed=True),
}
