"""MiMo-V2: windows with heads of their own."""

from collections.abc import Mapping
from typing import Any

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import SLIDING, every
from attention.sentence import Sentence


def of_layer(
    fields: Fields, _index: int, layer_type: str, changes: Mapping[str, Any]
) -> tuple[Mapping[str, Any], str]:
    """Twice the KV heads in windows, as ``modeling_mimo_v2_flash.py`` has it."""
    if layer_type != SLIDING or changes:
        return changes, ""
    n_kv_heads = fields.number("n_kv_heads") or 1
    return (
        {"num_key_value_heads": 2 * n_kv_heads},
        Sentence("2 · num_key_value_heads, as its code has it in windows,"),
    )


def window(fields: Fields) -> int | None:
    """There ``sliding_window_size`` does not count the token itself."""
    before = fields.number("window", "sliding_window_size")
    if not before:
        return None
    field = fields.origins["window"]
    fields.origins["window"] = Sentence("{field} {n} + the token itself", field=field, n=before)
    return before + 1


FAMILIES = {
    "mimo_v2_flash": Family(
        layers=every(6, first=1), of_layer=of_layer, window=window, dense_at_start=1, is_summed=True
    ),
}
ALIASES = {"mimo_v2": "mimo_v2_flash"}
