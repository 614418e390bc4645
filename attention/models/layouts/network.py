"""The network of a trained layout: passes through it, its matrices, and what its cache holds."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from attention.interventions.change import Changes, changes_of, gated
from attention.interventions.off import ALL_ON, Off
from attention.kv_cache import KVCache
from attention.models.base import Matrix
from attention.models.layouts.decoder import Decoder, DecoderLayer, ModelTrace
from attention.models.layouts.names import title_of
from attention.models.layouts.residual import residual
from attention.models.limits import Cancelled, require_text, require_token
from attention.models.look import CacheSize, cache_size, numbers_asked
from attention.models.residual import Residual
from attention.trace import Projected, split_error

MAX_TOKENS = 1024


class LayoutNetwork:
    """One decoder. Nothing in it changes after loading.

    Args:
        device: that it is on.
    """

    max_tokens = MAX_TOKENS

    def __init__(self, decoder: Decoder, device: str) -> None:
        self.decoder, self.device = decoder, device
        self.config = decoder.config.attention
        self.n_layers = decoder.config.n_layers
        self.configs = (self.config,) * self.n_layers
        self.weights_only, self.blocks = False, ()
        self.windows, self.sinks = (None,) * self.n_layers, (False,) * self.n_layers
        self.title = title_of(self.config.n_heads, self.config.n_kv_heads)
        self._off = ALL_ON
        self._changes: Changes = changes_of(ALL_ON, self.configs)

    @property
    def number_format(self) -> str:
        return str(self.decoder.embedding.weight.dtype).removeprefix("torch.")

    @property
    def vocab_size(self) -> int:
        return self.decoder.config.vocab_size

    def split_error(self, of: Projected, *, layer: int) -> float | None:
        """See :func:`attention.trace.split_error`."""
        return split_error(of, self.config.n_heads, *self.w_q(layer))

    def w_q(self, layer: int) -> Matrix:
        """Weight and bias."""
        w_q = self._layer(layer).w_q
        return w_q.weight, w_q.bias

    def w_v(self, layer: int) -> Matrix:
        """The weight: there is no bias."""
        return self._layer(layer).w_v.weight, None

    def embedding(self) -> Tensor:
        """``[vocab_size, d_model]``."""
        return self.decoder.embedding.weight

    def unembedding(self) -> Tensor:
        """The same."""
        return self.decoder.embedding.weight

    def w_o(self, layer: int) -> Matrix:
        """The weight: there is no bias."""
        return self._layer(layer).w_o.weight, None

    def new_cache(self) -> KVCache:
        """An empty one."""
        return KVCache(self.n_layers)

    def cache_bytes(self, cache: KVCache) -> int:
        """What it holds now."""
        return cache.nbytes

    def logits(self, rows: Tensor, *, gates: Tensor | None = None) -> Tensor:
        """See :meth:`attention.models.predictor.Predictor.logits`."""
        require_text(rows.shape[1], self)
        with torch.inference_mode(gates is None):
            changes = gated(self._changes, gates, self.configs)
            return self.decoder(rows.to(self.device), changes).float()

    @torch.inference_mode()
    def residual(self, ids: Sequence[int], *, token: int, causal: bool | None = None) -> Residual:
        """See :meth:`attention.models.predictor.Predictor.residual`."""
        require_text(len(ids), self)
        require_token(len(ids), token)
        row, seen = torch.tensor([list(ids)], device=self.device), causal is not False
        return residual(self.decoder, row, token, causal=seen, changes=self._changes)

    @torch.inference_mode()
    def next_logits(
        self,
        ids: Sequence[int],
        *,
        cache: KVCache | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Tensor:
        """See :meth:`attention.models.predictor.Predictor.next_logits`."""
        require_text(len(ids), self)
        x = self._embedded(ids)
        layers = zip(self.decoder.layers, self._changes, strict=True)
        for index, (each, change) in enumerate(layers):
            if cancelled():
                raise Cancelled
            _, _, q, k, v = each.project(x)
            if cache is not None:
                cache.append(index, k, v)
            x = each.close(x, each.mix(q, k, v, causal=True, change=change))
        return self.decoder.logits(x[0, -1]).float()

    @torch.inference_mode()
    def step(
        self, token: int, cache: KVCache
    ) -> tuple[Tensor, Callable[[], tuple[np.ndarray, ...]]]:
        """See :meth:`attention.models.predictor.Predictor.step`."""
        require_text(cache.seq_len + 1, self)
        ids = torch.tensor([[token]], device=self.device)
        trace = self.decoder.trace(ids, cache=cache, changes=self._changes)
        return self.decoder.logits(trace.hidden[0, -1]).float(), partial(_last_weights, trace)

    @torch.inference_mode()
    def measure_cache(self, ids: Sequence[int]) -> int:
        """Bytes that a real KV cache holds after these tokens."""
        cache = KVCache(self.n_layers)
        self.decoder.trace(torch.tensor([list(ids)], device=self.device), cache=cache)
        return cache.nbytes

    def cache_formula(self, seq_len: int, off: Off = ALL_ON) -> int:
        """The same by arithmetic."""
        return self._cache_size(seq_len, None, off).formula

    def _cache_size(self, n_tokens: int, measured: int | None, off: Off = ALL_ON) -> CacheSize:
        numbers = [2 * self.config.n_kv_heads * self.config.head_dim] * self.n_layers
        numbers = numbers_asked(numbers, self.configs, off)
        number_bytes = self.decoder.embedding.weight.dtype.itemsize
        return cache_size(self.configs, self.windows, numbers, n_tokens, number_bytes, measured)

    def _embedded(self, ids: Sequence[int]) -> Tensor:
        return self.decoder.embedding(torch.tensor([list(ids)], device=self.device))

    def _layer(self, layer: int) -> DecoderLayer:
        return self.decoder.layers[layer]


def _last_weights(trace: ModelTrace) -> tuple[np.ndarray, ...]:
    """Of the last query, of each layer float32 ``[n_heads, kv_len]``."""
    return tuple(layer.weights[0, :, -1].float().cpu().numpy() for layer in trace.layers)
