"""One layer of a model on a text, whichever kind of model it is: what ``trace`` prints."""

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attention.errors import HeadcountError
from attention.kv.equal_layers import cache_bytes
from attention.kv_cache import KVCache
from attention.models.layouts.load import MAX_TOKENS, LayoutModel
from attention.trace import AttentionTrace


class LayerError(HeadcountError):
    """A layer that the model does not have. The message says which it has."""


@dataclass(frozen=True, kw_only=True)
class Traced:
    """One layer's weights, and what else is told of the model and the text."""

    title: str
    facts: dict[str, Any]  # the fields of the JSON, but the weights
    ids: list[int]
    layer: AttentionTrace
    causal: bool


def load_language_model(name: str, device: str):
    """See :func:`attention.models.huggingface.checkpoint.load`; transformers is loaded only now."""
    # One sentence says that the Hub cannot be reached; its client would add a line for each try.
    importlib.import_module("huggingface_hub").logging.set_verbosity_error()
    return importlib.import_module("attention.models.huggingface.checkpoint").load(
        name, device=device
    )


def trace_layout(model: LayoutModel, text: str, layer: int, *, causal: bool) -> Traced:
    """A layer of a trained layout on the first :data:`MAX_TOKENS` tokens of a text."""
    ids, truncated = _kept(model.encode(text), MAX_TOKENS)
    cache = KVCache(model.n_layers)
    traced = model.trace(ids, causal=causal, cache=cache).layers[layer]
    config = model.config
    rest = {
        "kv_cache_bytes": cache.nbytes,
        "kv_cache_bytes_formula": cache_bytes(
            n_layers=model.n_layers,
            n_kv_heads=config.n_kv_heads,
            head_dim=config.head_dim,
            tokens=len(ids),
            number_bytes=4,
        ),
        "validation_loss": model.card["validation_loss"],
    }
    facts = _facts(model, ids, traced, truncated, **rest)
    return Traced(title="layout", facts=facts, ids=ids, layer=traced, causal=causal)


def trace_language(model, text: str, layer: int) -> Traced:
    """A layer of a language model on as many tokens of a text as it takes, 1,024 at most.

    Raises:
        TextError: the text has no tokens.
    """
    ids, truncated = _kept(model.encode(text), min(MAX_TOKENS, model.max_tokens))
    traced = model.trace(ids, layer=layer)
    rest = {
        "kv_cache_bytes": model.measure_cache(ids),
        "kv_cache_bytes_formula": model.cache_formula(len(ids)),
        "validation_loss": None,
    }
    facts = _facts(model, ids, traced, truncated, **rest)
    return Traced(
        title=model.title, facts=facts, ids=ids, layer=traced, causal=traced.config.causal
    )


def _kept(ids: Sequence[int], most: int) -> tuple[list[int], bool]:
    if len(ids) > most:
        print(f"The text has {len(ids)} tokens: the first {most} are kept.", file=sys.stderr)
    return list(ids[:most]), len(ids) > most


def _facts(model, ids: list[int], layer: AttentionTrace, truncated: bool, **rest) -> dict:
    config = layer.config
    return {
        "tokens": model.token_texts(ids),
        "n_layers": model.n_layers,
        "n_heads": config.n_heads,
        "n_kv_heads": config.n_kv_heads,
        "head_dim": config.head_dim,
        "d_model": config.d_model,
        **rest,
        "device": model.device,
        "truncated": truncated,
    }


def require_layer(layer: int, n_layers: int) -> None:
    """Raises LayerError if there is no such layer."""
    if layer >= n_layers:
        raise LayerError(f"argument --layer: {layer} does not exist: choose 0 to {n_layers - 1}.")
