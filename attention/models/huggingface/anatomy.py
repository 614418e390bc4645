"""What a model is made of, found out by letting eight tokens through it and looking.

Architectures name and arrange their parts in many ways. So nothing is guessed from the
architecture's name: a short pass shows which module calls for attention, in which order, with how
many heads, and which matrices stand before and behind. The same pass is run with the
architecture's own eager attention, and unless ours gave the same weights the model is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from attention.config import AttentionConfig
from attention.models.blocks import Block
from attention.models.huggingface.agreement import require_equal, require_every_layer
from attention.models.huggingface.caches import (
    kept_in_modules,
    must_be_told_places,
    new_cache,
    numbers_per_token,
    state_nbytes,
)
from attention.models.huggingface.call import AttentionCall
from attention.models.huggingface.limits import named_in
from attention.models.huggingface.probe import (
    PROBE_LEN,
    Product,
    Watch,
    agreeing,
    let_through,
    probe_ids,
)

NAMES = {
    "q": ("q_proj", "query", "q_lin", "query_proj", "wq", "q"),
    "k": ("k_proj", "key", "k_lin", "key_proj", "wk", "k"),
    "v": ("v_proj", "value", "v_lin", "value_proj", "wv", "v"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerParts:
    """One attention layer: its shape, and its modules where they are of the plain kind."""

    config: AttentionConfig
    cached: int  # numbers a token that transformers' cache keeps: 2 · n_kv_heads · head_dim, mostly
    attention: nn.Module  # calls for attention
    entry: nn.Module | None  # the first matrix: its input is x
    w_q: nn.Module | None  # None where q, k, v share a matrix, or more than one makes them
    w_k: nn.Module | None
    w_v: nn.Module | None
    w_o: nn.Module | None  # the matrix whose input is the merged context
    sinks: bool  # a sink takes part in each sum, so that a row's weights add up to less than 1


@dataclass(frozen=True, eq=False)
class Anatomy:
    """What a model is made of.

    Args:
        blocks: of a hybrid; see :attr:`attention.models.base.Model.blocks`.
        numbers: the block of each attention layer, as a cache counts them.
        state: bytes that a cache holds whatever the length of the text.
        places: it must be told where tokens stand that follow those in a cache, see
            :func:`.caches.must_be_told_places`.
    """

    parts: tuple[LayerParts, ...]
    blocks: tuple[Block, ...] = ()
    numbers: tuple[int, ...] = ()
    state: int = 0
    places: bool = False


@torch.inference_mode()
def dissect(model: PreTrainedModel, name: str, *, with_cache: bool) -> Anatomy:
    """The parts of every attention layer; leaves ``model`` with our attention.

    Args:
        model: in eval mode.
        name: of the architecture, for the messages.
        with_cache: fill a cache on the way, to see what it keeps.

    Raises:
        CheckpointError: the model does its attention otherwise than through transformers'
            interface, in some layers or in all, or ours does not give what its own gives.
    """
    return agreeing(partial(_dissected, model, name, with_cache))


def _dissected(model: PreTrainedModel, name: str, with_cache: bool, implementation: str) -> Anatomy:
    config = model.config.get_text_config()
    cache = new_cache(model) if with_cache else None
    n_blocks = named_in(config, "decoder_layers") or config.num_hidden_layers
    asked = {"input_ids": probe_ids(model).to(input_device(model))}
    watch, eager, ours = let_through(model, asked, cache, implementation, n_blocks)
    numbers = watch.stack.numbers() or []
    require_every_layer(watch.calls, n_blocks, numbers, PROBE_LEN, name)
    if len(getattr(eager, "attentions", None) or ()) == n_blocks:  # others give out something, too
        eager["attentions"] = tuple(eager["attentions"][i] for i in numbers or range(n_blocks))
    require_equal(watch.calls, watch.weights, eager, ours, name)
    numbers = numbers or list(range(len(watch.calls)))
    widths = [config.hidden_size] * len(numbers)
    parts = parts_of(model, watch, numbers_per_token(cache, numbers), widths)
    state = state_nbytes(cache) + (kept_in_modules(model) if with_cache else 0)
    places = with_cache and must_be_told_places(model, asked["input_ids"], eager[0][:, -1])
    return Anatomy(parts, watch.stack.blocks(), tuple(numbers), state, places)


def input_device(model: PreTrainedModel) -> torch.device:
    """Where the input has to be: the embedding's device, or the CPU where that is on disk."""
    device = next(model.get_input_embeddings().parameters()).device
    return torch.device("cpu") if device.type == "meta" else device


