"""The models that visitors share: loaded once, never changed, asked through a store of results.

Needs torch; no Streamlit. The trained layouts are small: each visitor's own thread asks them, at
once. Whatever touches a language model waits in the queue of :mod:`app.jobs`, so that loading and
passes follow one another; only tokenizing, which takes no time, does not wait.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from copy import copy
from typing import Any, Generic, Self

import torch

from app.explore.loaded import Asked, Loaded
from app.jobs import Cancelled, OnWait, Store
from attention.errors import HeadcountError


class MemoryShortError(HeadcountError):
    """A pass that the memory did not hold."""


class Holder(Generic[Asked]):
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
