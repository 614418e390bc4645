"""What a model offers to choose from, and what it has before anything is set by hand. Pure."""

from app.kinds import nearest
from app.memory.settings import Configuration
from app.parameters import Notice
from attention.config import divisors
from attention.kv.checks import LARGEST_NUMBER
from attention.kv.shape import ModelShape

MOST_HEADS = 4096  # above it no divisors are offered


def move_kv_heads(
    now: Configuration, built: ModelShape
) -> tuple[Configuration, tuple[Notice, ...]]:
    """KV heads moved to the nearest number that divides the heads, where these were changed."""
    n_heads, facts = dict(now.changes).get("n_heads"), built_facts(built)
    if n_heads is None:
        return now, ()
    kv_heads = dict(now.changes).get("n_kv_heads", facts["n_kv_heads"])
    if not kv_heads or n_heads % kv_heads == 0 or n_heads > MOST_HEADS:
        return now, ()
    value = nearest(divisors(n_heads), kv_heads)
    told = {"given": kv_heads, "value": value, "heads": n_heads}
    return now.change("n_kv_heads", value), (Notice("notice.kv_moved", told),)


def built_facts(shape: ModelShape) -> dict[str, int | None]:
    """The fields that can be set by hand, as the model has them; None where layers differ."""
    layers = [layer for layer in shape.layers if layer.n_kv_heads]

    def common(name: str) -> int | None:
        found = {getattr(layer, name) for layer in layers} - {0, None}
        return found.pop() if len(found) == 1 else None

    return {
        "n_heads": common("n_heads"),
        "n_kv_heads": common("n_kv_heads"),
        "head_dim": common("k_head_dim"),
        "v_head_dim": common("v_head_dim"),
        "window": common("window"),
        "latent_rank": common("latent_rank"),
        "rope_dim": common("rope_dim"),
        "n_layers": shape.n_layers,
        "d_model": shape.d_model,
        "max_context": shape.max_context,
        "vocab": shape.vocab,
        "parameters": shape.parameters,
    }


def kv_choices(n_heads: int | None, chosen: int | None) -> tuple[int, ...]:
    """KV head counts to offer; 0 stands for "as built", where layers differ."""
    offered = {1}
    if n_heads is not None and 1 <= n_heads <= MOST_HEADS:
        offered = set(divisors(n_heads))
    if chosen is None:
        return (0, *sorted(offered))
    return tuple(sorted(offered | {chosen}))


def context_choices(max_context: int | None, context: int) -> tuple[int, ...]:
    """Powers of two from 512, what the model was made for, and what is chosen."""
    most = max(max_context or 131_072, context)
    powers = {2**power for power in range(9, LARGEST_NUMBER.bit_length()) if 2**power <= most}
    return tuple(sorted(powers | {most, context}))
