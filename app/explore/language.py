"""The language models that visitors share: loaded once, asked in order. Needs torch; no Streamlit.

compute.py imports this late. Whatever touches a model runs in the queue of :mod:`app.jobs`, so
that loading and passes follow one another; only tokenizing, which takes no time, does not wait.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from app import garbage
from app.explore.engine import MODEL_THREADS
from app.explore.look import Cache, Look, Reading
from app.explore.measured import cache_of, facts_of, map_of, telling_heads
from app.explore.offer import Known, ModelFacts
from app.explore.steps import query_row
from app.jobs import Cancelled, Passes
from attention import probes
from attention.errors import HeadcountError
from attention.models.huggingface import checkpoint
from attention.models.huggingface.model import LanguageModel, Survey
from attention.models.huggingface.surveys import KEPT_TOKENS
from attention.text import pieces
from attention.trace import AttentionTrace

PAGE_TOKENS = 2048  # more than this is cut
MAX_MODELS = 2  # loaded at the same time
CHECKED_TOKENS = 16  # of the probe, for the check of the split

OnWait = Callable[[int], None]


class MemoryShortError(HeadcountError):
    """A pass that the memory did not hold."""


@dataclass(frozen=True, eq=False)
class _Loaded:
    model: LanguageModel
    facts: ModelFacts
    # A fast tokenizer must not be used by two threads at once.
    tokenizing: threading.Lock = field(default_factory=threading.Lock)


class Models:
    """Every language model that is asked for, at most :data:`MAX_MODELS` of them in memory.

    Args:
        passes: the queue that everything waits in.
        known: gets the facts of each model that is loaded.
        probe: a text with words that come again; each model's telling heads are taken on it.
        load: makes a model of a name, see :func:`attention.models.huggingface.checkpoint.load`.
    """

    def __init__(
        self,
        passes: Passes,
        known: Known,
        probe: str,
        load: Callable[[str], LanguageModel] = checkpoint.load,
    ) -> None:
        self.passes, self.known, self.probe, self._load = passes, known, probe, load
        self._loaded: OrderedDict[str, _Loaded] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, name: str, on_wait: OnWait) -> ModelFacts:
        """Load a model, unless it is.

        Raises:
            CheckpointError: it cannot be had, or cannot be shown; the message says why.
        """
        return self._hold(name, on_wait).facts

    def read(self, name: str, text: str, on_wait: OnWait) -> Reading:
        """Tokenize, and find the tokens that split a character."""
        loaded = self._hold(name, on_wait)
        model = loaded.model
        with loaded.tokenizing:
            ids = model.encode(text)
            kept = _cut(model, ids, min(PAGE_TOKENS, model.max_tokens))
            parts = model.token_bytes(kept)
            tokens = tuple(model.token_texts(kept))
        units = pieces.merge(parts, tokens)
        drawn = text if len(kept) == len(ids) else b"".join(parts).decode(errors="ignore").strip()
        shown = units if units.merged else None
        ending = next((n for n, part in enumerate(reversed(parts)) if part), 0)
        return Reading(drawn, tuple(kept), tokens, len(ids), shown, ending)

    def look(
        self, name: str, reading: Reading, layer: int, head: int, raw: bool, on_wait: OnWait
    ) -> Look:
        """One layer of a model on a text, out of one pass that is kept for all layers."""
        facts = self.load(name, on_wait)
        passed = self._passed(name, reading, layer, head, raw, on_wait)
        survey, here = passed.survey, passed.survey.layers[layer]
        chosen, pool = survey.chosen, survey.chosen_pool
        if (survey.layer, survey.head) != (layer, head):
            chosen, pool = survey.weights(layer, head), 1
        return Look(
            config=facts.configs[layer],
            n_layers=facts.n_layers,
            tiles=here.tiles,
            pool=here.pool,
            chosen=chosen,
            chosen_pool=pool,
            heads=tuple(probes.strongest(scores) for scores in here.scores),
            cache=passed.cache,
            split_error=self._split_error(name, layer, on_wait),
            device=facts.device,
            number_format=facts.number_format,
            weights=lambda: chosen,
            trace=lambda token: self._row(name, reading, layer, token, on_wait),
            model_map=map_of(survey),
        )

    def telling(
        self, name: str, reading: Reading, raw: bool, on_wait: OnWait
    ) -> tuple[tuple[int, ...], int]:
        """A head for each layer, and the layer to open with, on this text.

        Of a long text only one head is kept whole, which has to be named before the pass: then it
        is what :mod:`app.explore.measured` found on an example.
        """
        facts = self.load(name, on_wait)
        own = facts.telling, facts.default_layer
        if len(reading.ids) > KEPT_TOKENS:
            return own
        layer = facts.default_layer
        passed = self._passed(name, reading, layer, facts.telling[layer], raw, on_wait)
        return telling_heads(passed.survey)

    def _row(
        self, name: str, reading: Reading, layer: int, token: int, on_wait: OnWait
    ) -> AttentionTrace:
        """Every intermediate of one layer for one query."""
        ids = reading.ids
        if len(ids) <= KEPT_TOKENS:  # then the whole trace is kept, for every token

            def whole(model: LanguageModel, _: Cancelled) -> AttentionTrace:
                return model.trace(ids, layer=layer)

            trace = self.use(name, ("trace", name, ids, layer), whole, on_wait)
            return query_row(trace, token)

        def one(model: LanguageModel, _: Cancelled) -> AttentionTrace:
            return query_row(model.trace(ids, layer=layer), token)

        return self.use(name, ("row", name, ids, layer, token), one, on_wait)

    def use(
        self,
        name: str,
        key: tuple,
        work: Callable[[LanguageModel, Cancelled], Any],
        on_wait: OnWait,
        *,
        keep: bool = True,
    ) -> Any:
        """The result of ``work`` on a model, in the queue; see :meth:`app.jobs.Passes.get`."""

        def on_model(cancelled: Cancelled) -> Any:
            torch.set_num_threads(MODEL_THREADS)
            try:
                return work(self._take(name).model, cancelled)
            except (MemoryError, torch.OutOfMemoryError):
                raise MemoryShortError(
                    f"The memory does not hold {name} on this text: take a shorter one."
                ) from None

        return self.passes.get(key, on_model, on_wait, keep=keep)

    def _passed(
        self, name: str, reading: Reading, layer: int, head: int, raw: bool, on_wait: OnWait
    ) -> "_Passed":
        units = reading.merged(raw)
        key = ("survey", name, reading.ids, units is not None)
        if len(reading.ids) > KEPT_TOKENS:  # then only one head is kept whole
            key = (*key, layer, head)

        def work(model: LanguageModel, cancelled: Cancelled) -> _Passed:
            survey = model.survey(
                reading.ids, layer=layer, head=head, units=units, cancelled=cancelled
            )
            return _Passed(survey, cache_of(model, survey.cache_bytes, len(reading.ids)))

        return self.use(name, key, work, on_wait)

    def _split_error(self, name: str, layer: int, on_wait: OnWait) -> float | None:
        """The check of the split, once a layer; it holds for any text, so a short one is taken."""

        def work(model: LanguageModel, _: Cancelled) -> tuple[float | None]:
            ids = model.encode(self.probe)[:CHECKED_TOKENS]
            return (model.split_error(model.trace(ids, layer=layer), layer=layer),)

        return self.use(name, ("split", name, layer), work, on_wait)[0]

    def _hold(self, name: str, on_wait: OnWait) -> _Loaded:
        with self._lock:
            loaded = self._loaded.get(name)
            if loaded is not None:
                self._loaded.move_to_end(name)
        if loaded is None:
            loaded = self.passes.get(
                ("load", name), lambda _: self._take(name), on_wait, keep=False
            )
        return loaded

    def _take(self, name: str) -> _Loaded:
        """The model, loaded if it is not. Only the queue's worker comes here."""
        with self._lock:
            if name in self._loaded:
                self._loaded.move_to_end(name)
                return self._loaded[name]
            while len(self._loaded) >= MAX_MODELS:
                self._loaded.popitem(last=False)
        garbage.settle()
        torch.set_num_threads(MODEL_THREADS)
        model = self._load(name)
        loaded = _Loaded(model, facts_of(name, model, self.probe))
        with self._lock:
            self._loaded[name] = loaded
        self.known.put(loaded.facts)
        garbage.settle()
        return loaded


@dataclass(frozen=True, eq=False)
class _Passed:
    survey: Survey
    cache: Cache | None


def _cut(model: LanguageModel, ids: list[int], limit: int) -> list[int]:
    """The first tokens; an encoder's text keeps the special token that ends it."""
    if len(ids) <= limit:
        return ids
    ends = not model.causal and model.token_bytes(ids[-1:]) == [b""]
    return ids[: limit - 1] + ids[-1:] if ends else ids[:limit]