def n_embedded(model: PreTrainedModel) -> int:
    """How many token ids have a vector, from 0."""
    return len(cast(nn.Embedding, model.get_input_embeddings()).weight)


def vectors(module: nn.Module | None) -> Tensor | None:
    """A vector a token, of an embedding or what gives the logits; None where it waits on disk."""
    weight = getattr(module, "weight", None)
    return None if weight is None or weight.device.type == "meta" else weight


def parts_of(
    model: PreTrainedModel, watch: Watch, cached: Sequence[int], widths: Sequence[int]
) -> tuple[LayerParts, ...]:
    """The parts of every attention that a pass showed, in order.

    Args:
        cached: see :class:`LayerParts`; widths: d_model. One a call.
    """
    names = {id(module): path for path, module in model.named_modules()}
    places = [i for i, event in enumerate(watch.events) if isinstance(event, AttentionCall)]
    parts, start = [], 0
    for layer, at in enumerate(places):
        call, merged = cast(AttentionCall, watch.events[at]), watch.merged[layer]
        inside = names[id(call.module)] + "."
        before = [
            event
            for event in cast(list[Product], watch.events[start:at])
            if names[id(event.module)].startswith(inside)
        ]
        stop = places[layer + 1] if layer + 1 < len(places) else len(watch.events)
        after = cast(list[Product], watch.events[at + 1 : stop])
        last = next((at + 1 + i for i, event in enumerate(after) if _same(event.x, merged)), None)
        # All layers may share their modules (ALBERT): what is before a layer starts behind the W_O
        # of the last one.
        start = (at if last is None else last) + 1
        parts.append(
            LayerParts(
                config=_config(call, widths[layer]),
                cached=cached[layer],
                attention=call.module,
                entry=before[0].module if before else None,
                w_q=_projection(before, "q", call.q, names),
                w_k=_projection(before, "k", call.k, names),
                w_v=_projection(before, "v", call.v, names),
                w_o=None if last is None else watch.events[last].module,
                sinks=call.sinks is not None,
            )
        )
    return tuple(parts)


def _config(call: AttentionCall, d_model: int) -> AttentionConfig:
    _, n_heads, seq_len, head_dim = call.q.shape
    causal, kv_len = call.causal, call.k.shape[2]
    if call.mask is not None:
        forbidden = torch.ones(seq_len, kv_len, dtype=torch.bool, device=call.q.device).triu(1)
        added = cast(Tensor, call.additive_mask()).expand(1, n_heads, seq_len, kv_len)
        causal = bool((added[..., forbidden] <= torch.finfo(call.q.dtype).min / 2).all())
    return AttentionConfig(
        d_model=d_model,
        n_heads=n_heads,
        n_kv_heads=call.k.shape[1],
        head_dim=head_dim,
        causal=causal,
    )


def _projection(
    before: list[Product], which: str, heads: Tensor, names: dict[int, str]
) -> nn.Module | None:
    """The matrix that makes ``heads`` and nothing else, known by its name and its width."""
    width = heads.shape[1] * heads.shape[3]
    for product in before:
        if names[id(product.module)].rsplit(".", 1)[-1] in NAMES[which]:
            return product.module if product.out.shape[-1] == width else None
    return None


def _same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.equal(a, b.to(a.device))
