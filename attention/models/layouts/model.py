"""A trained layout as something that can be asked."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from time import perf_counter
from typing import Any, Self

import torch
from tokenizers import Tokenizer
from torch import Tensor

from attention.assets import asset
from attention.interventions import reference as texts
from attention.interventions.change import changes_of
from attention.interventions.off import Off
from attention.interventions.sharing import Sharing
from attention.kv_cache import KVCache
from attention.models.fingerprint import fingerprint_of
from attention.models.kept import Kept, Surveys
from attention.models.layouts.decoder import Decoder
from attention.models.layouts.initial import initialise
from attention.models.layouts.network import MAX_TOKENS, LayoutNetwork
from attention.models.layouts.sharing import shared
from attention.models.limits import TextError, require_layer, require_text
from attention.models.look import Look, Prediction
from attention.models.looks import Asked, Looks
from attention.models.predictions import TOP, likeliest
from attention.models.roles import Roles, of_card
from attention.sentence import Sentence
from attention.text.tokens import piece_bytes, readable_parts
from attention.trace import AttentionTrace

TOKENIZER = asset("tokenizer.json")


class LayoutModel(LayoutNetwork, Looks):
    """One trained layout with its tokenizer and card. Nothing in it changes after loading.

    It is a :class:`attention.models.predictor.Predictor`, whose mask may be chosen. A text goes on
    as it was trained, every token blind to those behind it.
    """

    architecture, label, source = "", "layout", Sentence("this repository")
    causal = predicts = True
    adapter = base = vision = None
    trained_tokens = 128
    whole_tokens = 0
    kept_tokens = MAX_TOKENS
    ends: frozenset[int] = frozenset()  # no token of its texts says that they are over

    def __init__(self, decoder: Decoder, card: dict, device: str) -> None:
        super().__init__(decoder, device)
        self.card = card
        self.validation_loss: float | None = card["validation_loss"]

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

    def _before(self, ids: Sequence[int], layer: int, causal: bool | None) -> Tensor:
        """A layer's input, ``[1, seq_len, d_model]``."""
        require_text(len(ids), self)
        require_layer(self, layer)
        x = self._embedded(ids)
        for each, change in zip(self.decoder.layers[:layer], self._changes, strict=False):
            _, _, q, k, v = each.project(x)
            x = each.close(x, each.mix(q, k, v, causal=causal is not False, change=change))
        return x
