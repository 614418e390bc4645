"""SmolLM3."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import FULL, SLIDING, ropes


def smollm3(fields: Fields, n_layers: int) -> list[str]:
    """Windows, if any, in the layers without positions."""
    if not fields.flag("use_sliding_window") or not fields.number("window"):
        return [FULL] * n_layers
    return [FULL if rope else SLIDING for rope in ropes(fields, n_layers)]


FAMILIES = {"smollm3": Family(layers=smollm3, is_summed=True)}
