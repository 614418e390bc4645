"""ModernBERT as a decoder."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import every


def window(fields: Fields) -> int:
    """``local_attention`` counts both sides; a decoder looks at one."""
    both_ways = fields.number("window", "local_attention") or 0
    fields.origins["window"] += f": half of its {both_ways} tokens"
    return both_ways // 2


FAMILIES = {
    "modernbert-decoder": Family(
        layers=every(3, "global_attn_every_n_layers", at=0), window=window, is_summed=True
    ),
}
