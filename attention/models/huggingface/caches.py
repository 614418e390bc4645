"""Transformers' own caches: how many tokens each layer keeps, and how many bytes it holds."""

import inspect
import sys
from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import DynamicCache, EncoderDecoderCache, PreTrainedModel
from transformers.cache_utils import Cache

from attention.models.huggingface.limits import named_in

# Of the logits' size: a step with a cache and a pass without differ by rounding alone.
STEP_TOLERANCE = 1e-3


def new_cache(model: PreTrainedModel) -> Cache:
    """An empty cache, of the kind that this model generates with: MiniMax has one of its own."""
    code = sys.modules[type(model).__module__]
    for kind in vars(code).values():
        if isinstance(kind, type) and issubclass(kind, Cache) and kind.__module__ == code.__name__:
            return kind()
    if hasattr(model.config, "decoder_layers"):
        return DynamicCache()  # BART's config counts the encoder's layers; all of them keep alike
    return DynamicCache(config=model.config)


def n_tokens(cache: Cache) -> int:
    """Tokens that a cache has seen. MiniMax's own counts those of its first layer, which keeps none
    where it is no attention layer (transformers 5.24)."""
    if isinstance(cache, EncoderDecoderCache):
        cache = cache.self_attention_cache
    counting = (layer for layer in cache.layers if hasattr(layer, "get_seq_length"))
    return max((int(layer.get_seq_length()) for layer in counting), default=0)


def must_be_told_places(model: PreTrainedModel, ids: Tensor, last: Tensor) -> bool:
    """Whether a model with tokens in its cache counts the places of the next ones from 0 again.

    transformers' own ``generate`` tells every model the places; Bamba and MiniMax go wrong without
    (transformers 5.24), and others count in a way of their own (RoBERTa).

    Args:
        ids: ``[1, n]``; last: what the model gives for the last of them without a cache,
            ``[1, vocab_size]``.
    """
    if "position_ids" not in inspect.signature(model.forward).parameters:
        return False

    def error(**told: Tensor) -> float:
        cache = new_cache(model)
        model(input_ids=ids[:, :-1], cache=cache, use_cache=True)
        out = model(input_ids=ids[:, -1:], cache=cache, use_cache=True, return_dict=True, **told)
        return float((out[0][:, -1] - last.to(out[0].device)).norm() / last.norm())

    place = torch.tensor([[ids.shape[1] - 1]], device=ids.device)
    without = error()
    return without > STEP_TOLERANCE and error(position_ids=place) < without / 10


def cache_nbytes(cache: Cache) -> int:
    """Bytes of the keys and values that a cache holds, and of states: numel × element_size."""
    held = (t for layer in cache.layers for t in _tensors(layer))
    return sum(t.numel() * t.element_size() for t in held) + state_nbytes(cache)


def state_nbytes(cache: Cache | None) -> int:
    """Bytes of what a cache holds whatever the length of the text: the states of convolutions and
    recurrent layers (transformers 5.24, ``LinearAttentionLayer``); 0 without a cache."""
    layers = [] if cache is None else cache.layers
    named = ("conv_states", "recurrent_states")
    states = [t for layer in layers for n in named for t in getattr(layer, n, {}).values()]
    states += getattr(cache, "linear_cache", [])  # MiniMax's own
    return sum(t.numel() * t.element_size() for t in states if isinstance(t, Tensor))


def numbers_per_token(cache: Cache | None, numbers: Sequence[int]) -> list[int]:
    """Numbers a token that layers of a filled cache keep; 0 without a cache.

    Read off its shapes, for it may keep something else than the keys and values of every head: one
    latent vector for all of them (DeepSeek: arXiv 2405.04434, section 2.1), or nothing where a
    layer uses an earlier one's. Where an index chooses the keys (DeepSeek-V3.2), it keeps some too.

    Args:
        numbers: of the layers, as the cache counts them.
    """
    held = [] if cache is None else cache.layers
    layers = [_tensors(held[i]) if i < len(held) else [] for i in numbers]
    return [sum(t[0, ..., 0, :].numel() for t in layer if t.numel()) for layer in layers]


def _tensors(layer: object) -> list[Tensor]:
    """A layer's keys and values in a cache, ``[batch, n_kv_heads, seq_len, head_dim]``,
    and the keys by which it chooses, ``[batch, seq_len, index_head_dim]``."""
    named = (getattr(layer, name, None) for name in ("keys", "values", "indexer_keys"))
    return [tensor for tensor in named if tensor is not None]


def windows(
    cache: Cache | None, model: PreTrainedModel, numbers: Sequence[int]
) -> tuple[int | None, ...]:
    """How many tokens each layer sees, or keeps in a cache; None where it is the whole text.

    Of a model that keeps no cache its config says so (ModernBERT).

    Args:
        numbers: of the layers, as cache and config count them.
    """
    if cache is not None:
        found = [getattr(layer, "sliding_window", None) for layer in cache.layers]
    else:
        config = model.config.get_text_config()
        kinds = named_in(config, "layer_types") or ()
        window = named_in(config, "sliding_window") or named_in(config, "local_attention")
        found = [window if "sliding" in kind else None for kind in kinds]
    return tuple(found[i] if i < len(found) else None for i in numbers)
