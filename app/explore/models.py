"""The models that visitors share: loaded once, never changed, asked through a store of results.

Needs torch; no Streamlit. The trained layouts are small: each visitor's own thread asks them, at
once. Whatever touches a language model waits in the queue of :mod:`app.jobs`, so that loading and
passes follow one another; only tokenizing, which takes no time, does not wait.
"""

import importlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from copy import copy
from typing import Any, Generic, Self

import torch

from app.explore.loaded import Asked, Loaded
from app.jobs import Cancelled, OnWait, Store
from attention.errors import HeadcountError
from attention.interventions.off import ALL_ON, Off
from attention.models import reading as readings
from attention.models.effect import Effect, Foretold, foretell
from attention.models.look import Look, Reading
from attention.models.parts import chosen
from attention.models.residual import Residual
from attention.scores import Pairs
from attention.trace import AttentionTrace, query_row

PAGE_TOKENS = 2048  # more than this is cut
CHECKED_TOKENS = 16  # of the probe, for the check of the split


class MemoryShortError(HeadcountError):
    """A pass that the memory did not hold."""


class Models(Generic[Asked]):
    """Every model that is asked for, at most ``most`` of them in memory.

    Args:
        store: makes and keeps what is asked of the models.
        load: makes a model of a name.
        most: models in memory; the one asked longest ago goes first.
        threads: of torch, for whatever touches a model.
        loaded: told of each model that was loaded.
    """

    def __init__(
        self,
        store: Store,
        load: Callable[[str], Asked],
        *,
        most: int,
        threads: int,
        loaded: Callable[[], None] = lambda: None,
    ) -> None:
        self.store, self.threads, self._load, self._most = store, threads, load, most
        self._told = loaded
        self._loaded: OrderedDict[str, Loaded[Asked]] = OrderedDict()
        self._lock = threading.Lock()
        self._part: tuple[str, tuple[int, ...]] = ("", ())

    def of(self, part: str, source: tuple[int, ...]) -> Self:
        """The same models, each as its decoder or cross-attention, given a source; what is kept of
        them is kept apart.

        Args:
            part: of :data:`attention.models.parts.PARTS`; "", and no source: each as it is loaded.
        """
        view = copy(self)
        view._part = (part, source)
        return view

    def read(self, name: str, text: str, on_wait: OnWait, *, second: str | None = None) -> Reading:
        """Tokenize, and find the tokens that split a character."""
        loaded = self._hold(name, on_wait)
        with loaded.tokenizing:
            return readings.read(loaded.model, text, PAGE_TOKENS, second=second)

    def see(
        self, name: str, picture: Hashable, opened: Callable[[], Any], on_wait: OnWait
    ) -> Reading:
        """A picture as the patches of the model.

        Args:
            picture: what tells it from others; opened: gives it.
        """

        def work(model: Asked, _: Cancelled) -> Reading:
            return importlib.import_module("attention.models.images").seen(model, opened()).reading

        return self.use(name, ("see", name, picture), work, on_wait)

    def read_target(self, name: str, source: Reading, target: str, on_wait: OnWait) -> Reading:
        """What the decoder reads beside a source; where the target is blank, the model's own
        answer, which is made once for both its attentions.

        Raises:
            TextError: it predicts no token, and there is no target.
        """
        loaded, part = self._hold(name, on_wait), self._part[0]

        def read(**target: Any) -> Reading:
            return chosen(loaded.model, source, part=part, most=PAGE_TOKENS, **target).reading

        if target.strip():
            with loaded.tokenizing:
                return read(target=target)

        def work(model: Any, cancelled: Cancelled) -> list[int]:
            return model.continued(source.ids, cancelled=cancelled)

        answer = self.of("", ()).use(name, ("answer", name, source.ids), work, on_wait)
        return read(answer=answer)

    def look(
        self,
        name: str,
        reading: Reading,
        layer: int,
        head: int,
        raw: bool,
        on_wait: OnWait,
        *,
        causal: bool | None = None,
        pairs: Pairs | None = None,
        off: Off = ALL_ON,
    ) -> Look:
        """One pass, kept for all layers and heads; of a long text only one head is kept whole."""
        units = reading.merged(raw)
        starts = None if units is None else units.starts.tobytes()
        key: tuple = ("look", name, reading.key, starts, causal, pairs, off)
        if len(reading.ids) > self.model(name, on_wait).kept_tokens:
            key = (*key, layer, head)

        def work(model: Asked, cancelled: Cancelled) -> Look:
            return without(as_read(model, reading), off).look(
                reading.ids,
                layer=layer,
                head=head,
                causal=causal,
                units=units,
                pairs=pairs,
                cancelled=cancelled,
            )

        return self.use(name, key, work, on_wait)

    def row(
        self,
        name: str,
        reading: Reading,
        layer: int,
        token: int,
        on_wait: OnWait,
        *,
        causal: bool | None = None,
        off: Off = ALL_ON,
    ) -> AttentionTrace:
        """Every intermediate of one layer for one query."""
        ids, read = reading.ids, reading.key
        if len(ids) <= self.model(name, on_wait).whole_tokens:  # kept for every token

            def whole(model: Asked, _: Cancelled) -> AttentionTrace:
                own = without(as_read(model, reading), off)
                return own.trace(ids, layer=layer, causal=causal)

            trace = self.use(name, ("trace", name, read, layer, causal, off), whole, on_wait)
            return query_row(trace, token)

        def one(model: Asked, _: Cancelled) -> AttentionTrace:
            own = without(as_read(model, reading), off)
            return own.query(ids, layer=layer, token=token, causal=causal)

        return self.use(name, ("row", name, read, layer, token, causal, off), one, on_wait)

    def effect(self, name: str, reading: Reading, token: int, off: Off, on_wait: OnWait) -> Effect:
        """What the text costs as the model is, which is kept, and with heads off."""

        def foretold(off: Off) -> Foretold:
            def work(model: Any, _: Cancelled) -> Foretold:
                ids = torch.tensor([list(reading.ids)])
                return foretell(without(model, off), ids, token=token)

            return self.use(name, ("foretold", name, reading.ids, token, off), work, on_wait)

        return Effect(foretold(ALL_ON), foretold(off))

    def residual(
        self,
        name: str,
        reading: Reading,
        token: int,
        on_wait: OnWait,
        *,
        causal: bool | None = None,
        off: Off = ALL_ON,
    ) -> Residual:
        """What every part of the model puts into the residual stream at a token."""

        def work(model: Any, _: Cancelled) -> Residual:
            return without(model, off).residual(reading.ids, token=token, causal=causal)

        key = ("residual", name, reading.ids, token, causal, off)
        return self.use(name, key, work, on_wait)

    def split_error(
        self, name: str, look: Look, layer: int, probe: str | Reading, on_wait: OnWait
    ) -> float | None:
        """The check of the split: on the look itself, or on a text or picture whose pass is made
        once."""
        own = look.kept[layer] if look.has_projections else None

        def work(model: Asked, _: Cancelled) -> tuple[float | None]:
            read = model if isinstance(probe, str) else as_read(model, probe)
            if read.w_q(layer) is None:
                return (None,)
            ids = read.encode(probe)[:CHECKED_TOKENS] if isinstance(probe, str) else probe.ids
            of = own or read.trace(ids, layer=layer)
            return (read.split_error(of, layer=layer),)

        return self.use(name, ("split", name, layer, own), work, on_wait)[0]

    def use(
        self,
        name: str,
        key: tuple,
        work: Callable[[Asked, Cancelled], Any],
        on_wait: OnWait,
        *,
        keep: bool = True,
    ) -> Any:
        """The result of ``work`` on a model; see :meth:`app.jobs.Store.get`."""
        key = (*key, *self._part)

        def on_model(cancelled: Cancelled) -> Any:
            torch.set_num_threads(self.threads)
            try:
                return work(self._take(name).of(*self._part), cancelled)
            except (MemoryError, torch.OutOfMemoryError):
                raise MemoryShortError(
                    f"The memory does not hold {name} on this text: take a shorter one."
                ) from None

        return self.store.get(key, on_model, on_wait, keep=keep)

    def model(self, name: str, on_wait: OnWait) -> Asked:
        """The model itself, for what takes no time.

        Raises:
            CheckpointError: it cannot be had, or cannot be shown; the message says why.
        """
        return self._hold(name, on_wait).of(*self._part)

    def _hold(self, name: str, on_wait: OnWait) -> Loaded[Asked]:
        with self._lock:
            loaded = self._loaded.get(name)
            if loaded is not None:
                self._loaded.move_to_end(name)
        if loaded is None:
            loaded = self.store.get(("load", name), lambda _: self._take(name), on_wait, keep=False)
        return loaded

    def _take(self, name: str) -> Loaded[Asked]:
        """The model, loaded if it is not. Where there is a queue, only its worker comes here."""
        with self._lock:
            if name in self._loaded:
                self._loaded.move_to_end(name)
                return self._loaded[name]
            while len(self._loaded) >= self._most:
                self._loaded.popitem(last=False)
        torch.set_num_threads(self.threads)
        loaded = Loaded(self._load(name))
        with self._lock:
            loaded = self._loaded.setdefault(name, loaded)
        self._told()
        return loaded


def as_read(model: Any, reading: Reading) -> Any:
    """The model with the picture that was read; of a text the model itself."""
    return model if reading.patches is None else model.vision.with_patches(reading.patches)


def without(model: Asked, off: Off) -> Asked:
    """The model with heads off in its passes; the same where none is."""
    return model.without(off) if off else model
