"""Mistral."""

from collections.abc import Mapping
from typing import Any

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import INDEXED, all_of, has_rope
from attention.sentence import Sentence


def large4_layer(
    fields: Fields, index: int, _layer_type: str, changes: Mapping[str, Any]
) -> tuple[Mapping[str, Any], str]:
    """Layers without positions keep no rotated key: it is part of the latent's heads instead."""
    if has_rope(fields, index):
        return changes, ""
    rope = fields.number("rope_dim", least=0) or 0
    nope = fields.number("nope_dim", least=0) or 0
    without = {"qk_rope_head_dim": 0, "qk_nope_head_dim": nope + rope}
    return {**changes, **without}, Sentence("no_rope_layers, without positions,")


FAMILIES = {
    "ministral3": Family(is_summed=True),
    "mistral": Family(is_summed=True),
    "mistral_large4_text": Family(layers=all_of(INDEXED), of_layer=large4_layer),
    "mixtral": Family(is_summed=True),
}
