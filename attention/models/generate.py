"""Generation, a token at a time, with the model's own cache growing by one token a step.

The cache is filled with all of the text but its last token. Then every step is the same: the last
token's query alone meets the cached keys (its own among them), the model says what may come next,
and one token is chosen. The text is fed as it is typed: no chat template, no hidden prompt, no
penalty for repetition. Without the cache the same step is a pass over the whole text.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from attention import functional
from attention.models.limits import Cancelled
from attention.models.outlook import Choice, End, GenerationError, Outlook, Step, WholePass
from attention.models.predictor import Predictor
from attention.sentence import Sentence

__all__ = ["MAX_NEW_TOKENS", "End", "Generation", "GenerationError"]

MAX_NEW_TOKENS = 256
TOP = 10  # candidates that are named
PIECES = 3  # tokens that may hold the beginning of one character in UTF-8

Ask = Callable[[], bool]  # once it says True, a long pass ends


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
        model: Predictor,
        ids: Sequence[int],
        *,
        seed: int = 0,
        max_new_tokens: int = MAX_NEW_TOKENS,
        max_tokens: int | None = None,
    ) -> None:
        limit = model.max_tokens if max_tokens is None else min(max_tokens, model.max_tokens)
        if not model.predicts:
            raise GenerationError(
                "{title} predicts no next token: choose a model with an LM head.", title=model.title
            )
        if not ids:
            raise GenerationError("The text has no tokens: give at least one character.")
        if len(ids) > limit:
            raise GenerationError(
                "The text has {n_ids} tokens; at most {limit} fit: cut it.",
                n_ids=len(ids),
                limit=limit,
            )
        self.model, self.n_prompt = model, len(ids)
        self._ids, self._limit, self._most = list(ids), limit, max_new_tokens
        self._cache: Any = None
        self._held = 0
        self._outlook: Outlook | None = None
        self._random = torch.Generator().manual_seed(seed)
        self._ends = model.ends
        self.ended: End | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        """The text and what was generated."""
        return tuple(self._ids)

    @property
    def held_bytes(self) -> int:
        """Bytes that the cache holds now; asked even while the model is let go."""
        return 0 if self._cache is None else self._held

    def release(self) -> None:
        """Give the cache back; it is filled again from the tokens when it is needed."""
        self._cache = self._outlook = None

    def rebind(self, model: Predictor) -> None:
        """Go on with the same model in another place of the memory; the cache is given back."""
        self.release()
        self.model = model

    def outlook(self, *, compare: bool = False, cancelled: Ask = lambda: False) -> Outlook:
        """What may come next. Asked twice for the same text, the model runs once.

        Args:
            compare: run the same step without the cache too, and say how long that takes.
            cancelled: asked between the layers of the passes over the whole text.

        Raises:
            GenerationError: the generation has ended.
            Cancelled: ``cancelled`` said so; where only the comparison was left to do, the outlook
                comes without it.
        """
        if self.ended is not None:
            raise GenerationError(self._why(self.ended))
        if self._outlook is None:
            self._outlook = self._look(cancelled)
        if compare and self._outlook.whole is None:
            whole = self._whole(self._outlook, cancelled)
            self._outlook = replace(self._outlook, whole=whole)
        return self._outlook

    def choices(self, outlook: Outlook, temperature: float, count: int = TOP) -> tuple[Choice, ...]:
        """The likeliest next tokens, the likeliest first."""
        # Sorted and not topk, so that of equals the first id comes first, as argmax takes it.
        ids = outlook.logits.sort(descending=True, stable=True).indices[:count].tolist()
        return self._choices(ids, outlook, temperature)

    def step(
        self, *, temperature: float = 0.0, compare: bool = False, cancelled: Ask = lambda: False
    ) -> Step:
        """Choose one more token.

        Args:
            temperature: 0 takes the likeliest token; above, the logits are divided by it and the
                token is drawn.
            compare, cancelled: see :meth:`outlook`.

        Raises:
            GenerationError: the generation has ended, or the temperature is negative.
            Cancelled: ``cancelled`` said so; nothing was chosen.
        """
        if not temperature >= 0:
            raise GenerationError(
                "temperature {temperature} is negative: choose 0 or more.", temperature=temperature
            )
        outlook = self.outlook(compare=compare, cancelled=cancelled)
        chances = outlook.probabilities(temperature)
        if temperature == 0:
            token = int(chances.argmax())
        else:
            token = int(torch.multinomial(chances, 1, generator=self._random))
        (chosen,) = self._choices([token], outlook, temperature)
        self._append(chosen)
        return Step(chosen=chosen, outlook=outlook, ended=self.ended)

    def tokens(self) -> tuple[str, ...]:
        """Readable, one a token: the text and what was generated."""
        return tuple(self.model.token_texts(self._ids))

    def written(self) -> str:
        """What was generated, as text; a character that is not whole yet is left out."""
        ids = self._ids[:-1] if self.ended is End.END_OF_TEXT else self._ids
        before, text = (self.model.decode(part) for part in (ids[: self.n_prompt], ids))
        if not text.startswith(before):  # the first new token completes a character of the prompt
            text, before = self.model.decode(ids[self.n_prompt :]), ""
        return text[len(before) :].rstrip("\ufffd")

    def _look(self, cancelled: Ask) -> Outlook:
        fill_seconds = self._fill(cancelled)
        start = time.perf_counter()
        try:
            found, rows = self.model.step(self._ids[-1], self._cache)
            logits = found.cpu()  # waits for the device
            self._held = self.model.cache_bytes(self._cache)
        except BaseException:
            self.release()  # some layers have the token and some have not
            raise
        seconds = time.perf_counter() - start
        return Outlook(
            logits=logits,
            rows=rows(),
            kv_len=len(self._ids),
            cache_bytes=self.held_bytes,
            formula_bytes=self.model.cache_formula(len(self._ids)),
            seconds=seconds,
            fill_seconds=fill_seconds,
            whole=None,
        )

    def _fill(self, cancelled: Ask) -> float | None:
        if self._cache is not None:
            return None
        cache, seconds = self.model.new_cache(), 0.0
        if len(self._ids) > 1:
            _, seconds = self._pass(self._ids[:-1], cancelled, cache)
        self._cache, self._held = cache, self.model.cache_bytes(cache)
        return seconds

    def _whole(self, outlook: Outlook, cancelled: Ask) -> WholePass | None:
        try:
            logits, seconds = self._pass(self._ids, cancelled, None)
        except Cancelled:
            return None
        difference = functional.softmax(logits) - outlook.probabilities()
        return WholePass(
            seconds=seconds,
            largest_difference=float(difference.abs().max()),
            same_token=bool(logits.argmax() == outlook.logits.argmax()),
        )

    def _pass(self, ids: Sequence[int], cancelled: Ask, cache: Any) -> tuple[Tensor, float]:
        """Logits ``[vocab_size]`` on the CPU, and the seconds until they were there."""
        start = time.perf_counter()
        logits = self.model.next_logits(ids, cache=cache, cancelled=cancelled)
        return logits.cpu(), time.perf_counter() - start

    def _choices(
        self, ids: Sequence[int], outlook: Outlook, temperature: float
    ) -> tuple[Choice, ...]:
        says, takes = outlook.probabilities(), outlook.probabilities(temperature)
        before = self._ids[-PIECES:]  # a token that ends a character is told by that character
        return tuple(
            Choice(
                token=token,
                text=self.model.token_texts([*before, token])[-1],
                probability=float(says[token]),
                chance=float(takes[token]),
                ends=token in self._ends,
            )
            for token in ids
        )

    def _append(self, chosen: Choice) -> None:
        self._ids.append(chosen.token)
        self._outlook = None
        if chosen.ends:
            self.ended = End.END_OF_TEXT
        elif len(self._ids) - self.n_prompt >= self._most:
            self.ended = End.ENOUGH
        elif len(self._ids) > self._limit:
            self.ended = End.CONTEXT

    def _why(self, ended: End) -> str:
        return {
            End.END_OF_TEXT: Sentence("The model ended the text: start again to generate another."),
            End.ENOUGH: Sentence(
                "{most} tokens were generated, as many as were asked for: start again to generate "
                "others.",
                most=self._most,
            ),
            End.CONTEXT: Sentence(
                "The text has {limit} tokens and no more fit: shorten it.", limit=self._limit
            ),
        }[ended]
