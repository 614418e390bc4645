"""dots3: latents, wider in its sliding layers, whose config says ``full_attention`` for sparse."""

from collections.abc import Mapping
from typing import Any

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import FULL, INDEXED, SLIDING, every, full_is_indexed
from attention.sentence import Sentence

# configuration_dots3_note.py, where the config has no swa_ fields; the rotated part is what
# qk_nope_head_dim leaves of head_dim.
SLIDING_FIELDS = {
    "num_attention_heads": 64,
    "num_key_value_heads": 64,
    "kv_lora_rank": 1024,
    "head_dim": 256,
    "qk_nope_head_dim": 192,
    "v_head_dim": 128,
}
WINDOW = 512


def of_layer(
    fields: Fields, _index: int, layer_type: str, changes: Mapping[str, Any]
) -> tuple[Mapping[str, Any], str]:
    """What its class has for sliding layers, under what the config says."""
    if layer_type != SLIDING:
        return changes, ""
    if fields.given("per_layer_config")[0]:  # as transformers saves it: what differs, by layer
        return changes, "per_layer_config"
    taken = {**SLIDING_FIELDS, **changes}
    rotated = {"qk_rope_head_dim": taken["head_dim"] - taken["qk_nope_head_dim"]}
    return {**rotated, **taken}, "its class, for sliding layers,"


def window(fields: Fields) -> int:
    given = fields.number("window")
    if given is None:
        fields.origins["window"] = Sentence("its class, for sliding layers, {n}", n=WINDOW)
    return given or WINDOW


def listed(fields: Fields, types: list[str]) -> list[str]:
    """``use_dsa`` false turns the indexers off."""
    if fields.given("use_dsa")[1] is False:
        return [FULL if name == INDEXED else name for name in types]
    return full_is_indexed(fields, types)


def layers(fields: Fields, n_layers: int) -> list[str]:
    if fields.given("use_sliding_window")[1] is False:
        return [INDEXED] * n_layers
    return every(4, of=INDEXED, at=1, first=2)(fields, n_layers)


FAMILIES = {
    "dots3_note_text": Family(
        layers=layers, listed=listed, of_layer=of_layer, window=window, is_summed=True
    ),
}
