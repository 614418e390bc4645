"""EXAONE."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import FULL, Rule, every


def only_with_window(rule: Rule) -> Rule:
    """The rule where the config has a window, else all full."""

    def checked(fields: Fields, n_layers: int) -> list[str]:
        return rule(fields, n_layers) if fields.number("window") else [FULL] * n_layers

    return checked


WINDOWS = only_with_window(every(4, "sliding_window_pattern"))

FAMILIES = {
    "exaone": Family(is_summed=True),
    "exaone4": Family(layers=WINDOWS, is_summed=True),
    "exaone_moe": Family(layers=WINDOWS, is_summed=True),
}
