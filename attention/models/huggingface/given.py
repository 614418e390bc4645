"""What is known of a model that keeps its attention to itself and hands over the weights of it.

Some architectures compute their attention in code of their own, which cannot be looked into, and
give out ``attentions`` from their eager pass (DeBERTa, MPNet, BLOOM, Falcon, XLM …). Those are
taken where they can be weights of every token on every token, and where the pass that gives them
out gives the results of the pass that does not.
"""

import inspect
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import isqrt
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.cache_utils import Cache
from transformers.utils import ModelOutput

from attention.config import AttentionConfig
from attention.models.huggingface.anatomy import Anatomy, LayerParts, input_device
from attention.models.huggingface.caches import new_cache, numbers_per_token
from attention.models.huggingface.errors import BypassError, CheckpointError
from attention.models.huggingface.limits import named_in
from attention.models.huggingface.probe import PROBE_LEN, probe_ids

# Of the results' size, and of a row's sum; rounding stays far below.
TOLERANCE, HALF_TOLERANCE = 1e-3, 2e-2
# The weights of all layers are held at once: so many tokens at most, and so many bytes.
MOST_TOKENS, MOST_BYTES = 512, 2**30


@contextmanager
def eagerly(model: PreTrainedModel) -> Iterator[None]:
    """With the architecture's eager attention inside, also where it cannot be set from outside.

    Falcon reads its config in each pass and refuses to be set; without this its ``attentions`` are
    not those that it works with (transformers 5.24, modeling_falcon.py).
    """
    every = [model, *(m for m in model.modules() if isinstance(m, PreTrainedModel))]
    configs = {id(each.config): each.config for each in every}
    found = {key: config._attn_implementation_internal for key, config in configs.items()}
    for config in configs.values():
        config._attn_implementation_internal = "eager"
    try:
        with _handed_over(model):
            yield
    finally:
        for key, config in configs.items():
            config._attn_implementation_internal = found[key]


@contextmanager
def _handed_over(model: PreTrainedModel) -> Iterator[None]:
    """Weights that its modules give out reach what the model gives out, also where it loses them.

    BigBird exchanges its modules in the first pass, and transformers' own collector is left with
    the old ones (transformers 5.24, modeling_big_bird.py).
    """
    seen: list[Tensor] = []

    def collect(module: nn.Module, args: tuple, out: Any) -> None:
        each = out[1] if isinstance(out, tuple) and len(out) > 1 else None
        if isinstance(each, Tensor) and each.ndim == 4 and not any(each is one for one in seen):
            seen.append(each)

    def hand_over(module: nn.Module, args: tuple, out: Any) -> None:
        if seen and isinstance(out, ModelOutput) and getattr(out, "attentions", None) == ():
            out["attentions"] = tuple(seen)
        seen.clear()

    with ExitStack() as hooks:
        for module in model.modules():
            look = hand_over if module is model else collect
            hooks.callback(module.register_forward_hook(look).remove)
        yield


@torch.inference_mode()
def dissect(model: PreTrainedModel, name: str, *, with_cache: bool) -> Anatomy:
    """The shape of every layer; no matrices, for nobody knows what they are for.

    Args:
        model: in eval mode.
        name: of the architecture, for the messages.
        with_cache: see whether it goes on with a cache, and what that keeps.

    Raises:
        BypassError: it does not give out its weights.
        CheckpointError: what it gives out are no weights of every token on every token, or not
            those that it works with.
    """
    ids = probe_ids(model).to(input_device(model))
    accepts = inspect.signature(model.forward).parameters
    asked: dict[str, Any] = {"input_ids": ids, "return_dict": True}
    if "use_cache" in accepts:
        asked["use_cache"] = False
    with eagerly(model):
        told, plain = model(output_attentions=True, **asked), model(**asked)
        weights = weights_of(told, PROBE_LEN, model)
        if not (error := _difference(told[0], plain[0])) <= _tolerance(plain[0]):
            raise CheckpointError(
                "{name} gives other results when it hands over its weights (they differ by "
                "{error:.2g} of their size): they are not those that it works with.",
                name=name,
                error=error,
            )
        cache = _filled(model, ids, plain[0]) if with_cache and "cache" in accepts else None
    numbers = tuple(range(len(weights)))
    cached = numbers_per_token(cache, numbers)
    parts = tuple(
        LayerParts(
            config=_config(model, each, cache, layer),
            cached=cached[layer],
            attention=model,
            entry=None,
            w_q=None,
            w_k=None,
            w_v=None,
            w_o=None,
            sinks=False,
        )
        for layer, each in enumerate(weights)
    )
    return Anatomy(parts, numbers=numbers)


