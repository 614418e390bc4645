"""MiniMax: lightning attention, and later sparse attention."""

from attention.kv.read import mixers
from attention.kv.read.family import Family
from attention.kv.read.fields import Fields
from attention.kv.read.rules import FULL, LINEAR, all_of, every
from attention.kv.read.states import divided, recurrent, size
from attention.kv.shape import State


def lightning(fields: Fields) -> tuple[State, ...]:
    """Lightning attention (MiniMax-01, arXiv 2501.08313): a square matrix for each head."""
    n_heads = size(fields, "num_attention_heads")
    given = fields.number("states.head_dim", "head_dim")
    d_model = fields.number("d_model") or n_heads[1]
    head_dim = ("head_dim", given or divided("hidden_size", d_model, n_heads))
    # transformers keeps it in the model's format; MiniMax's own code and vLLM in float32.
    return (recurrent([n_heads, head_dim, head_dim], "model"),)


FAMILIES = {
    "minimax": Family(
        layers=every(2, rest=LINEAR, at=0),
        states=lightning,
        weights=mixers.lightning,
        is_summed=True,
    ),
    "minimax_m2": Family(is_summed=True),
    "minimax_m3_vl_text": Family(layers=all_of(FULL), is_summed=True),
}
ALIASES = {
    "minimax_m1": "minimax",
    "minimax_m3": "minimax_m3_vl_text",
    "minimax_text_01": "minimax",
}
