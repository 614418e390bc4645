"""A language model of which the weights are known, and nothing that they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, NoReturn, Self

import numpy as np
import torch
from torch import Tensor
from transformers.cache_utils import Cache

from attention.interventions.off import Off, OffError
from attention.models.huggingface import given
from attention.models.huggingface.anatomy import Anatomy
from attention.models.huggingface.borrow import as_found
from attention.models.huggingface.model import LanguageModel
from attention.models.huggingface.surveys import Surveyor
from attention.models.kept import Given
from attention.models.limits import TextError, require_text
from attention.models.residual import Residual
from attention.trace import AttentionTrace


class WeightsOnly(LanguageModel):
    """See :mod:`.given`. There are no steps to follow and no heads to switch off, and a text is no
    longer than the weights of all layers that can be held at once."""

    weights_only = True

    def __init__(self, *model: Any, **more: Any) -> None:
        super().__init__(*model, **more)
        self.max_tokens = min(self.max_tokens, given.longest(self.configs))

    def without(self, off: Off, *, reference: str | None = None) -> Self:
        """As it is; raises OffError for any head."""
        if off:
            self._refuse_off()
        return super().without(off)

    def logits(self, rows: Tensor, *, gates: Tensor | None = None) -> Tensor:
        """See :meth:`attention.models.predictor.Predictor.logits`; raises OffError for gates."""
        if gates is not None:
            self._refuse_off()
        return super().logits(rows)

    def trace(
        self, ids: Sequence[int], *, layer: int, causal: bool | None = None
    ) -> AttentionTrace:
        """Raises TextError."""
        raise TextError(
            "{title} hands over its weights and nothing that they are made of: there are no steps "
            "to follow.",
            title=self.title,
        )

    def residual(self, ids: Sequence[int], *, token: int, causal: bool | None = None) -> Residual:
        """Raises TextError."""
        raise TextError(
            "{title} hands over its weights and nothing that they are made of: what a head adds to "
            "the next token is not known.",
            title=self.title,
        )

    @torch.inference_mode()
    def step(self, token: int, cache: Cache) -> tuple[Tensor, Callable[[], tuple[np.ndarray, ...]]]:
        """See :meth:`attention.models.predictor.Predictor.step`."""
        require_text(1 + cache.get_seq_length(), self)
        asked = {"output_attentions": True, "cache": cache}
        out = self._pass(torch.tensor([[token]]), self._changes, None, asked)
        rows = tuple(each[0, :, -1].float().cpu().numpy() for each in out.attentions)
        return out.logits[0, -1].float(), lambda: rows

    @torch.inference_mode()
    def _show(self, surveyor: Surveyor, cache: Cache | None) -> Tensor | None:
        ids, asked = surveyor.asked.ids, {"output_attentions": True}
        surveyor.asked.go_on()
        kept = {} if cache is None else {"cache": cache}
        out = self._pass(torch.tensor([list(ids)]), self._changes, None, asked | kept)
        weights = given.weights_of(out, len(ids), self.model)
        for each, config in zip(weights, self.configs, strict=True):
            surveyor.asked.go_on()
            surveyor.take(Given(each, config.causal, surveyor.asked.units))
        return out.logits[0, -1].float() if self.predicts else None

    def _dissect(self) -> Anatomy:
        return given.dissect(self.model, self.architecture, with_cache=self.has_head)

    def _refuse_off(self) -> NoReturn:
        raise OffError(
            "{title} hands over its weights and nothing that they are made of: its heads cannot be "
            "switched off.",
            title=self.title,
        )

    @contextmanager
    def _ready(self) -> Iterator[None]:
        found = as_found(self.model) if self._borrowed else nullcontext()
        with self._lock, found, given.eagerly(self.model):
            yield
