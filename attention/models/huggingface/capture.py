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

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import eager_mask, sdpa_mask

from attention.interventions.change import Changes
from attention.models.huggingface.call import AttentionCall, mix
from attention.models.huggingface.errors import CheckpointError

# The names that a model's config knows our attention by. Some models read their masks themselves
# (NLLB-MoE's router), or say nothing where a mask says it all (PaliGemma): they are given what
# their eager attention is given, numbers to be added.
IMPLEMENTATION, WITH_ADDED_MASKS = "headcount", "headcount-added-masks"
HARMLESS = {"position_ids"}  # what has done its part before attention is called

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
            :func:`.call.mix`. What it raises ends the pass.
        changes: what is done to the heads of each layer of one pass; :func:`.call.attend`
            and :func:`.call.mix` heed it.

    Yields:
        Something whose ``layers`` is how many layers have been seen so far.
    """
    recording = _Recording(receive, changes)
    token = _RECORDING.set(recording)
    try:
        yield recording
    finally:
        _RECORDING.reset(token)


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
