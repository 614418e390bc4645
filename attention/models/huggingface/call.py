"""What one layer hands to its attention, and the equation on it: all that decides its weights.

Axes: q ``[batch, n_heads, query_len, head_dim]``; k, v ``[batch, n_kv_heads, kv_len, head_dim]``.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attention import functional
from attention.interventions.change import HeadChange

BLOCK = 256  # query rows at a time, where weights are computed only to be used and forgotten


@dataclass(frozen=True, kw_only=True, eq=False)
class AttentionCall:
    """What one layer hands to its attention, and all that decides its weights.

    scores = softcap · tanh(scale · Q Kᵀ / softcap), or plain scale · Q Kᵀ; then bias and mask are
    added; the sink of a head takes part in the softmax as one more key that has no value.
    Soft-cap: Gemma 2, arXiv 2408.00118, section 2. Sinks: gpt-oss, arXiv 2508.10925.
    """

    layer: int  # counts from 0
    module: nn.Module
    q: Tensor  # [batch, n_heads, query_len, head_dim], after RoPE
    k: Tensor  # [batch, n_kv_heads, kv_len, head_dim], never repeated
    v: Tensor  # [batch, n_kv_heads, kv_len, v_head_dim]
    scale: float
    causal: bool  # a query sees no later key; only where mask is None
    mask: Tensor | None  # [batch, 1 or n_heads, query_len, kv_len]: bool (True may see) or added
    bias: Tensor | None  # [1, n_heads, query_len, kv_len], added: a learnt position bias
    softcap: float | None
    sinks: Tensor | None  # [n_heads]
    change: HeadChange | None = None  # what is done to the context

    def additive_mask(self, rows: slice = slice(None)) -> Tensor | None:
        """Mask and bias as one tensor to be added, for these query rows; None where there is none.

        Forbidden keys get the number format's lowest number, as transformers' eager masks do.
        The causal mask of a call without ``mask`` is not in it.
        """
        added = None
        if self.mask is not None:
            added = self.mask[:, :, rows, : self.k.shape[2]]
            if added.dtype == torch.bool:
                lowest = torch.finfo(self.q.dtype).min
                added = torch.zeros_like(added, dtype=self.q.dtype).masked_fill_(~added, lowest)
        if self.bias is not None:
            bias = self.bias[:, :, rows]
            added = bias if added is None else added + bias
        return added

    def changed(self, context: Tensor) -> Tensor:
        """The context ``[batch, n_heads, rows, v_head_dim]`` that the layer goes on with."""
        return context if self.change is None else self.change(context)


def attend(call: AttentionCall, rows: slice = slice(None)) -> tuple[Tensor, Tensor, Tensor]:
    """(scores, weights, context) of a call, or of some of its query rows, all of them kept.

    Returns:
        scores ``[batch, n_heads, rows, kv_len]`` after scale and soft-cap, before bias and mask;
        weights of that shape, whose rows sum to 1, or to what the sink left; context
        ``[batch, n_heads, rows, v_head_dim]``. Causal rows stop at the last key that they may see.
    """
    start, stop, _ = rows.indices(call.q.shape[2])
    past = call.k.shape[2] - call.q.shape[2]
    # functional.mask takes the queries for the last ones, so that the keys must end with them.
    seen = past + stop if call.causal else call.k.shape[2]
    scores = functional.scores(call.q[:, :, start:stop], call.k[:, :, :seen], call.scale)
    if call.softcap is not None:
        scores = torch.tanh(scores / call.softcap) * call.softcap
    masked = functional.mask(scores, call.causal)
    added = call.additive_mask(rows)
    if added is not None:
        masked = masked + added[..., :seen]
    weights = _softmax_with_sinks(masked, call.sinks, overwrite=masked is not scores)
    return scores, weights, call.changed(functional.context(weights, call.v[:, :, :seen]))


@torch.inference_mode()
def last_weights(call: AttentionCall) -> np.ndarray:
    """float32 ``[n_heads, kv_len]``: those of the last query, exactly as the layer used them."""
    _, weights, _ = attend(call)
    return weights[0, :, -1].float().cpu().numpy()


def mix(call: AttentionCall) -> Tensor:
    """The context of a call where nobody asks for the weights; it never holds all of them.

    torch's fused attention computes it where that knows the equation; a soft-cap, sinks and a
    learnt bias it does not know, and they go block by block through :func:`attend`.

    Returns:
        ``[batch, n_heads, query_len, v_head_dim]``.
    """
    query_len = call.q.shape[2]
    shared = call.k.shape[1] != call.q.shape[1]
    plain = call.softcap is None and call.sinks is None and call.bias is None
    # On a GPU a mask over shared KV heads falls back to something that holds every weight.
    lean = call.q.is_cpu or call.mask is None or not shared
    if plain and lean and call.v.shape[-1] == call.q.shape[-1]:
        context = F.scaled_dot_product_attention(
            call.q,
            call.k,
            call.v,
            attn_mask=None if call.mask is None else call.mask[..., : call.k.shape[2]],
            is_causal=call.causal and query_len > 1,
            scale=call.scale,
            enable_gqa=shared,
        )
        return call.changed(context)
    starts = range(0, query_len, BLOCK)
    blocks = [attend(call, slice(a, min(a + BLOCK, query_len)))[2] for a in starts]
    return torch.cat(blocks, dim=2)


def _softmax_with_sinks(masked: Tensor, sinks: Tensor | None, *, overwrite: bool) -> Tensor:
    if sinks is None:
        return functional.softmax(masked, overwrite=overwrite)
    batch, n_heads, query_len, _ = masked.shape
    column = sinks.to(masked.dtype).view(1, n_heads, 1, 1).expand(batch, n_heads, query_len, 1)
    return functional.softmax(torch.cat((masked, column), dim=-1))[..., :-1]
