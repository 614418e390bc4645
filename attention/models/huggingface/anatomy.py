"""What a model is made of, found out by letting eight tokens through it and looking.

Architectures name and arrange their parts in many ways. So nothing is guessed from the
architecture's name: a short pass shows which module calls for attention, in which order, with how
many heads, and which matrices stand before and behind. The same pass is run with the
architecture's own eager attention, and unless ours gave the same weights the model is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D
from transformers.utils import ModelOutput

from attention.config import AttentionConfig
from attention.models.huggingface.caches import new_cache, numbers_per_token
from attention.models.huggingface.capture import IMPLEMENTATION, AttentionCall, attend, record
from attention.models.huggingface.errors import CheckpointError

PROBE_LEN = 8
# Mean difference of two weights: rounding stays far below, another formula does not.
TOLERANCE = {torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 2e-2}
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


@dataclass(frozen=True, eq=False)
class _Product:
    """A matrix at work in the short pass."""

    module: nn.Module
    x: Tensor
    out: Tensor


class _Watch:
    """The short pass: every matrix and every attention call, in order."""

    def __init__(self) -> None:
        self.events: list[_Product | AttentionCall] = []
        self.weights: list[Tensor] = []
        self.merged: list[Tensor] = []

    def attention(self, call: AttentionCall) -> Tensor:
        _, weights, context = attend(call)
        self.events.append(call)
        self.weights.append(weights)
        self.merged.append(context.transpose(1, 2).flatten(2))
        return context

    def matrix(self, module: nn.Module, args: tuple, out: Tensor) -> None:
        if args and isinstance(args[0], Tensor) and isinstance(out, Tensor):
            self.events.append(_Product(module, args[0], out))


def probe_ids(model: PreTrainedModel) -> Tensor:
    """Eight tokens from the middle of the vocabulary, away from those with a special part."""
    n = model.config.get_text_config().vocab_size
    start = n // 2 if n >= 2 * PROBE_LEN else 0
    return torch.arange(start, start + PROBE_LEN)[None] % n


@torch.inference_mode()
def dissect(model: PreTrainedModel, name: str, *, with_cache: bool) -> tuple[LayerParts, ...]:
    """The parts of every layer; leaves ``model`` with our attention.

    Args:
        model: in eval mode.
        name: of the architecture, for the messages.
        with_cache: fill a cache on the way, to see what it keeps.

    Raises:
        CheckpointError: the model does its attention otherwise than through transformers'
            interface, in some layers or in all, or ours does not give what its own gives.
    """
    config = model.config.get_text_config()
    if getattr(model.config, "is_encoder_decoder", False):
        raise CheckpointError(
            "{name} is an encoder with a decoder: only models of one stack can be shown.", name=name
        )
    ids = probe_ids(model).to(input_device(model))
    model.set_attn_implementation("eager")
    eager = model(input_ids=ids, output_attentions=True, return_dict=True)
    model.set_attn_implementation(IMPLEMENTATION)
    cache = new_cache(model) if with_cache else None
    if cache is not None and any(cache.is_linear):
        cache = None  # a hybrid, about to be refused by its name
    watch = _Watch()
    hooks = [
        module.register_forward_hook(watch.matrix)
        for module in model.modules()
        if isinstance(module, nn.Linear | Conv1D)
    ]
    try:
        with record(watch.attention):
            ours = model(input_ids=ids, return_dict=True, **({"cache": cache} if cache else {}))
    finally:
        for hook in hooks:
            hook.remove()
    calls = [event for event in watch.events if isinstance(event, AttentionCall)]
    _require_every_layer(calls, config.num_hidden_layers, name)
    _require_equal(calls, watch.weights, eager, ours, name)
    return _parts(model, watch, numbers_per_token(cache, len(calls)))


def input_device(model: PreTrainedModel) -> torch.device:
    """Where token ids have to be: the embedding's device, or the CPU where that is on disk."""
    device = cast(nn.Embedding, model.get_input_embeddings()).weight.device
    return torch.device("cpu") if device.type == "meta" else device


def vectors(module: nn.Module | None) -> Tensor | None:
    """A vector a token, of an embedding or what gives the logits; None where it waits on disk."""
    weight = getattr(module, "weight", None)
    return None if weight is None or weight.device.type == "meta" else weight


