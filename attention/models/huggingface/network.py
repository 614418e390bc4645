"""The network of a language model: passes through it, one at a time, and what its cache holds."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.cache_utils import Cache

from attention.interventions.change import Changes, changes_of, gated
from attention.interventions.off import ALL_ON, Off
from attention.models.base import Matrix
from attention.models.huggingface import anatomy, caches
from attention.models.huggingface.borrow import as_found
from attention.models.huggingface.caches import cache_nbytes
from attention.models.huggingface.capture import (
    AttentionCall,
    Receive,
    last_weights,
    record,
)
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.residual import ResidualReader
from attention.models.huggingface.tracing import projection
from attention.models.limits import Cancelled, TextError, require_text, require_token
from attention.models.look import CacheSize, cache_size, numbers_asked
from attention.models.residual import Residual
from attention.trace import Projected, split_error


class Network:
    """A model of transformers. Passes of several threads follow one another.

    Args:
        model: in eval mode or (``borrowed``) as its owner left it.
        title: what to call it.
        max_tokens: the longest text that it takes.
        borrowed: the model belongs to someone else, who uses it between passes: our attention is
            put in for each pass and taken out again.

    Raises:
        CheckpointError: its attention cannot be read, see :mod:`.anatomy`.
    """

    weights_only = False

    def __init__(
        self, model: PreTrainedModel, *, title: str, max_tokens: int, borrowed: bool
    ) -> None:
        self.model, self.title, self.max_tokens = model, title, max_tokens
        self.architecture = type(model).__name__
        self._borrowed, self._lock = borrowed, threading.RLock()
        self._around: Callable[[], AbstractContextManager[None]] = nullcontext  # of each pass
        self.has_head = model.get_output_embeddings() is not None
        self._accepts = set(inspect.signature(model.forward).parameters)
        with as_found(model) if borrowed else nullcontext():
            self._describe(self._dissect())
            self._implementation = model.config._attn_implementation

    @property
    def across(self) -> bool:
        """Queries and keys are tokens of two texts."""
        return False

    def _dissect(self) -> anatomy.Anatomy:
        """The layers; the model has our attention afterwards."""
        return anatomy.dissect(self.model, self.architecture, with_cache=self.has_head)

    def _describe(self, found: anatomy.Anatomy) -> None:
        """What follows from the layers, with every head on."""
        self.parts, self.blocks, self._state = found.parts, found.blocks, found.state
        parts, self._numbers, self._places = found.parts, found.numbers, found.places
        self.configs = tuple(part.config for part in parts)
        self.n_layers, self.d_model = len(parts), self.configs[0].d_model
        self.causal = all(config.causal for config in self.configs)
        self.sinks = tuple(part.sinks for part in parts)
        self.windows: tuple[int | None, ...] = self._windows()
        self._off, self._changes = ALL_ON, changes_of(ALL_ON, self.configs)

    def _windows(self) -> tuple[int | None, ...]:
        cache = self.new_cache() if self.predicts else None
        return caches.windows(cache, self.model, self._numbers)

    @property
    def predicts(self) -> bool:
        """See :attr:`attention.models.base.Model.predicts`."""
        keeps = any(part.cached for part in self.parts)
        return self.causal and self.has_head and keeps

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
        held = 0 if cache is None else caches.n_tokens(cache)
        require_text(len(ids) + held, self)
        given: dict[str, Any] = {} if cache is None else {"cache": cache}
        if held and self._places:
            places = torch.arange(held, held + len(ids), device=anatomy.input_device(self.model))
            given["position_ids"] = places[None]
        if self._keeps_logits:
            given["logits_to_keep"] = 1
        out = self._pass(torch.tensor([list(ids)]), self._changes, receive, given)
        return out.logits[0, -1].float() if self.predicts else None

    def logits(self, rows: Tensor, *, gates: Tensor | None = None) -> Tensor:
        """See :meth:`attention.models.predictor.Predictor.logits`."""
        require_text(rows.shape[1], self)
        self._require_prediction()
        with torch.inference_mode(gates is None):
            changes = gated(self._changes, gates, self.configs)
            return self._pass(rows, changes, None, {}).logits.float()

    @torch.inference_mode()
    def residual(self, ids: Sequence[int], *, token: int, causal: bool | None = None) -> Residual:
        """See :meth:`attention.models.predictor.Predictor.residual`."""
        require_text(len(ids), self)
        require_token(len(ids), token)
        self._require_mask(causal)
        self._require_prediction()
        if self.blocks:
            raise CheckpointError(
                "{name} has blocks without attention, which add to its residual stream as well: "
                "its logits cannot be split into parts.",
                name=self.architecture,
            )
        reader = ResidualReader(self.model, self.parts, token, self.architecture)
        given = {"logits_to_keep": torch.tensor([token])} if self._keeps_logits else {}
        with self._lock, reader.hooked():
            logits = self._pass(torch.tensor([list(ids)]), self._changes, None, given).logits[0]
        return reader.residual(logits[token if len(logits) == len(ids) else 0])

    def _pass(
        self, rows: Tensor, changes: Changes, receive: Receive | None, given: dict[str, Any]
    ) -> Any:
        """What transformers' model gives out for token ids ``[batch, seq_len]``."""
        self._require_known(rows)
        if "use_cache" in self._accepts:
            given["use_cache"] = "cache" in given
        with self._ready(), record(receive, changes):
            rows = rows.to(anatomy.input_device(self.model))
            return self.model(input_ids=rows, return_dict=True, **given, **self._beside(rows))

    def _beside(self, rows: Tensor) -> dict[str, Tensor]:
        """What the model is given beside token ids ``[batch, seq_len]``."""
        return {}

    def _require_known(self, rows: Tensor) -> None:
        known = anatomy.n_embedded(self.model)
        if (highest := int(rows.max())) >= known:
            raise TextError(
                "Token {token} is none of the {known:,} that {title} knows: its tokenizer is "
                "another model's, or the embedding was not resized to it.",
                token=highest,
                known=known,
                title=self.title,
            )

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
        """See :func:`.caches.cache_nbytes` and :func:`.caches.kept_in_modules`."""
        return cache_nbytes(cache) + caches.kept_in_modules(self.model)

    def next_logits(
        self,
        ids: Sequence[int],
        *,
        cache: Cache | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Tensor:
        """See :meth:`attention.models.predictor.Predictor.next_logits`."""

        def receive(_: AttentionCall) -> None:
            if cancelled():
                raise Cancelled

        return cast(Tensor, self.run(ids, receive=receive, cache=cache))

    def step(self, token: int, cache: Cache) -> tuple[Tensor, Callable[[], tuple[np.ndarray, ...]]]:
        """See :meth:`attention.models.predictor.Predictor.step`."""
        calls: list[AttentionCall] = []
        logits = self.run([token], receive=calls.append, cache=cache)
        return cast(Tensor, logits), lambda: tuple(last_weights(call) for call in calls)

    def measure_cache(self, ids: Sequence[int]) -> int:
        """Bytes in transformers' own cache after these tokens; 0 for a model that has none."""
        if not self.predicts:
            return 0
        cache = self.new_cache()
        self.run(ids, cache=cache)
        return self.cache_bytes(cache)

    def cache_formula(self, seq_len: int, off: Off = ALL_ON) -> int:
        """Bytes after ``seq_len`` tokens, see :func:`attention.models.look.cache_size`.

        A layer that keeps something else than every KV head's keys and values counts what it keeps,
        see :attr:`attention.models.huggingface.anatomy.LayerParts.cached`.
        """
        size = self._cache_size(seq_len, None, off)
        return 0 if size is None else size.formula

    def _cache_size(
        self, n_tokens: int, measured: int | None, off: Off = ALL_ON
    ) -> CacheSize | None:
        if not self.predicts:
            return None
        numbers = numbers_asked([part.cached for part in self.parts], self.configs, off)
        number_bytes = self.model.dtype.itemsize
        return cache_size(
            self.configs, self.windows, numbers, n_tokens, number_bytes, measured, self._state
        )

    def _cache_beside(self, n_tokens: int, cache: Cache | None) -> CacheSize | None:
        """Another cache of the same pass; most models have none."""
        return None

    @property
    def _keeps_logits(self) -> bool:
        """Whether it can be told of which tokens the logits are wanted.

        Layers that read another layer's keys and values are then given those tokens alone
        (Gemma 4, transformers 5.24), and would have one query.
        """
        told = self.predicts and "logits_to_keep" in self._accepts
        return told and all(part.cached for part in self.parts)

    def _require_prediction(self) -> None:
        if not self.predicts:
            raise TextError(
                "{title} predicts no next token: choose a model with an LM head.", title=self.title
            )

    def _require_mask(self, causal: bool | None) -> None:
        if causal not in (None, self.causal):
            raise TextError("{title} has a mask of its own: leave causal out.", title=self.title)

    @contextmanager
    def _ready(self) -> Iterator[None]:
        """The model is ours alone, with our attention, until the end."""
        with self._lock:
            if not self._borrowed:
                yield
                return
            with as_found(self.model), self._around():
                self.model.set_attn_implementation(self._implementation)
                yield
