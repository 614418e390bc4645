"""Attention as the equation says it, for MHA, GQA and MQA alike.

    head_i = softmax(Q_i K_jᵀ / √head_dim + mask) V_j        j = i // group_size
    output = concat(head_0 … head_n) W_O

Vaswani et al. 2017, arXiv 1706.03762, section 3.2; grouped: Ainslie et al. 2023, arXiv 2305.13245.

Axes: x ``[batch, seq_len, d_model]``; q ``[batch, n_heads, query_len, head_dim]``; k and v
``[batch, n_kv_heads, kv_len, head_dim]``; scores and weights
``[batch, n_heads, query_len, kv_len]``. Queries are always the last ``query_len`` of ``kv_len``.

KV heads are never repeated. The query heads that share a KV head are laid below each other as
rows of one matrix, so that one product with that KV head serves them all.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def project(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """All heads' projections at once: x W_Q, where W_Q holds the W_Q^i side by side.

    Args:
        x: ``[batch, seq_len, d_model]``.
        weight: ``[n * head_dim, d_model]``, as ``nn.Linear`` keeps it; rows
            ``i * head_dim`` to ``(i + 1) * head_dim`` are head i's.
        bias: ``[n * head_dim]``.

    Returns:
        ``[batch, seq_len, n * head_dim]``.
    """
    return F.linear(x, weight, bias)


def split_heads(projected: Tensor, n: int) -> Tensor:
    """Cut the projection (not x) into ``n`` heads: a view, no number is moved."""
    batch, seq_len, width = projected.shape
    return projected.view(batch, seq_len, n, width // n).transpose(1, 2)  # [b, n, t, head_dim]


def merge_heads(heads: Tensor) -> Tensor:
    """Concat: the inverse of :func:`split_heads`, ``[b, n, t, head_dim]`` to ``[b, t, n * d]``."""
    return heads.transpose(1, 2).flatten(2)


def rope(x: Tensor, positions: Tensor, base: float) -> Tensor:
    """Rotary position embedding: turn pair (i, i + head_dim/2) by position · base^(-2i/head_dim).

    Su et al. 2021, arXiv 2104.09864, section 3.2.2; paired by halves, as Hugging Face's Llama does.

    Args:
        x: ``[batch, n, seq_len, head_dim]`` with an even head_dim.
        positions: ``[seq_len]``, whole numbers from 0.
        base: the slowest pair turns by about 1/base a position.
    """
    half = x.shape[-1] // 2
    exponents = torch.arange(half, device=x.device, dtype=torch.float32) / half
    angles = positions.to(x.device, torch.float32)[:, None] * base**-exponents  # [t, head_dim/2]
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


def scores(q: Tensor, k: Tensor, scale: float | None = None) -> Tensor:
    """Q Kᵀ / √head_dim: how well each query fits each key, before the mask.

    Args:
        q: ``[batch, n_heads, query_len, head_dim]``.
        k: ``[batch, n_kv_heads, kv_len, head_dim]``.
        scale: instead of 1/√head_dim.

    Returns:
        ``[batch, n_heads, query_len, kv_len]``.
    """
    batch, n_heads, query_len, head_dim = q.shape
    # q is smaller than the scores by kv_len / head_dim; and float16 overflows later this way.
    scaled = q * (1 / math.sqrt(head_dim) if scale is None else scale)
    rows = _fold(scaled, n_kv_heads=k.shape[1])  # [b, n_kv_heads, group_size * query_len, head_dim]
    return (rows @ k.transpose(-1, -2)).view(batch, n_heads, query_len, k.shape[2])


def mask(scores: Tensor, causal: bool, *, overwrite: bool = False) -> Tensor:
    """Causal: −∞ where a query would see a later token. Bidirectional: the scores as they are."""
    query_len, kv_len = scores.shape[-2:]
    if not causal or query_len == 1:  # the last token may see every other
        return scores
    later = scores.new_full((query_len, kv_len), -math.inf).triu(kv_len - query_len + 1)
    return scores.add_(later) if overwrite else scores + later


def softmax(masked: Tensor, *, overwrite: bool = False) -> Tensor:
    """Weights over the keys: each row sums to 1. At least float32 inside, then cast back.

    ``overwrite`` lets it write into ``masked``, where that is possible: on a CPU most of the time
    of a long softmax goes into getting new memory.
    """
    wide = torch.promote_types(masked.dtype, torch.float32)
    if overwrite and masked.dtype == wide and masked.is_cpu and not masked.requires_grad:
        return torch.softmax(masked, dim=-1, out=masked)
    return torch.softmax(masked, dim=-1, dtype=wide).to(masked.dtype)


def context(weights: Tensor, v: Tensor) -> Tensor:
    """Weights × V: each head's mixture of values, ``[batch, n_heads, query_len, v_head_dim]``."""
    batch, n_heads, query_len, _ = weights.shape
    mixed = _fold(weights, n_kv_heads=v.shape[1]) @ v
    return mixed.view(batch, n_heads, query_len, v.shape[-1])


def output(merged: Tensor, w_o: Tensor, bias: Tensor | None = None) -> Tensor:
    """Concat W_O: ``[batch, seq_len, n_heads * head_dim]`` to ``[batch, seq_len, d_model]``."""
    return F.linear(merged, w_o, bias)


def attend(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> tuple[Tensor, Tensor, Tensor]:
    """From q, k, v to (scores, weights, context), every one of them kept."""
    raw = scores(q, k)
    masked = mask(raw, causal)
    weights = softmax(masked, overwrite=masked is not raw)
    return raw, weights, context(weights, v)


def weigh(q: Tensor, k: Tensor, causal: bool) -> Tensor:
    """The weights of :func:`attend` where nobody asks for the scores: they are overwritten."""
    return softmax(mask(scores(q, k), causal, overwrite=True), overwrite=True)


def _fold(per_head: Tensor, n_kv_heads: int) -> Tensor:
    """``[b, n_heads, q, d]`` to ``[b, n_kv_heads, group_size * q, d]``: sharers become rows."""
    batch, _, _, last = per_head.shape
    return per_head.reshape(batch, n_kv_heads, -1, last)
