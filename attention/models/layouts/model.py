"""A trained layout as something that can be asked."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from time import perf_counter

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from attention.assets import asset
from attention.kv_cache import KVCache
from attention.models.base import Cancelled, Matrix, require_layer, require_text
from attention.models.fingerprint import fingerprint_of
from attention.models.kept import Kept, Surveys
from attention.models.layouts.decoder import Decoder, DecoderLayer, ModelTrace, initialise
from attention.models.layouts.names import title_of
from attention.models.look import CacheSize, Look, Prediction, cache_size
from attention.models.predictions import TOP, likeliest
from attention.models.roles import Roles, of_card
from attention.scores import Pairs
from attention.sentence import Sentence
from attention.text.pieces import Units
from attention.text.tokens import piece_bytes, readable_parts
from attention.trace import AttentionTrace, Projected, split_error

TOKENIZER = asset("tokenizer.json")
MAX_TOKENS = 1024


class LayoutModel:
    """One trained layout with its tokenizer and card. Nothing in it changes after loading.

    It is a :class:`attention.models.base.Predictor`, whose mask may be chosen. A text goes on as it
    was trained, every token blind to those behind it.
    """

    architecture, source = "", Sentence("this repository")
    causal = predicts = trained_here = True
    whole_tokens = 0
    max_tokens = kept_tokens = MAX_TOKENS
    ends: frozenset[int] = frozenset()  # no token of its texts says that they are over

    def __init__(self, decoder: Decoder, card: dict, device: str) -> None:
        self.decoder, self.card, self.device = decoder, card, device
        self.config = decoder.config.attention
        self.n_layers = decoder.config.n_layers
        self.configs = (self.config,) * self.n_layers
        self.windows = (None,) * self.n_layers
        self.validation_loss: float = card["validation_loss"]
        self.title = title_of(self.config.n_heads, self.config.n_kv_heads)

    @property
    def number_format(self) -> str:
        return str(self.decoder.embedding.weight.dtype).removeprefix("torch.")

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return Tokenizer.from_file(str(TOKENIZER))

    @property
    def vocab_size(self) -> int:
        return self.decoder.config.vocab_size

    def fingerprint(self) -> str:
        """See :meth:`attention.models.base.Model.fingerprint`."""
        return fingerprint_of(self.decoder.named_parameters(), self.title)

    def reinitialised(self, seed: int) -> "LayoutModel":
        """See :meth:`attention.models.base.Model.reinitialised`; nothing looks back yet."""
        decoder = Decoder(self.decoder.config)
        initialise(decoder, torch.Generator().manual_seed(seed), look_back=False)
        ready = decoder.to(self.device, self.decoder.embedding.weight.dtype)
        return LayoutModel(ready.eval().requires_grad_(False), self.card, self.device)

    def roles(self) -> Roles:
        """By its card."""
        return self._roles

    def roles_known(self) -> Roles | None:
        """By its card."""
        return self._roles

    @cached_property
    def _roles(self) -> Roles:
        return of_card(self.card)

    def encode(self, text: str) -> list[int]:
        """Token ids of any text; ``decode`` gives the same text back."""
        return self.tokenizer.encode(text).ids

    def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids))

    def token_texts(self, ids: Sequence[int]) -> list[str]:
        """One readable string a token, see :func:`attention.text.tokens.readable_parts`."""
        return readable_parts(self.token_bytes(ids))

    def token_bytes(self, ids: Sequence[int]) -> list[bytes]:
        """Each token's text in UTF-8, cut where the tokenizer cut it."""
        return [piece_bytes(self.tokenizer.id_to_token(i) or "") for i in ids]

    @torch.inference_mode()
    def look(
        self,
        ids: Sequence[int],
        *,
        layer: int = 0,
        head: int = 0,
        causal: bool | None = None,
        units: Units | None = None,
        pairs: Pairs | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Look:
        """See :meth:`attention.models.base.Model.look`; a layer's heads are looked at when that is
        asked for, out of q and k, which are kept."""
        require_text(len(ids), self)
        require_layer(self, layer, head)
        started, seen = perf_counter(), causal is not False
        cache, kept = KVCache(self.n_layers), []
        x = self._embedded(ids)
        for index, each in enumerate(self.decoder.layers):
            if cancelled is not None and cancelled():
                raise Cancelled
            normed, q_projected, q, k, v = each.project(x)
            cache.append(index, k, v)
            kept.append(Kept(q[0], k[0], {"causal": seen}, units, v[0], normed, q_projected))
            if index < self.n_layers - 1:
                x = each.close(x, each.mix(q, k, v, causal=seen))
        return Look(
            configs=(replace(self.config, causal=seen),) * self.n_layers,
            layers=Surveys(ids, kept, pairs=pairs),
            layer=layer,
            head=head,
            chosen=kept[layer].weights(head),
            chosen_pool=1,
            # A token that sees later ones changes with each of them: its k and v cannot be kept.
            cache=self._cache_size(len(ids), cache.nbytes) if seen else None,
            predictions=None,
            logits=None,
            seconds=perf_counter() - started,
            kept=kept,
            pairs=tuple(pairs or ()),
        )

    @torch.inference_mode()
    def trace(
        self, ids: Sequence[int], *, layer: int, causal: bool | None = None
    ) -> AttentionTrace:
        """Every intermediate of one layer, with a row for every query."""
        return self._layer(layer).trace(
            self._before(ids, layer, causal), causal=causal is not False, cache=None, index=0
        )[1]

    @torch.inference_mode()
    def query(
        self, ids: Sequence[int], *, layer: int, token: int, causal: bool | None = None
    ) -> AttentionTrace:
        """The same of one query alone."""
        x = self._before(ids, layer, causal)
        return self._layer(layer).query(x, token, causal=causal is not False)

    @torch.inference_mode()
    def top(
        self, of: Sequence[int], k: int = TOP, *, causal: bool | None = None
    ) -> tuple[Prediction, ...]:
        """See :meth:`attention.models.base.Model.top`."""
        require_text(len(of), self)
        ids = torch.tensor([list(of)], device=self.device)
        hidden = self.decoder.trace(ids, causal=causal is not False).hidden
        return likeliest(self.decoder.logits(hidden[:, -1])[0].float(), k, self.token_texts)

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

    @torch.inference_mode()
    def next_logits(
        self,
        ids: Sequence[int],
        *,
        cache: KVCache | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Tensor:
        """See :meth:`attention.models.base.Predictor.next_logits`."""
        require_text(len(ids), self)
        x = self._embedded(ids)
        for index, each in enumerate(self.decoder.layers):
            if cancelled():
                raise Cancelled
            _, _, q, k, v = each.project(x)
            if cache is not None:
                cache.append(index, k, v)
            x = each.close(x, each.mix(q, k, v, causal=True))
        return self.decoder.logits(x[0, -1]).float()

    @torch.inference_mode()
    def step(
        self, token: int, cache: KVCache
    ) -> tuple[Tensor, Callable[[], tuple[np.ndarray, ...]]]:
        """See :meth:`attention.models.base.Predictor.step`."""
        require_text(cache.seq_len + 1, self)
        ids = torch.tensor([[token]], device=self.device)
        trace = self.decoder.trace(ids, cache=cache)
        return self.decoder.logits(trace.hidden[0, -1]).float(), partial(_last_weights, trace)

    @torch.inference_mode()
    def measure_cache(self, ids: Sequence[int]) -> int:
        """Bytes that a real KV cache holds after these tokens."""
        cache = KVCache(self.n_layers)
        self.decoder.trace(torch.tensor([list(ids)], device=self.device), cache=cache)
        return cache.nbytes

    def cache_formula(self, seq_len: int) -> int:
        """The same by arithmetic."""
        return self._cache_size(seq_len, None).formula

    def _cache_size(self, n_tokens: int, measured: int | None) -> CacheSize:
        numbers = [2 * self.config.n_kv_heads * self.config.head_dim] * self.n_layers
        number_bytes = self.decoder.embedding.weight.dtype.itemsize
        return cache_size(self.configs, self.windows, numbers, n_tokens, number_bytes, measured)

    def _embedded(self, ids: Sequence[int]) -> Tensor:
        return self.decoder.embedding(torch.tensor([list(ids)], device=self.device))

    def _layer(self, layer: int) -> DecoderLayer:
        return self.decoder.layers[layer]

    def _before(self, ids: Sequence[int], layer: int, causal: bool | None) -> Tensor:
        """A layer's input, ``[1, seq_len, d_model]``."""
        require_text(len(ids), self)
        require_layer(self, layer)
        x = self._embedded(ids)
        for each in self.decoder.layers[:layer]:
            _, _, q, k, v = each.project(x)
            x = each.close(x, each.mix(q, k, v, causal=causal is not False))
        return x


def _last_weights(trace: ModelTrace) -> tuple[np.ndarray, ...]:
    """Of the last query, of each layer float32 ``[n_heads, kv_len]``."""
    return tuple(layer.weights[0, :, -1].float().cpu().numpy() for layer in trace.layers)
