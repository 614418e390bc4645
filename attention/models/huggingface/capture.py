"""Our attention inside transformers' models: the same maths, and somebody may look on.

transformers lets every architecture's attention be replaced by a function of ours
(``AttentionInterface``, transformers 5.24, ``modeling_utils.py``); that function is handed the
queries, and the keys and values of each KV head once, as they are cached. Ours computes what the
architecture's own eager attention computes, with the equation of ``functional.py``, and hands each
layer to whoever called :func:`record` around the pass. Nothing global holds what a pass records:
the recorder is a context variable, so that every thread has its own.

Axes: q ``[batch, n_heads, query_len, head_dim]``; k, v ``[batch, n_kv_heads, kv_len, head_dim]``.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import eager_mask, sdpa_mask

from attention import functional
from attention.interventions.change import Changes, HeadChange
from attention.models.huggingface.errors import CheckpointError

# The names that a model's config knows our attention by. Some models read their masks themselves
# (NLLB-MoE's router), or say nothing where a mask says it all (PaliGemma): they are given what
# their eager attention is given, numbers to be added.
IMPLEMENTATION, WITH_ADDED_MASKS = "headcount", "headcount-added-masks"
HARMLESS = {"position_ids"}  # what has done its part before attention is called
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


Receive = Callable[[AttentionCall], Tensor | None]


class _Recording:
    def __init__(self, receive: Receive | None, changes: Changes) -> None:
        self.receive, self.changes, self.layers = receive, changes, 0


_RECORDING: ContextVar[_Recording | None] = ContextVar("recording", default=None)


@contextmanager
def record(receive: Receive | None, changes: Changes = ()) -> Iterator[_Recording]:
    """Let ``receive`` see every layer of the passes inside, in this thread alone.

    Args:
        receive: gets each layer's :class:`AttentionCall` in order. It may return the context
            ``[batch, n_heads, query_len, v_head_dim]`` that it computed, or None to leave that to
            :func:`mix`. What it raises ends the pass.
        changes: what is done to the heads of each layer of one pass; :func:`attend` and
            :func:`mix` heed it.

    Yields:
        Something whose ``layers`` is how many layers have been seen so far.
    """
    recording = _Recording(receive, changes)
    token = _RECORDING.set(recording)
    try:
        yield recording
    finally:
        _RECORDING.reset(token)


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


def _attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    is_causal: bool | None = None,
    softcap: float | None = None,
    s_aux: Tensor | None = None,
    position_bias: Tensor | None = None,
    indices: Tensor | None = None,
    **others: object,
) -> tuple[Tensor, None]:
    """What transformers calls; argument names are its own, as its eager functions have them.

    Dropout is not among them: nothing is trained here, and passes run in eval mode. Nor is the
    sliding window, which the mask has in it.

    Args:
        indices: ``[batch, query_len, n]``, the only keys that each query may see.

    Raises:
        CheckpointError: there is a tensor among the others that could change the weights.
    """
    recording = _RECORDING.get()
    if unknown := [k for k, v in others.items() if isinstance(v, Tensor) and k not in HARMLESS]:
        raise CheckpointError(
            "{name} is told {unknown!r} as well, which is not known here: its weights would be "
            "drawn wrong.",
            name=type(module).__name__,
            unknown=unknown[0],
        )
    causal = getattr(module, "is_causal", True) if is_causal is None else is_causal
    if indices is not None:
        attention_mask = _chosen(indices, attention_mask, key.shape[2], causal)
    layer = 0 if recording is None else recording.layers
    call = AttentionCall(
        layer=layer,
        module=module,
        q=query,
        k=key,
        v=value,
        scale=1 / math.sqrt(query.shape[-1]) if scaling is None else float(scaling),
        causal=causal and attention_mask is None,
        mask=attention_mask,
        bias=position_bias,
        softcap=softcap,
        sinks=s_aux,
        change=recording.changes[layer] if recording and recording.changes else None,
    )
    context = None
    if recording is not None:
        recording.layers += 1
        context = recording.receive(call) if recording.receive else None
    if context is None:
        context = mix(call)
    return context.transpose(1, 2).contiguous(), None  # [b, query_len, n_heads, v_head_dim]


def _chosen(indices: Tensor, mask: Tensor | None, kv_len: int, causal: bool) -> Tensor:
    """The mask with the keys that an index chose and no others (DeepSeek-V3.2's sparse attention:
    arXiv 2512.02556, section 2.1); of the chosen ones those that the mask hides stay hidden."""
    chosen = torch.zeros(*indices.shape[:2], kv_len, dtype=torch.bool, device=indices.device)
    chosen = chosen.scatter(-1, indices.long(), True)[:, None]  # [b, 1, query_len, kv_len]
    if mask is None:
        return chosen.tril(kv_len - indices.shape[1]) if causal else chosen
    if mask.dtype == torch.bool:
        return mask & chosen
    return mask.masked_fill(~chosen, torch.finfo(mask.dtype).min)


# transformers' own masks for torch's fused attention: bool, and None where causal says it all.
AttentionInterface.register(IMPLEMENTATION, _attention)
AttentionMaskInterface.register(IMPLEMENTATION, sdpa_mask)
AttentionInterface.register(WITH_ADDED_MASKS, _attention)
AttentionMaskInterface.register(WITH_ADDED_MASKS, eager_mask)
