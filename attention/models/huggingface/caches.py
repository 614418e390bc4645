"""Transformers' own caches: how many tokens each layer keeps, and how many bytes it holds."""

from torch import Tensor
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import Cache

from attention.models.huggingface.limits import named_in


def new_cache(model: PreTrainedModel) -> Cache:
    """An empty cache, of the kind that this model generates with."""
    if hasattr(model.config, "decoder_layers"):
        return DynamicCache()  # BART's config counts the encoder's layers; all of them keep alike
    return DynamicCache(config=model.config)


def cache_nbytes(cache: Cache) -> int:
    """Bytes of the keys and values that a cache holds: numel × element_size."""
    held = (t for layer in cache.layers for t in _tensors(layer))
    return sum(t.numel() * t.element_size() for t in held)


def numbers_per_token(cache: Cache | None, n_layers: int) -> list[int]:
    """Numbers a token that each layer of a filled cache keeps; 0 without a cache.

    Read off its shapes, for it may keep something else than the keys and values of every head: one
    latent vector for all of them (DeepSeek: arXiv 2405.04434, section 2.1), or nothing where a
    layer uses an earlier one's.
    """
    found = [0] * n_layers
    for i, layer in enumerate([] if cache is None else cache.layers[:n_layers]):
        found[i] = sum(t.shape[1] * t.shape[3] for t in _tensors(layer) if t.numel())
    return found


def _tensors(layer: object) -> list[Tensor]:
    """The keys and values that a layer of a cache holds."""
    named = (getattr(layer, name) for name in ("keys", "values"))
    return [tensor for tensor in named if tensor is not None]


def windows(cache: Cache | None, model: PreTrainedModel, n_layers: int) -> tuple[int | None, ...]:
    """How many tokens each layer sees, or keeps in a cache; None where it is the whole text.

    Of a model that keeps no cache its config says so (ModernBERT).
    """
    if cache is not None:
        found = [getattr(layer, "sliding_window", None) for layer in cache.layers[:n_layers]]
    else:
        config = model.config.get_text_config()
        kinds = named_in(config, "layer_types") or ()
        window = named_in(config, "sliding_window") or named_in(config, "local_attention")
        found = [window if "sliding" in kind else None for kind in kinds[:n_layers]]
    return tuple(found + [None] * (n_layers - len(found)))
