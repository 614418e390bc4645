"""Generation, a token at a time, with the cache of transformers growing by one token a step.

The cache is filled with all of the text but its last token. Then every step is the same: the last
token's query alone meets the cached keys (its own among them), the model says what may come next,
and one token is chosen. The text is fed as it is typed: no chat template, no hidden prompt, no
penalty for repetition. Without the cache the same step is a pass over the whole text.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor

from attention import functional
from attention.language.capture import AttentionCall, attend
from attention.language.errors import Cancelled
from attention.language.model import LanguageModel, cache_nbytes

MAX_NEW_TOKENS = 256
TOP = 10  # candidates that a step names

Ask = Callable[[], bool]  # once it says True, a long pass ends


class GenerationError(ValueError):
    """Nothing can be generated, or no more. The message says why and what to do."""


class End(StrEnum):
    """Why there is no next step."""

    END_OF_TEXT = "end_of_text"  # the model chose a token that ends the text
    ENOUGH = "enough"  # as many tokens as were asked for
    CONTEXT = "context"  # the text is as long as the model takes


@dataclass(frozen=True)
class Choice:
    """A token that may come next."""

    token: int
    text: str  # readable
    probability: float  # what the model says: softmax(logits)
    chance: float  # that it is chosen: softmax(logits / temperature); greedy: 1 for the likeliest
    ends: bool  # it ends the text


@dataclass(frozen=True)
class WholePass:
    """The same step without the cache: every token of the text once more."""

    seconds: float
    largest_difference: float  # of a probability, over the whole vocabulary
    same_token: bool  # that the likeliest next token is the same


@dataclass(frozen=True, kw_only=True, eq=False)
class Step:
    """One token: what its predecessor's query looked at, and what was chosen from what."""

    chosen: Choice
    top: tuple[Choice, ...]  # the likeliest first; the chosen one need not be among them
    tokens: tuple[str, ...]  # readable, the text so far with the chosen token at its end
    written: str  # what was generated so far, as text
    rows: tuple[np.ndarray, ...]  # a layer each, float32 [n_heads, kv_len of that layer]
    kv_len: int  # tokens that the cache has seen; len(tokens) - 1
    cache_bytes: int  # measured on the cache of transformers
    formula_bytes: int
    seconds: float  # the pass of one token with the cache
    fill_seconds: float | None  # filling the cache first, where this step had to
    whole: WholePass | None  # where it was asked for
    ended: End | None

    def row(self, layer: int, head: int) -> np.ndarray:
        """float32 [kv_len]: the weights of the query on the keys that its layer still has.

        Where a sliding window let go of the first keys, the row is shorter than ``self.kv_len``.
        """
        return self.rows[layer][head]


