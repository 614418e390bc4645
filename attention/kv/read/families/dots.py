"""dots3: latents, wider in its sliding layers."""

from collections.abc import Mapping
from typing import Any

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import INDEXED, SLIDING, every

# configuration_dots3_note.py, where the config has no swa_ fields.
SLIDING_FIELDS = {
    "num_attention_heads": 64,
    "num_key_value_heads": 64,
    "kv_lora_rank": 1024,
    "qk_nope_head_dim": 192,
}


def of_layer(
    _fields: Fields, layer_type: str, changes: Mapping[str, Any]
) -> tuple[Mapping[str, Any], str]:
    """What its class has for sliding layers, under what the config says."""
    if layer_type != SLIDING:
        return changes, ""
    return {**SLIDING_FIELDS, **changes}, "its class, for sliding layers,"


FAMILIES = {
    "dots3_note_text": Family(
        layers=every(4, of=INDEXED, at=1, first=2),
        of_layer=of_layer,
        is_summed=True,
    ),
}
