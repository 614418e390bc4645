"""One attention layer with every intermediate kept by name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from attention import functional
from attention.config import AttentionConfig
from attention.kv_cache import KVCache


@dataclass(frozen=True, kw_only=True, eq=False)
class AttentionTrace:
    """What one layer computed, in the order in which it did.

    With a cache, x and what is made of x alone hold the new tokens (query_len of them), k and v
    every token so far (kv_len).

    A Hugging Face checkpoint may compute q, k and v with one matrix, or with several for each: then
    there is nothing that is W_Q's product alone, and ``q_projected`` (or k's, or v's) is None. Its
    scores are taken after the soft-cap, if it has one; where it has attention sinks, a row of
    weights sums to what the sink left.
    """

    config: AttentionConfig
    x: Tensor  # [batch, query_len, d_model]
    q_projected: (
        Tensor | None
    )  # [batch, query_len, n_heads * head_dim], before it is cut into heads
    k_projected: Tensor | None  # [batch, query_len, n_kv_heads * head_dim]
    v_projected: Tensor | None  # [batch, query_len, n_kv_heads * head_dim]
    q: Tensor  # [batch, n_heads, query_len, head_dim], after RoPE
    k: Tensor  # [batch, n_kv_heads, kv_len, head_dim], after RoPE
    v: Tensor  # [batch, n_kv_heads, kv_len, head_dim]
    scores: Tensor  # [batch, n_heads, query_len, kv_len], scaled, before the mask
    weights: Tensor  # [batch, n_heads, query_len, kv_len], each row sums to 1
    context: Tensor  # [batch, n_heads, query_len, head_dim]
    merged: Tensor  # [batch, query_len, n_heads * head_dim]
    output: Tensor  # [batch, query_len, d_model]


def trace_attention(
    x: Tensor,
    w_q: Tensor,
    w_k: Tensor,
    w_v: Tensor,
    w_o: Tensor,
    config: AttentionConfig,
    *,
    b_q: Tensor | None = None,
    b_k: Tensor | None = None,
    b_v: Tensor | None = None,
    b_o: Tensor | None = None,
    rope_base: float | None = None,
    positions: Tensor | None = None,
    cache: KVCache | None = None,
    layer: int = 0,
    change: Callable[[Tensor], Tensor] | None = None,
) -> AttentionTrace:
    """Run one layer and keep everything.

    Args:
        x: ``[batch, seq_len, d_model]``, the layer's (normalised) input.
        w_q, w_k, w_v, w_o: ``nn.Linear``-shaped, ``[out, in]``; b_q … b_o: ``[out]`` or None.
        config: heads, KV heads, causal or not.
        rope_base: None means that this layer has no position encoding.
        positions: ``[seq_len]``; left out, they go on where the cache ends (0 without one).
        cache: gets this layer's new keys and values, and gives back all of them.
        layer: which of the cache's layers this is, from 0.
        change: what is done to the context before W_O, see :mod:`attention.interventions.change`.
    """
    q_projected = functional.project(x, w_q, b_q)
    k_projected = functional.project(x, w_k, b_k)
    v_projected = functional.project(x, w_v, b_v)

    q = functional.split_heads(q_projected, config.n_heads)
    k = functional.split_heads(k_projected, config.n_kv_heads)
    v = functional.split_heads(v_projected, config.n_kv_heads)

    if rope_base is not None:
        if positions is None:
            past = 0 if cache is None else cache.length(layer)
            positions = torch.arange(past, past + x.shape[1], device=x.device)
        q = functional.rope(q, positions, rope_base)
        k = functional.rope(k, positions, rope_base)
    if cache is not None:
        k, v = cache.append(layer, k, v)

    scores, weights, context = functional.attend(q, k, v, config.causal)
    if change is not None:
        context = change(context)
    merged = functional.merge_heads(context)
    return AttentionTrace(
        config=config,
        x=x,
        q_projected=q_projected,
        k_projected=k_projected,
        v_projected=v_projected,
        q=q,
        k=k,
        v=v,
        scores=scores,
        weights=weights,
        context=context,
        merged=merged,
        output=functional.output(merged, w_o, b_o),
    )


def query_row(trace: AttentionTrace, token: int) -> AttentionTrace:
    """The trace with one query alone, of a whole text (no cache before it). Copies: it is small."""
    row = slice(token, token + 1)

    def along(axis: int, tensor: Tensor | None) -> Tensor | None:
        if tensor is None:
            return None
        return tensor[(slice(None),) * axis + (row,)].clone()

    by_token = ["x", "q_projected", "merged", "output"]
    if trace.k.shape[2] == trace.x.shape[1]:  # else the keys are another text's
        by_token += ["k_projected", "v_projected"]
    by_head = ("q", "scores", "weights", "context")
    changes: dict[str, Any] = {name: along(1, getattr(trace, name)) for name in by_token}
    changes |= {name: along(2, getattr(trace, name)) for name in by_head}
    return replace(trace, **changes)


class Projected(Protocol):
    """A layer's input and what W_Q made of it: a trace has them."""

    @property
    def x(self) -> Tensor | None:
        """``[batch, seq_len, d_model]``."""

    @property
    def q_projected(self) -> Tensor | None:
        """``[batch, seq_len, n_heads * head_dim]``."""


@torch.inference_mode()
def split_error(of: Projected, n_heads: int, weight: Tensor, bias: Tensor | None) -> float | None:
    """The largest difference between x·W_Q^i, a head at a time, and x·W_Q cut into heads.

    Each head's rows of W_Q are multiplied by x on their own, and compared with the cut of the whole
    product: that is what splitting into heads means.

    Args:
        weight: W_Q as ``nn.Linear`` has it, ``[n_heads * head_dim, d_model]``; bias: of W_Q.

    Returns:
        None where q was not projected by a matrix of its own.
    """
    if of.x is None or of.q_projected is None:
        return None
    biases = [None] * n_heads if bias is None else bias.chunk(n_heads)
    parts = zip(weight.chunk(n_heads), biases, strict=True)
    alone = torch.cat([functional.project(of.x, *part) for part in parts], dim=-1)
    return (alone - of.q_projected).abs().max().item()