def weights_of(out: ModelOutput, n_tokens: int, model: PreTrainedModel) -> tuple[Tensor, ...]:
    """Of each layer ``[n_heads, n_tokens, n_tokens]``.

    Raises:
        BypassError, CheckpointError: see :func:`dissect`.
    """
    given: Sequence[Tensor | None] = getattr(out, "attentions", None) or ()
    weights, name = [each for each in given if each is not None], type(model).__name__
    if named_in(model.config, "attention_window") is not None:
        weights = [_by_key(each, n_tokens) for each in weights]
    if not weights:
        raise BypassError(
            "{name} does its attention by itself, not through transformers' attention interface, "
            "so its weights cannot be read.",
            name=name,
        )
    for layer, each in enumerate(weights):
        if each.ndim != 4 or each.shape[0] != 1 or each.shape[2:] != (n_tokens, n_tokens):
            raise CheckpointError(
                "{name} gives out weights of the shape {shape} for {n_tokens} tokens: they are not "
                "those of every token on every token.",
                name=name,
                shape=str(tuple(each.shape)),
                n_tokens=n_tokens,
            )
        sums, lowest = each.float().sum(-1), float(each.min())
        if not (sums - 1).abs().max() <= _tolerance(each) or lowest < 0:
            raise CheckpointError(
                "{name} gives out numbers that are no weights: in layer {layer} a row adds up to "
                "{total:.2g}, and the lowest is {lowest:.2g}.",
                name=name,
                layer=layer,
                total=float(sums.min()),
                lowest=lowest,
            )
    return tuple(each[0] for each in weights)


def _by_key(weights: Tensor, n_tokens: int) -> Tensor:
    """Weights by distance ``[1, n_heads, n_tokens, 2 * r + 1]``, from r keys before to r behind,
    laid out by key (Longformer, arXiv 2004.05150, section 3.1; no token is a global one)."""
    keys, reach = torch.arange(n_tokens, device=weights.device), weights.shape[-1] // 2
    at = keys - keys[:, None] + reach  # [n_tokens, n_tokens]
    index = at.clamp(0, 2 * reach).expand(*weights.shape[:2], n_tokens, n_tokens)
    return weights.gather(-1, index) * (at >= 0) * (at <= 2 * reach)


def longest(configs: Sequence[AttentionConfig]) -> int:
    """Tokens whose weights are held at once, counted in float32."""
    heads = sum(config.n_heads for config in configs)
    return min(MOST_TOKENS, isqrt(MOST_BYTES // (4 * heads)))


def _filled(model: PreTrainedModel, ids: Tensor, whole: Tensor) -> Cache | None:
    """A cache of the tokens; None where the last of them does not give with it what it gave in the
    pass without."""
    cache, more = new_cache(model), {"return_dict": True}
    if "use_cache" in inspect.signature(model.forward).parameters:
        more["use_cache"] = True
    try:
        model(input_ids=ids[:, :-1], cache=cache, **more)
        step = model(input_ids=ids[:, -1:], cache=cache, output_attentions=True, **more)
    except Exception:  # code of any architecture: XLM takes a cache and cannot go on with it
        return None
    same = _difference(step[0][:, -1], whole[:, -1]) <= _tolerance(whole)
    return cache if same else None


def _config(
    model: PreTrainedModel, weights: Tensor, cache: Cache | None, layer: int
) -> AttentionConfig:
    """KV heads are what the cache keeps; without one, as many as heads."""
    config, n_heads = model.config.get_text_config(), len(weights)
    head_dim = named_in(config, "head_dim") or config.hidden_size // config.num_attention_heads
    n_kv_heads = n_heads
    keys = None if cache is None else getattr(cache.layers[layer], "keys", None)
    if keys is not None and n_heads % keys.shape[1] == 0:
        n_kv_heads, head_dim = keys.shape[1], keys.shape[3]
    return AttentionConfig(
        d_model=config.hidden_size,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        head_dim=head_dim,
        causal=not bool(weights.triu(1).any()),
    )


def _difference(a: Tensor, b: Tensor) -> float:
    a, b = a.float(), b.float()
    return float((a - b.to(a.device)).norm() / b.norm().clamp_min(1e-6))


def _tolerance(like: Tensor) -> float:
    return TOLERANCE if like.dtype.itemsize >= 4 else HALF_TOLERANCE
