"""The network of a language model: passes through it, one at a time."""

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

from attention.interventions.change import Changes, gated
from attention.models.huggingface import anatomy, caches
from attention.models.huggingface.borrow import as_found
from attention.models.huggingface.call import AttentionCall, last_weights
from attention.models.huggingface.capture import Receive, record
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.layers import Layers
from attention.models.huggingface.residual import ResidualReader
from attention.models.limits import Cancelled, TextError, require_text, require_token
from attention.models.residual import Residual


class Network(Layers):
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

    def __init__(
        self, model: PreTrainedModel, *, title: str, max_tokens: int, borrowed: bool
    ) -> None:
        super().__init__(model)
        self.title, self.max_tokens = title, max_tokens
        self._borrowed, self._lock = borrowed, threading.RLock()
        self._around: Callable[[], AbstractContextManager[None]] = nullcontext  # of each pass
        self._accepts = set(inspect.signature(model.forward).parameters)
        with as_found(model) if borrowed else nullcontext():
            self._describe(self._dissect())
            self._implementation = model.config._attn_implementation

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
        with self._ready():
            return self._out(rows.to(anatomy.input_device(self.model)), changes, receive, given)

    def _out(
        self, rows: Tensor, changes: Changes, receive: Receive | None, given: dict[str, Any]
    ) -> Any:
        """The same of tokens that it knows, where they are, once it is ready."""
        with record(receive, changes):
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
