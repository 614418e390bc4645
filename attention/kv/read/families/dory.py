"""Dory: the layers between the first and the last are passed more than once."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import every


def loop(fields: Fields, n_layers: int) -> tuple[int, int, int]:
    """The layers that are passed again, and how often (``modeling_dory.py``).

    One pass is counted where the last alone keeps a cache.
    """
    start = fields.number("loop", "n_input_layers", least=0) or 0
    behind = fields.number("loop", "n_output_layers", least=0) or 0
    looped = fields.number("loop", "n_recurrent_layers", least=0)
    end = n_layers - behind if looped is None else start + looped
    passes = fields.number("loop", "n_recurrent_loops") or 1
    if fields.value("recurrent_kv_cache_mode")[0] == "last_loop":
        passes = 1
    return start, end, passes


FAMILIES = {"dory": Family(layers=every(4), loop=loop)}
