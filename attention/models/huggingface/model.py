"""A language model as something that can be asked, whatever its architecture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from copy import copy
from typing import Self

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import Cache

from attention.atlas.quick import measure_roles, roles_kept
from attention.interventions import reference as texts
from attention.interventions.change import changes_of
from attention.interventions.off import Off
from attention.interventions.sharing import Sharing
from attention.models.fingerprint import fingerprint_of
from attention.models.huggingface import reinitialise
from attention.models.huggingface.adapter import Adapter
from attention.models.huggingface.caches import cache_nbytes
from attention.models.huggingface.call import AttentionCall, mix
from attention.models.huggingface.capture import Receive
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.limits import max_tokens
from attention.models.huggingface.quiet import quiet
from attention.models.huggingface.sharing import shared
from attention.models.huggingface.surveys import (
    KEPT_TOKENS,
    MEASURED_TOKENS,
    AllKeptError,
    Keeper,
    Surveyor,
)
from attention.models.huggingface.tokenized import Tokenized
from attention.models.huggingface.tracing import Tracer
from attention.models.images import Vision
from attention.models.kept import Given, Kept
from attention.models.limits import Cancelled, require_layer
from attention.models.look import Look, Prediction
from attention.models.looks import Asked, Looks
from attention.models.predictions import TOP, likeliest
from attention.models.roles import Roles
from attention.steps import Each, at_once
from attention.trace import AttentionTrace, query_row

__all__ = ["Cancelled", "LanguageModel", "cache_nbytes"]


class LanguageModel(Tokenized, Looks):
    """One model with its tokenizer.

    It is a :class:`attention.models.predictor.Predictor`, where it predicts.

    Args:
        model, title, borrowed: see :class:`.network.Network`.
        tokenizer: its own.
        source: where it is from: a folder, a Hub id, "memory".

    Raises:
        CheckpointError: its attention cannot be read, see :mod:`.anatomy`.
    """

    trained_tokens = validation_loss = None
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
        most = max_tokens(model, tokenizer)
        super().__init__(model, title=title, max_tokens=most, borrowed=borrowed)
        self.tokenizer, self.source, self.label = tokenizer, source, title
        self._read_with(tokenizer)
        self._roles: Roles | None = None
        self._whole: Self | None = None  # the one that a view with heads off was made of
        self.again: Callable[[], LanguageModel] | None = None  # loads the same once more
        self.adapter: Adapter | None = None  # what was put onto ``base``
        self.base: LanguageModel | None = None
        self.tower: Vision | None = None  # for pictures, where this is the one for texts

    def __reduce__(self) -> tuple[Callable[[], LanguageModel], tuple[()]]:
        """Another process loads it by its name: what it is made of cannot be sent.

        Raises:
            CheckpointError: it has no name, as one that was made or changed in memory.
        """
        if self.again is None:
            raise CheckpointError(
                "{title} is in this process alone: load it by a name or from a folder to send it "
                "to others.",
                title=self.title,
            )
        return self.again, ()

    def __copy__(self) -> Self:
        """In this process nothing is loaded again."""
        same = object.__new__(type(self))
        vars(same).update(vars(self))
        return same

    @property
    def vision(self) -> Vision | None:
        """See :attr:`attention.models.base.Model.vision`."""
        return self.tower

    @property
    def reference_text(self) -> str:
        """Prose."""
        return texts.prose()

    def without(self, off: Off, *, reference: str | None = None) -> Self:
        """See :meth:`attention.models.base.Model.without`."""
        off.require(self.configs)
        means = self._mean_contexts(reference) if off.kind == "mean" else None
        view = copy(self)
        view._whole, view.again = self._whole or self, None
        view._off, view._changes = off, changes_of(off, self.configs, means)
        return view

    def switched(
        self, adapter: Adapter | None, off: Callable[[], AbstractContextManager[None]]
    ) -> Self:
        """The same model, whose base is itself with the adapter switched off in each pass.

        Args:
            adapter: None where it is no plain LoRA.
            off: switches it off, and on again at the end.
        """
        plain = copy(self)
        plain._around = off
        self.adapter, self.base = adapter, plain
        return self

    def without_adapter(self) -> LanguageModel:
        """The model that the adapter was put onto, with the same heads off.

        Raises:
            CheckpointError: there is no adapter.
        """
        if self.base is None:
            raise CheckpointError(
                "{title} has no adapter that could be left out.", title=self.title
            )
        return self.base.without(self._off) if self._off else self.base

    def shared(self, sharing: Sharing) -> Self:
        """See :meth:`attention.models.base.Model.shared`."""
        with self._lock, quiet():
            fewer = shared(self.model, self.parts, sharing, self.architecture)
            title = f"{self.title} with n_kv_heads {sharing.kv_heads}"
            return type(self)(fewer, self.tokenizer, title=title, source=self.source)

    def _mean_contexts(self, reference: str | None) -> list[Tensor]:
        means = []

        def receive(call: AttentionCall) -> Tensor:
            context = mix(call)
            means.append(context[0].mean(1))  # [n_heads, v_head_dim]
            return context

        self._run_reference(reference, receive)
        return means

    def _run_reference(self, reference: str | None, receive: Receive) -> None:
        """A pass over the text that contexts are averaged over."""
        ids = self.encode(self.reference_text if reference is None else reference)
        (self._whole or self).run(ids[: self.max_tokens], receive=receive)

    def fingerprint(self) -> str | None:
        """See :meth:`attention.models.base.Model.fingerprint`."""
        if self.source == "memory" or self._whole:
            return None
        return fingerprint_of(self.model.named_parameters(), self.architecture)

    def reinitialised(self, seed: int) -> LanguageModel | None:
        """See :meth:`attention.models.base.Model.reinitialised`."""
        random = reinitialise.shaped_like(self.model, seed)
        if random is None:
            return None
        return type(self)(random, self.tokenizer, title=self.title, source="memory")

    def roles(self, each: Each = at_once) -> Roles:
        """Measured the first time, with all heads on; see
        :func:`attention.atlas.quick.measure_roles`."""
        if self._whole:
            return self._whole.roles(each)
        known = self.roles_known()
        if known is None:
            known = self._roles = measure_roles(self, each)
        return known

    def roles_known(self) -> Roles | None:
        """What was measured already, in this process or before."""
        if self._whole:
            return self._whole.roles_known()
        if self._roles is None:
            self._roles = roles_kept(self)
        return self._roles

    def _look(self, asked: Asked) -> Look:
        """One layer is held at a time."""
        self._require_mask(asked.causal)
        surveyor, n_tokens = self._surveyor(asked), len(asked.ids)
        cache = self.new_cache() if self.predicts and n_tokens <= MEASURED_TOKENS else None
        logits = self._show(surveyor, cache)
        return surveyor.look(
            configs=self.configs,
            predictions=None if logits is None else likeliest(logits, TOP, self.token_texts),
            logits=None if logits is None else logits.cpu().numpy(),
            cache=self._cache_size(n_tokens, None if cache is None else self.cache_bytes(cache)),
            beside=self._cache_beside(n_tokens, cache),
            off=self._off,
            blocks=self.blocks,
        )

    def _keep(self, asked: Asked) -> list[Kept | Given]:
        self._require_mask(asked.causal)
        keeper = Keeper(asked, self.n_layers, across=self.across)
        with suppress(AllKeptError):
            self._show(keeper, None)
        return keeper.kept

    def _surveyor(self, asked: Asked) -> Surveyor:
        """Who looks at each layer."""
        return Surveyor(asked, across=self.across)

    def _show(self, surveyor: Surveyor, cache: Cache | None) -> Tensor | None:
        """One pass, of which each layer is shown; the logits of the last token."""
        return self.run(surveyor.asked.ids, receive=surveyor.receive, cache=cache)

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

    def top(
        self, of: Look | Sequence[int], k: int = TOP, *, causal: bool | None = None
    ) -> tuple[Prediction, ...] | None:
        """See :meth:`attention.models.base.Model.top`; a look knows them without another pass."""
        self._require_mask(causal)
        logits = of.logits if isinstance(of, Look) else self.run(of)
        return None if logits is None else likeliest(torch.as_tensor(logits), k, self.token_texts)
