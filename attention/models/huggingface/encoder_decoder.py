"""An encoder–decoder as three models that can be asked: see :mod:`attention.models.parts`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Self, cast

import torch
from torch import Tensor
from transformers import EncoderDecoderCache, StoppingCriteriaList
from transformers.cache_utils import Cache
from transformers.utils import ModelOutput

from attention.interventions.change import Changes
from attention.interventions.off import ALL_ON, Off
from attention.models.huggingface import anatomy, caches, stacks
from attention.models.huggingface.caches import cache_nbytes
from attention.models.huggingface.call import AttentionCall
from attention.models.huggingface.capture import Receive, record
from attention.models.huggingface.encoding import clean
from attention.models.huggingface.limits import named_in
from attention.models.huggingface.model import LanguageModel
from attention.models.huggingface.quiet import quiet
from attention.models.limits import Cancelled, TextError, require_text
from attention.models.look import CacheSize
from attention.models.parts import PARTS
from attention.models.roles import Roles
from attention.steps import Each, at_once

#: Tokens of an answer of the model's own.
MOST_GENERATED = 40


class EncoderDecoder(LanguageModel):
    """One of the three attentions; made of a model it is the encoder, see :meth:`of`.

    It is a :class:`attention.models.parts.Parted`.
    """

    part = "encoder"

    def _dissect(self) -> anatomy.Anatomy:
        self._stacks = stacks.dissect(self.model, self.architecture)
        self.given: tuple[int, ...] = ()
        self._encoded: ModelOutput | None = None
        return self._stacks.of(self.part)

    def of(self, part: str, source: Sequence[int]) -> Self:
        """See :meth:`attention.models.parts.Parted.of`."""
        if part not in PARTS:
            raise TextError(
                "There is no part {part!r}: choose {parts}.", part=part, parts=", ".join(PARTS)
            )
        require_text(len(source), self)
        view = copy(self)
        view.part, view.given, view._encoded = part, tuple(source), None
        view._whole = None
        view._describe(self._stacks.of(part))
        return view

    @property
    def predicts(self) -> bool:
        """Decoder and cross-attention are of the same pass, which says what comes next."""
        return self.part != "encoder" and self.has_head

    @property
    def across(self) -> bool:
        return self.part == "cross"

    def roles(self, each: Each = at_once) -> Roles:
        """Of the encoder; what a head of the decoder does depends on a source, and has none."""
        return super().roles(each) if self.part == "encoder" else ()

    def roles_known(self) -> Roles | None:
        return super().roles_known() if self.part == "encoder" else ()

    def fingerprint(self) -> str | None:
        return super().fingerprint() if self.part == "encoder" else None

    def encode(self, text: str, second: str | None = None, *, special: bool = True) -> list[int]:
        """Of the target what the decoder reads: it begins with a token of its own, and the one
        that ends the text is only written."""
        if self.part == "encoder":
            return super().encode(text, second, special=special)
        if second is not None:
            raise TextError("The target is one text: leave the second one out.")
        given = {"verbose": False, "add_special_tokens": special}
        ids = list(self.tokenizer(text_target=clean(text), **given)["input_ids"])
        if not special:
            return ids
        starts = self._starts(ids)
        ended = bool(ids) and ids[-1] in {*self.ends, *starts}
        return starts + (ids[:-1] if ended else ids)

    def _starts(self, ids: Sequence[int]) -> list[int]:
        """What stands first: the settings' token, or, where they name none, the text's last one
        (mBART's language: transformers 5.24, ``shift_tokens_right`` of modeling_mbart.py)."""
        settings = (getattr(self.model, "generation_config", None), self.model.config)
        for config in settings:
            start = None if config is None else named_in(config, "decoder_start_token_id")
            if start is not None:
                return [start] if isinstance(start, int) else list(start[:1])
        return list(ids[-1:])

    @torch.inference_mode()
    def continued(
        self, source: Sequence[int], *, cancelled: Callable[[], bool] = lambda: False
    ) -> list[int]:
        """See :meth:`attention.models.parts.Parted.continued`; transformers' own ``generate``
        writes at most :data:`MOST_GENERATED` tokens, under the model's settings."""
        require_text(len(source), self)
        if not self.has_head:
            raise TextError(
                "{title} predicts no next token: give the target as well.", title=self.title
            )

        def goes_on(ids: Tensor, _: object, **__: object) -> Tensor:
            if cancelled():
                raise Cancelled
            return torch.zeros(len(ids), dtype=torch.bool, device=ids.device)

        greedy: dict[str, Any] = {"num_beams": 1, "do_sample": False, "num_return_sequences": 1}
        greedy["stopping_criteria"] = StoppingCriteriaList([goes_on])
        with self._ready(), quiet():
            rows = torch.tensor([list(source)], device=anatomy.input_device(self.model))
            mask = torch.ones_like(rows)
            generate: Any = self.model.generate
            # Its own cache would have as many layers as T5's encoder.
            greedy |= {"cache": self.new_cache(), "max_new_tokens": MOST_GENERATED}
            out = generate(rows, attention_mask=mask, **greedy)
        ids = [int(i) for i in out[0]]
        return ids[:-1] if len(ids) > 1 and ids[-1] in self.ends else ids

    def new_cache(self) -> EncoderDecoderCache:
        return stacks.new_cache(self.model)

    def cache_bytes(self, cache: Cache) -> int:
        """Of this attention's half."""
        return cache_nbytes(_half(cache, self.part))

    def _windows(self) -> tuple[int | None, ...]:
        if self.part == "encoder":
            return caches.windows(None, stacks.encoder_of(self.model), self._numbers)
        cache = _half(self.new_cache(), self.part)
        return caches.windows(cache, stacks.decoder_of(self.model), self._numbers)

    def _cache_size(
        self, n_tokens: int, measured: int | None, off: Off = ALL_ON
    ) -> CacheSize | None:
        """The cross-attention's keys and values are made once, of the source, and never grow."""
        return super()._cache_size(len(self.given) if self.across else n_tokens, measured, off)

    def _cache_beside(self, n_tokens: int, cache: Cache | None) -> CacheSize | None:
        if not self.predicts:
            return None
        other = self.of("decoder" if self.across else "cross", self.given)
        return other._cache_size(n_tokens, None if cache is None else other.cache_bytes(cache))

    def _out(
        self, rows: Tensor, changes: Changes, receive: Receive | None, given: dict[str, Any]
    ) -> Any:
        if self.part == "encoder":
            with record(receive, changes):
                return stacks.encoded(self.model, rows)
        given["encoder_outputs"] = self._source_states(len(rows))
        with record(self._of_part(receive), self._among_all(changes)):
            return self.model(decoder_input_ids=rows, return_dict=True, **given)

    def _source_states(self, batch: int) -> ModelOutput:
        """What the encoder makes of the source: once, unless the weights are somebody else's, who
        may change them."""
        if self._encoded is None or self._borrowed:
            self._require_known(rows := torch.tensor([self.given]))
            rows = rows.to(anatomy.input_device(self.model))
            with torch.inference_mode(False), torch.no_grad(), record(None):
                self._encoded = stacks.encoded(self.model, rows)
        out: Any = self._encoded
        states = out.last_hidden_state.expand(batch, -1, -1)
        return cast(ModelOutput, type(out)(**{**out, "last_hidden_state": states}))

    def _of_part(self, receive: Receive | None) -> Receive | None:
        """Only this attention's layers, counted from 0."""
        order = self._stacks.order

        def mine(call: AttentionCall) -> Tensor | None:
            if order[call.layer] != self.part:
                return None
            layer = order[: call.layer].count(self.part)
            return cast(Receive, receive)(replace(call, layer=layer))

        return None if receive is None else mine

    def _among_all(self, changes: Changes) -> Changes:
        """One a call of the decoder's, of both attentions."""
        own = iter(changes)
        return tuple(next(own) if of == self.part else None for of in self._stacks.order)


def _half(cache: Cache, part: str) -> Cache:
    of_both = cast(EncoderDecoderCache, cache)
    return of_both.cross_attention_cache if part == "cross" else of_both.self_attention_cache