def _require_every_layer(calls: Sequence[AttentionCall], n_layers: int, name: str) -> None:
    seen = len(calls)
    if not seen:
        raise CheckpointError(
            "{name} does its attention by itself, not through transformers' attention interface, "
            "so its weights cannot be read.",
            name=name,
        )
    if seen != n_layers:
        raise CheckpointError(
            "{name} sends {seen} of its {n_layers} layers through transformers' attention "
            "interface: only models that send every layer once can be shown.",
            name=name,
            seen=seen,
            n_layers=n_layers,
        )
    if odd := [call for call in calls if call.k.shape[2] != PROBE_LEN]:
        raise CheckpointError(
            "{name} attends to {shape} keys where the text has {probe_len} tokens: they are not "
            "the keys of its tokens.",
            name=name,
            shape=odd[0].k.shape[2],
            probe_len=PROBE_LEN,
        )


def _require_equal(
    calls: Sequence[AttentionCall],
    weights: Sequence[Tensor],
    eager: ModelOutput,
    ours: ModelOutput,
    name: str,
) -> None:
    theirs = getattr(eager, "attentions", None)
    if not theirs or len(theirs) != len(weights) or any(t is None for t in theirs):
        raise CheckpointError(
            "{name} does not give out its attention, so ours cannot be checked.", name=name
        )
    for layer, (a, b) in enumerate(zip(weights, theirs, strict=True)):
        a, b = a.float(), b.to(a.device).float()
        if calls[layer].sinks is not None:
            # Some give out what they scale by the sink's share afterwards (Granite SWA).
            a, b = a / a.sum(-1, keepdim=True), b / b.sum(-1, keepdim=True)
        difference = (a - b).abs().mean()
        if not difference <= TOLERANCE[calls[layer].q.dtype]:
            raise CheckpointError(
                "{name} weighs tokens in a way that is not known here: in layer {layer} its own "
                "attention and ours differ by {difference:.2g} on average.",
                name=name,
                layer=layer,
                difference=difference,
            )
    a, b = ours[0].float(), eager[0].float()
    if a.dtype == torch.float32 and weights[0].dtype == torch.float32:
        error = (a - b.to(a.device)).norm() / b.norm().clamp_min(1e-6)
        if not error <= 1e-3:
            raise CheckpointError(
                "{name} gives other results with our attention than with its own (they differ by "
                "{error:.2g} of their size).",
                name=name,
                error=error,
            )


def _parts(model: PreTrainedModel, watch: _Watch, cached: Sequence[int]) -> tuple[LayerParts, ...]:
    d_model = model.config.get_text_config().hidden_size
    names = {id(module): path for path, module in model.named_modules()}
    places = [i for i, event in enumerate(watch.events) if isinstance(event, AttentionCall)]
    parts, start = [], 0
    for layer, at in enumerate(places):
        call, merged = cast(AttentionCall, watch.events[at]), watch.merged[layer]
        inside = names[id(call.module)] + "."
        before = [
            event
            for event in cast(list[_Product], watch.events[start:at])
            if names[id(event.module)].startswith(inside)
        ]
        stop = places[layer + 1] if layer + 1 < len(places) else len(watch.events)
        after = cast(list[_Product], watch.events[at + 1 : stop])
        last = next((at + 1 + i for i, event in enumerate(after) if _same(event.x, merged)), None)
        # All layers may share their modules (ALBERT): what is before a layer starts behind the W_O
        # of the last one.
        start = (at if last is None else last) + 1
        parts.append(
            LayerParts(
                config=_config(call, d_model),
                cached=cached[layer],
                attention=call.module,
                entry=before[0].module if before else None,
                w_q=_projection(before, "q", call.q, names),
                w_k=_projection(before, "k", call.k, names),
                w_v=_projection(before, "v", call.v, names),
                w_o=None if last is None else watch.events[last].module,
            )
        )
    return tuple(parts)


def _config(call: AttentionCall, d_model: int) -> AttentionConfig:
    _, n_heads, seq_len, head_dim = call.q.shape
    causal = call.causal
    if call.mask is not None:
        forbidden = torch.ones(seq_len, seq_len, dtype=torch.bool, device=call.q.device).triu(1)
        added = cast(Tensor, call.additive_mask()).expand(1, n_heads, seq_len, seq_len)
        causal = bool((added[..., forbidden] <= torch.finfo(call.q.dtype).min / 2).all())
    return AttentionConfig(
        d_model=d_model,
        n_heads=n_heads,
        n_kv_heads=call.k.shape[1],
        head_dim=head_dim,
        causal=causal,
    )


def _projection(
    before: list[_Product], which: str, heads: Tensor, names: dict[int, str]
) -> nn.Module | None:
    """The matrix that makes ``heads`` and nothing else, known by its name and its width."""
    width = heads.shape[1] * heads.shape[3]
    for product in before:
        if names[id(product.module)].rsplit(".", 1)[-1] in NAMES[which]:
            return product.module if product.out.shape[-1] == width else None
    return None


def _same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.equal(a, b.to(a.device))
