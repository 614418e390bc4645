"""JetMoE, whose attention is a mixture of experts too."""

from attention.kv.read.family import Family
from attention.kv.read.fields import Fields


def n_heads(fields: Fields) -> int:
    """Its experts each have heads of their own."""
    n_kv_heads = fields.number("n_kv_heads") or 1
    of_token = fields.number("n_heads", "num_experts_per_tok") or 2
    fields.origins["n_heads"] = "num_key_value_heads · num_experts_per_tok"
    return n_kv_heads * of_token


FAMILIES = {"jetmoe": Family(n_heads=n_heads)}
