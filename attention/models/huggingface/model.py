"""A language model as something that can be asked, whatever its architecture."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import Cache

from attention.atlas.quick import measure_roles, roles_kept
from attention.atlas.steps import Each, at_once
from attention.models.base import Cancelled, Matrix, TextError, require_layer, require_text
from attention.models.fingerprint import fingerprint_of
from attention.models.huggingface import anatomy, caches, reinitialise
from attention.models.huggingface.borrow import as_found
from attention.models.huggingface.caches import cache_nbytes
from attention.models.huggingface.capture import (
    IMPLEMENTATION,
    AttentionCall,
    Receive,
    last_weights,
    record,
)
from attention.models.huggingface.limits import end_tokens, max_tokens
from attention.models.huggingface.surveys import KEPT_TOKENS, MEASURED_TOKENS, Surveyor
from attention.models.huggingface.texts import TokenTexts
from attention.models.huggingface.tracing import Tracer, projection
from attention.models.look import CacheSize, Look, Prediction, cache_size
from attention.models.predictions import TOP, likeliest
from attention.models.roles import Roles
from attention.scores import Pairs
from attention.text.pieces import Units
from attention.trace import AttentionTrace, Projected, query_row, split_error

__all__ = ["Cancelled", "LanguageModel", "cache_nbytes"]


class LanguageModel:
    """One model with its tokenizer. Passes of several threads follow one another.

    It is a :class:`attention.models.base.Predictor`, where it predicts.

    Args:
        model: of transformers, in eval mode or (``borrowed``) as its owner left it.
        tokenizer: its own.
        title: what to call it.
        source: where it is from: a folder, a Hub id, "memory".
        borrowed: the model belongs to someone else, who uses it between passes: our attention is
            put in for each pass and taken out again.

    Raises:
        CheckpointError: its attention cannot be read, see :mod:`.anatomy`.
    """

    trained_here, validation_loss = False, None
    kept_tokens = whole_tokens = KEPT_TOKENS

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        title: str,
        source: str,
        borrowed: bool = False,
    ) -> None:
        self.model, self.tokenizer, self.title, self.source = model, tokenizer, title, source
        self.architecture = type(model).__name__
        self._borrowed, self._lock = borrowed, threading.RLock()
        has_head = model.get_output_embeddings() is not None
        with as_found(model) if borrowed else nullcontext():
            self.parts = anatomy.dissect(model, self.architecture, with_cache=has_head)
        self.configs = tuple(part.config for part in self.parts)
        self.n_layers, self.d_model = len(self.configs), self.configs[0].d_model
        self.causal = all(config.causal for config in self.configs)
        self.predicts = self.causal and has_head
        self.windows: tuple[int | None, ...] = (None,) * self.n_layers
        if self.predicts:
            self.windows = caches.windows(self.new_cache(), self.n_layers)
        self.max_tokens = max_tokens(model, tokenizer)
        self._texts = TokenTexts(tokenizer)
        self._roles: Roles | None = None
        self._accepts = set(inspect.signature(model.forward).parameters)

    @property
    def device(self) -> str:
        """``"cuda"``, ``"mps"`` or ``"cpu"``; "cuda + cpu" where it is spread over several."""
        kinds = {str(device) for device in getattr(self.model, "hf_device_map", {}).values()}
        if len(kinds) > 1:
            return " + ".join(sorted(f"cuda:{kind}" if kind.isdigit() else kind for kind in kinds))
        return anatomy.input_device(self.model).type

    @property
    def number_format(self) -> str:
        """``"float32"``, ``"float16"`` or ``"bfloat16"``."""
        return str(self.model.dtype).removeprefix("torch.")

    @property
    def vocab_size(self) -> int:
        return int(self.model.config.get_text_config().vocab_size)

    def fingerprint(self) -> str | None:
        """See :meth:`attention.models.base.Model.fingerprint`."""
        if self.source == "memory":
            return None
        return fingerprint_of(self.model.named_parameters(), self.architecture)

    def reinitialised(self, seed: int) -> LanguageModel | None:
        """See :meth:`attention.models.base.Model.reinitialised`."""
        random = reinitialise.shaped_like(self.model, seed)
        if random is None:
            return None
        return LanguageModel(random, self.tokenizer, title=self.title, source="memory")

    def roles(self, each: Each = at_once) -> Roles:
        """Measured the first time; see :func:`attention.atlas.roles.measure_roles`."""
        known = self.roles_known()
        if known is None:
            known = self._roles = measure_roles(self, each)
        return known

    def roles_known(self) -> Roles | None:
        """What was measured already, in this process or before."""
        if self._roles is None:
            self._roles = roles_kept(self)
        return self._roles

    def encode(self, text: str) -> list[int]:
        """Token ids of any text, with the special tokens that the tokenizer adds."""
        # No tokenizer takes lone surrogates.
        clean = text.encode("utf-8", "replace").decode("utf-8")
        return list(self.tokenizer(clean, verbose=False)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        return str(self.tokenizer.decode(list(ids), clean_up_tokenization_spaces=False))

    def token_texts(self, ids: Sequence[int]) -> list[str]:
        """One readable string a token; special tokens as the vocabulary writes them."""
        return self._texts.readable(ids)

    def token_bytes(self, ids: Sequence[int]) -> list[bytes]:
        """Each token's text in UTF-8, cut where the tokenizer cut it; b"" for a special token."""
        return self._texts.bytes(ids)

    @torch.inference_mode()
    def run(
        self, ids: Sequence[int], *, receive: Receive | None = None, cache: Cache | None = None
    ) -> Tensor | None:
        """One forward pass.

        Args:
            ids: the text, or with a cache the tokens that follow those it holds.
            receive: sees each layer's attention, see :func:`.capture.record`.
            cache: of transformers; gets these tokens' keys and values.

        Returns:
            Logits of the last token, float32 ``[vocab_size]`` on the model's device; None if the
            model predicts no next token.

        Raises:
            TextError: there are no tokens, or more than the model takes.
        """
        held = 0 if cache is None else cache.get_seq_length()
        require_text(len(ids) + held, self)
        given: dict[str, Any] = {
            "input_ids": torch.tensor([list(ids)], device=anatomy.input_device(self.model))
        }
        if "use_cache" in self._accepts:
            given["use_cache"] = cache is not None
        if cache is not None:
            given["cache"] = cache
        if self.predicts and "logits_to_keep" in self._accepts:
            given["logits_to_keep"] = 1
        with self._ready(), record(receive) if receive else nullcontext():
            out = self.model(**given, return_dict=True)
        return out.logits[0, -1].float() if self.predicts else None

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
        """See :meth:`attention.models.base.Model.look`; one layer is held at a time."""
        require_layer(self, layer, head)
        require_text(len(ids), self)
        self._require_mask(causal)
        surveyor = Surveyor(ids, layer, head, units, pairs, cancelled)
        cache = self.new_cache() if self.predicts and len(ids) <= MEASURED_TOKENS else None
        logits = self.run(ids, receive=surveyor.receive, cache=cache)
        return surveyor.look(
            configs=self.configs,
            predictions=None if logits is None else likeliest(logits, TOP, self.token_texts),
            logits=None if logits is None else logits.cpu().numpy(),
            cache=self._cache_size(len(ids), None if cache is None else cache_nbytes(cache)),
        )

    def trace(
        self, ids: Sequence[int], *, layer: int, causal: bool | None = None
    ) -> AttentionTrace:
        """Every intermediate of one layer, by name.

        Raises:
            TextError: no tokens, too many, no such layer, or another mask than the model's.
        """
        require_layer(self, layer)
        self._require_mask(causal)
        tracer = Tracer(self.parts[layer], layer)
        with self._lock, tracer.hooked():
            self.run(ids, receive=tracer.receive)
        return tracer.trace()

    def query(
        self, ids: Sequence[int], *, layer: int, token: int, causal: bool | None = None
    ) -> AttentionTrace:
        """The same of one query alone."""
        return query_row(self.trace(ids, layer=layer, causal=causal), token)

    def split_error(self, of: Projected, *, layer: int) -> float | None:
        """See :func:`attention.trace.split_error`; None, too, where W_Q waits on disk."""
        w_q = self.w_q(layer)
        return None if w_q is None else split_error(of, self.configs[layer].n_heads, *w_q)

    def w_q(self, layer: int) -> Matrix | None:
        """See :meth:`attention.models.base.Model.w_q`."""
        return projection(self.parts[layer].w_q)

    def w_v(self, layer: int) -> Matrix | None:
        """See :meth:`attention.models.base.Model.w_v`."""
        return projection(self.parts[layer].w_v)

    def embedding(self) -> Tensor | None:
        """See :meth:`attention.models.base.Model.embedding`."""
        return anatomy.vectors(self.model.get_input_embeddings())

    def unembedding(self) -> Tensor | None:
        """See :meth:`attention.models.base.Model.unembedding`."""
        return anatomy.vectors(self.model.get_output_embeddings())

    def w_o(self, layer: int) -> Matrix | None:
        """See :meth:`attention.models.base.Model.w_o`."""
        return projection(self.parts[layer].w_o)

    def new_cache(self) -> Cache:
        """An empty cache of transformers, of the kind that this model generates with."""
        return caches.new_cache(self.model)

    def cache_bytes(self, cache: Cache) -> int:
        """See :func:`.caches.cache_nbytes`."""
        return cache_nbytes(cache)

    @property
    def ends(self) -> frozenset[int]:
        """See :func:`.limits.end_tokens`."""
        return end_tokens(self.model, self.tokenizer)

    def next_logits(
        self,
        ids: Sequence[int],
        *,
        cache: Cache | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Tensor:
        """See :meth:`attention.models.base.Predictor.next_logits`."""

        def receive(_: AttentionCall) -> None:
            if cancelled():
                raise Cancelled

        return cast(Tensor, self.run(ids, receive=receive, cache=cache))

    def step(self, token: int, cache: Cache) -> tuple[Tensor, Callable[[], tuple[np.ndarray, ...]]]:
        """See :meth:`attention.models.base.Predictor.step`."""
        calls: list[AttentionCall] = []
        logits = self.run([token], receive=calls.append, cache=cache)
        return cast(Tensor, logits), lambda: tuple(last_weights(call) for call in calls)

    def measure_cache(self, ids: Sequence[int]) -> int:
        """Bytes in transformers' own cache after these tokens; 0 for a model that has none."""
        if not self.predicts:
            return 0
        cache = self.new_cache()
        self.run(ids, cache=cache)
        return cache_nbytes(cache)

    def cache_formula(self, seq_len: int) -> int:
        """Bytes after ``seq_len`` tokens, see :func:`attention.models.base.cache_size`.

        A layer that keeps something else than every KV head's keys and values counts what it keeps,
        see :attr:`attention.models.huggingface.anatomy.LayerParts.cached`.
        """
        size = self._cache_size(seq_len, None)
        return 0 if size is None else size.formula

    def _cache_size(self, n_tokens: int, measured: int | None) -> CacheSize | None:
        if not self.predicts:
            return None
        numbers = [part.cached for part in self.parts]
        number_bytes = self.model.dtype.itemsize
        return cache_size(self.configs, self.windows, numbers, n_tokens, number_bytes, measured)

    def top(
        self, of: Look | Sequence[int], k: int = TOP, *, causal: bool | None = None
    ) -> tuple[Prediction, ...] | None:
        """See :meth:`attention.models.base.Model.top`; a look knows them without another pass."""
        self._require_mask(causal)
        logits = of.logits if isinstance(of, Look) else self.run(of)
        return None if logits is None else likeliest(torch.as_tensor(logits), k, self.token_texts)

    @contextmanager
    def _ready(self) -> Iterator[None]:
        """The model is ours alone, with our attention, until the end."""
        with self._lock:
            if not self._borrowed:
                yield
                return
            with as_found(self.model):
                self.model.set_attn_implementation(IMPLEMENTATION)
                yield

    def _require_mask(self, causal: bool | None) -> None:
        if causal not in (None, self.causal):
            raise TextError("{title} has a mask of its own: leave causal out.", title=self.title)
