"""Falcon, whose ``num_kv_heads`` does not always count."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.heads import ONE_HEAD, all_heads
from attention.kv.read.mixers import mamba1_alone, mamba2
from attention.kv.read.rules import HYBRID, LINEAR, all_of


def n_kv_heads(fields: Fields, n_heads: int) -> int:
    """``num_kv_heads`` counts in the new architecture, or without multi-query."""
    if fields.flag("multi_query") and not fields.flag("new_decoder_architecture"):
        fields.origins["n_kv_heads"] = ONE_HEAD
        return 1
    return fields.number("n_kv_heads") or all_heads(fields, n_heads)


FAMILIES = {
    "falcon": Family(n_kv_heads=n_kv_heads, matrices=2, width_factor=4, is_summed=True),
    "falcon_h1": Family(layers=all_of(HYBRID), weights=mamba2, is_summed=True),
    "falcon_mamba": Family(layers=all_of(LINEAR), weights=mamba1_alone, is_summed=True),
}
ALIASES = {"RefinedWebModel": "falcon"}