class Generation:
    """A text that grows. One thread at a time.

    Args:
        model: one that predicts.
        ids: the text, at least one token.
        seed: of the choices above temperature 0; the same seed gives the same text.
        max_new_tokens: after so many the generation ends.
        max_tokens: of text and generated tokens; by default, and at most, what the model takes.

    Raises:
        GenerationError: the model predicts no next token, or the text is empty or too long.
    """

    def __init__(
        self,
        model: LanguageModel,
        ids: Sequence[int],
        *,
        seed: int = 0,
        max_new_tokens: int = MAX_NEW_TOKENS,
        max_tokens: int | None = None,
    ) -> None:
        limit = model.max_tokens if max_tokens is None else min(max_tokens, model.max_tokens)
        if not model.predicts:
            raise GenerationError(
                f"{model.title} predicts no next token: choose a model with an LM head."
            )
        if not ids:
            raise GenerationError("The text has no tokens: give at least one character.")
        if len(ids) > limit:
            raise GenerationError(f"The text has {len(ids)} tokens; at most {limit} fit: cut it.")
        self.model, self.n_prompt = model, len(ids)
        self._ids, self._limit, self._most = list(ids), limit, max_new_tokens
        self._cache = None
        self._random = torch.Generator().manual_seed(seed)
        self._ends = end_tokens(model)
        self.ended: End | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        """The text and what was generated."""
        return tuple(self._ids)

    @property
    def held_bytes(self) -> int:
        """Bytes that the cache holds now."""
        return 0 if self._cache is None else cache_nbytes(self._cache)

    def release(self) -> None:
        """Give the cache back; the next step fills it again from the tokens."""
        self._cache = None

    def step(
        self, *, temperature: float = 0.0, compare: bool = False, cancelled: Ask = lambda: False
    ) -> Step:
        """Choose one more token.

        Args:
            temperature: 0 takes the likeliest token; above, the logits are divided by it and the
                token is drawn.
            compare: run the same step without the cache too, and say how long that takes.
            cancelled: asked between the layers of the passes over the whole text.

        Raises:
            GenerationError: the generation has ended, or the temperature is negative.
            Cancelled: ``cancelled`` said so before anything was chosen.
        """
        if self.ended is not None:
            raise GenerationError(self._why())
        if not temperature >= 0:
            raise GenerationError(f"temperature {temperature} is negative: choose 0 or more.")
        fill_seconds = self._fill(cancelled)
        calls: list[AttentionCall] = []
        try:
            logits, seconds = self._pass(self._ids[-1:], calls.append, self._cache)
        except BaseException:
            self.release()  # some layers have the token and some have not
            raise
        kv_len = len(self._ids)
        whole = self._whole(logits, cancelled) if compare else None
        top, chosen = self._choose(logits, temperature)
        self._append(chosen)
        return Step(
            chosen=chosen,
            top=top,
            tokens=tuple(self.model.token_texts(self._ids)),
            written=self.written(),
            rows=tuple(_row(call) for call in calls),
            kv_len=kv_len,
            cache_bytes=self.held_bytes,
            formula_bytes=self.model.cache_formula(kv_len),
            seconds=seconds,
            fill_seconds=fill_seconds,
            whole=whole,
            ended=self.ended,
        )

    def written(self) -> str:
        """What was generated, as text; a character that is not whole yet is left out."""
        ids = self._ids[:-1] if self.ended is End.END_OF_TEXT else self._ids
        before, text = (self.model.decode(part) for part in (ids[: self.n_prompt], ids))
        if not text.startswith(before):  # the first new token completes a character of the prompt
            text, before = self.model.decode(ids[self.n_prompt :]), ""
        return text[len(before) :].rstrip("\ufffd")

    def _fill(self, cancelled: Ask) -> float | None:
        if self._cache is not None:
            return None
        cache, seconds = self.model.new_cache(), 0.0
        if len(self._ids) > 1:
            _, seconds = self._pass(self._ids[:-1], _stopping(cancelled), cache)
        self._cache = cache
        return seconds

    def _whole(self, logits: Tensor, cancelled: Ask) -> WholePass | None:
        """None if it was cancelled: the step itself is done by then."""
        try:
            again, seconds = self._pass(self._ids, _stopping(cancelled), None)
        except Cancelled:
            return None
        difference = functional.softmax(again) - functional.softmax(logits)
        return WholePass(
            seconds=seconds,
            largest_difference=float(difference.abs().max()),
            same_token=bool(again.argmax() == logits.argmax()),
        )

    def _pass(
        self, ids: Sequence[int], receive: Callable[[AttentionCall], None], cache: object
    ) -> tuple[Tensor, float]:
        """Logits ``[vocab_size]`` on the CPU, and the seconds until they were there."""
        start = time.perf_counter()
        logits = self.model.run(ids, receive=receive, cache=cache).cpu()  # waits for the device
        return logits, time.perf_counter() - start

    def _choose(self, logits: Tensor, temperature: float) -> tuple[tuple[Choice, ...], Choice]:
        """The likeliest tokens, and the one that was taken."""
        probabilities = functional.softmax(logits)
        if temperature == 0:
            chances = torch.zeros_like(logits)
            token = int(logits.argmax())
            chances[token] = 1
        else:
            chances = functional.softmax(logits / temperature)
            token = int(torch.multinomial(chances, 1, generator=self._random))
        # Sorted and not topk, so that of equals the first id comes first, as argmax takes it.
        likeliest = logits.sort(descending=True, stable=True).indices[:TOP].tolist()
        ranked = {i: self._choice(i, probabilities, chances) for i in (*likeliest, token)}
        return tuple(ranked[i] for i in likeliest), ranked[token]

    def _choice(self, token: int, probabilities: Tensor, chances: Tensor) -> Choice:
        return Choice(
            token=token,
            text=self.model.token_texts([token])[0],
            probability=float(probabilities[token]),
            chance=float(chances[token]),
            ends=token in self._ends,
        )

    def _append(self, chosen: Choice) -> None:
        self._ids.append(chosen.token)
        if chosen.ends:
            self.ended = End.END_OF_TEXT
        elif len(self._ids) - self.n_prompt >= self._most:
            self.ended = End.ENOUGH
        elif len(self._ids) > self._limit:
            self.ended = End.CONTEXT

    def _why(self) -> str:
        return {
            End.END_OF_TEXT: "The model ended the text: start again to generate another.",
            End.ENOUGH: f"{self._most} tokens were generated, as many as were asked for: "
            "start again to generate others.",
            End.CONTEXT: f"The text has {self._limit} tokens and no more fit: shorten it.",
        }[self.ended]


def end_tokens(model: LanguageModel) -> frozenset[int]:
    """Ids that end a text, by the model's generation settings or, without, by its tokenizer."""
    settings = getattr(model.model, "generation_config", None)
    found = getattr(settings, "eos_token_id", None)
    if found is None:
        found = model.tokenizer.eos_token_id
    return frozenset([] if found is None else [found] if isinstance(found, int) else found)


def _stopping(cancelled: Ask) -> Callable[[AttentionCall], None]:
    def look(_: AttentionCall) -> None:
        if cancelled():
            raise Cancelled

    return look


@torch.inference_mode()
def _row(call: AttentionCall) -> np.ndarray:
    """float32 [n_heads, kv_len]: the weights of the last query, exactly as the layer used them."""
    _, weights, _ = attend(call)
    return weights[0, :, -1].float().cpu().numpy()
