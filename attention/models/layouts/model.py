"""A trained layout as something that can be asked."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property, partial
from time import perf_counter
from typing import Any, Self

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from attention.assets import asset
from attention.interventions import reference as texts
from attention.interventions.change import changes_of, gated
from attention.interventions.off import ALL_ON, Off
from attention.interventions.sharing import Sharing
from attention.kv_cache import KVCache
from attention.models.base import (
    Asked,
    Cancelled,
    Looks,
    Matrix,
    TextError,
    require_layer,
    require_text,
    require_token,
)
from attention.models.fingerprint import fingerprint_of
from attention.models.kept import Kept, Surveys
from attention.models.layouts.decoder import Decoder, DecoderLayer, ModelTrace
from attention.models.layouts.initial import initialise
from attention.models.layouts.names import title_of
from attention.models.layouts.residual import residual
from attention.models.layouts.sharing import shared
from attention.models.look import CacheSize, Look, Prediction, cache_size, numbers_asked
from attention.models.predictions import TOP, likeliest
from attention.models.residual import Residual
from attention.models.roles import Roles, of_card
from attention.sentence import Sentence
from attention.text.tokens import piece_bytes, readable_parts
from attention.trace import AttentionTrace, Projected, split_error

TOKENIZER = asset("tokenizer.json")
MAX_TOKENS = 1024


class LayoutModel(Looks):
    """One trained layout with its tokenizer and card. Nothing in it changes after loading.

    It is a :class:`attention.models.predictor.Predictor`, whose mask may be chosen. A text goes on
    as it was trained, every token blind to those behind it.
    """

    architecture, label, source = "", "layout", Sentence("this repository")
    causal = predicts = True
    trained_tokens = 128
    whole_tokens = 0
    max_tokens = kept_tokens = MAX_TOKENS
    ends: frozenset[int] = frozenset()  # no token of its texts says that they are over

    def __init__(self, decoder: Decoder, card: dict, device: str) -> None:
        self.decoder, self.card, self.device = decoder, card, device
        self.config = decoder.config.attention
        self.n_layers = decoder.config.n_layers
        self.configs = (self.config,) * self.n_layers
        self.windows, self.sinks = (None,) * self.n_layers, (False,) * self.n_layers
        self.validation_loss: float | None = card["validation_loss"]
        self.title = title_of(self.config.n_heads, self.config.n_kv_heads)
        self._off, self._changes = ALL_ON, changes_of(ALL_ON, self.configs)

    @property
    def number_format(self) -> str:
        return str(self.decoder.embedding.weight.dtype).removeprefix("torch.")

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return Tokenizer.from_file(str(TOKENIZER))

    @property
    def reference_text(self) -> str:
        """The page's sentences."""
        return texts.sentences()

    def without(self, off: Off, *, reference: str | None = None) -> Self:
        """See :meth:`attention.models.base.Model.without`."""
        off.require(self.configs)
        means = self._mean_contexts(reference) if off.kind == "mean" else None
        view = copy(self)
        view._off, view._changes = off, changes_of(off, self.configs, means)
        return view

    def shared(self, sharing: Sharing) -> Self:
        """See :meth:`attention.models.base.Model.shared`; its card is still the original's."""
        card = self.card | {"validation_loss": None}
        fewer = type(self)(shared(self.decoder, sharing), card, self.device)
        fewer.title = f"{self.title} with n_kv_heads {sharing.kv_heads}"
        return fewer

    @torch.inference_mode()
    def _mean_contexts(self, reference: str | None) -> list[Tensor]:
        ids = self.encode(self.reference_text if reference is None else reference)
        ids = ids[: self.max_tokens]
        require_text(len(ids), self)
        layers = self.decoder.trace(torch.tensor([ids], device=self.device)).layers
        return [layer.context[0].mean(1) for layer in layers]  # [n_heads, head_dim]

    @property
    def vocab_size(self) -> int:
        return self.decoder.config.vocab_size

    def fingerprint(self) -> str | None:
        """See :meth:`attention.models.base.Model.fingerprint`."""
        if any(change is not None for change in self._changes):
            return None
        return fingerprint_of(self.decoder.named_parameters(), self.title)

    def reinitialised(self, seed: int) -> "LayoutModel":
        """See :meth:`attention.models.base.Model.reinitialised`; nothing looks back yet."""
        with torch.random.fork_rng():  # it begins with random numbers of its own
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

    def encode(self, text: str, second: str | None = None, *, special: bool = True) -> list[int]:
        """Token ids of any text, none of them special; ``decode`` gives the same text back."""
        if second is not None:
            raise TextError("{title} reads one text: give no second one.", title=self.title)
        return self.tokenizer.encode(text).ids

    def chat(self, messages: Sequence[Mapping[str, Any]]) -> str:
        """See :meth:`attention.models.base.Model.chat`: it has no template."""
        raise TextError("{title} has no chat template: give its text as it is.", title=self.title)

    def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids))

    def token_texts(self, ids: Sequence[int]) -> list[str]:
        """One readable string a token, see :func:`attention.text.tokens.readable_parts`."""
        return readable_parts(self.token_bytes(ids))

    def token_bytes(self, ids: Sequence[int]) -> list[bytes]:
        """Each token's text in UTF-8, cut where the tokenizer cut it."""
        return [piece_bytes(self.tokenizer.id_to_token(i) or "") for i in ids]

    @torch.inference_mode()
    def _look(self, asked: Asked) -> Look:
        """A layer's heads are looked at when that is asked for, out of q and k, which are kept."""
        started, seen = perf_counter(), asked.causal is not False
        cache, kept = KVCache(self.n_layers), []
        x = self._embedded(asked.ids)
        layers = zip(self.decoder.layers, self._changes, strict=True)
        for index, (each, change) in enumerate(layers):
            asked.go_on()
            normed, q_projected, q, k, v = each.project(x)
            cache.append(index, k, v)
            kept.append(
                Kept(q[0], k[0], {"causal": seen}, asked.units, v[0], normed, q_projected, change)
            )
            if index < self.n_layers - 1:
                x = each.close(x, each.mix(q, k, v, causal=seen, change=change))
        return Look(
            configs=(replace(self.config, causal=seen),) * self.n_layers,
            layers=Surveys(asked.ids, kept, pairs=asked.pairs),
            layer=asked.layer,
            head=asked.head,
            chosen=kept[asked.layer].weights(asked.head),
            chosen_pool=1,
            # A token that sees later ones changes with each of them: its k and v cannot be kept.
            cache=self._cache_size(len(asked.ids), cache.nbytes) if seen else None,
            predictions=None,
            logits=None,
            seconds=perf_counter() - started,
            kept=kept,
            pairs=tuple(asked.pairs or ()),
            off=self._off,
        )

    @torch.inference_mode()
    def trace(
        self, ids: Sequence[int], *, layer: int, causal: bool | None = None
    ) -> AttentionTrace:
        """Every intermediate of one layer, with a row for every query."""
        return self._layer(layer).trace(
            self._before(ids, layer, causal),
            causal=causal is not False,
            cache=None,
            index=0,
            change=self._changes[layer],
        )[1]

    @torch.inference_mode()
    def query(
        self, ids: Sequence[int], *, layer: int, token: int, causal: bool | None = None
    ) -> AttentionTrace:
        """The same of one query alone."""
        x = self._before(ids, layer, causal)
        seen, change = causal is not False, self._changes[layer]
        return self._layer(layer).query(x, token, causal=seen, change=change)

    @torch.inference_mode()
    def top(
        self, of: Sequence[int], k: int = TOP, *, causal: bool | None = None
    ) -> tuple[Prediction, ...]:
        """See :meth:`attention.models.base.Model.top`."""
        require_text(len(of), self)
        ids = torch.tensor([list(of)], device=self.device)
        seen = causal is not False
        hidden = self.decoder.trace(ids, causal=seen, changes=self._changes).hidden
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

    def _before(self, ids: Sequence[int], layer: int, causal: bool | None) -> Tensor:
        """A layer's input, ``[1, seq_len, d_model]``."""
        require_text(len(ids), self)
        require_layer(self, layer)
        x = self._embedded(ids)
        for each, change in zip(self.decoder.layers[:layer], self._changes, strict=False):
            _, _, q, k, v = each.project(x)
            x = each.close(x, each.mix(q, k, v, causal=causal is not False, change=change))
        return x


def _last_weights(trace: ModelTrace) -> tuple[np.ndarray, ...]:
    """Of the last query, of each layer float32 ``[n_heads, kv_len]``."""
    return tuple(layer.weights[0, :, -1].float().cpu().numpy() for layer in trace.layers)
