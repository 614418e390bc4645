"""Atlases that all visitors share: measured one after another, beside what visitors ask of a model.

No Streamlit here. A measurement goes on when whoever began it leaves, for its result is kept on
disk for all; Stop ends it unless another visitor is waiting for it, too.
"""

import atexit
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch

from app.jobs import ClosedError, Passes
from attention.atlas import SEEDS, Atlas, Progress, keep, kept, measure
from attention.errors import HeadcountError, sentence_of
from attention.models.base import Cancelled, Model

LEFT_AFTER_S = 15  # a visitor whose page has not asked for so long is gone
CLOSE_S = 20  # at most so long a stopping server waits for the pass that runs
TRIES = 6  # of a pass that gives way to visitors
FEWEST = 2  # passes after which the time that is left can be told


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a model's heads; not ``whole``: one seed, without random weights."""

    atlas: Atlas
    whole: bool


@dataclass(eq=False)
class Run:
    """A measurement that waits, runs or has ended.

    Args:
        error: why it failed, a sentence.
        seen: when each visitor last asked how far it is.
    """

    name: str
    progress: Progress = field(default_factory=lambda: Progress(0, 0))
    began: float | None = None
    error: str | None = None
    seen: dict[object, float] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def left_s(self, now: float) -> float | None:
        """Seconds that it will take still; None where that is not known yet."""
        done, total = self.progress.done, self.progress.total
        if self.began is None or done < FEWEST:
            return None
        return (now - self.began) / done * (total - done)


class Atlases:
    """The atlases of all models of one kind, and a thread that measures them.

    Args:
        model_of: a model by its name; it may take long.
        store: the queue of all visitors, in which passes wait, and give way to theirs; None for
            models so small that nobody queues.
        threads: of torch, for what is done beside the passes.
    """

    def __init__(
        self,
        model_of: Callable[[str], Model],
        store: Passes | None = None,
        threads: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model_of, self._store, self._threads, self._clock = model_of, store, threads, clock
        self._yields = False  # the pass that runs gives way
        self._known: weakref.WeakKeyDictionary[Model, Known] = weakref.WeakKeyDictionary()
        self._runs: dict[str, Run] = {}
        self._line: deque[Run] = deque()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        atexit.register(_close, weakref.ref(self))

    def known(self, model: Model) -> Known | None:
        """What was measured of it, in this process or before."""
        with self._lock:
            found = self._known.get(model)
        if found is not None and found.whole:
            return found
        whole = kept(model, seed=0, seeds=SEEDS)
        quick = None if whole or found else kept(model, seed=0, seeds=1, twin=False)
        if whole is not None or quick is not None:
            found = self._remember(model, whole or quick, whole is not None)
        return found

    def run(self, name: str) -> Run | None:
        """The last measurement of a model, if one was asked for."""
        with self._lock:
            return self._runs.get(name)

    def start(self, name: str, visitor: object) -> Run:
        """Measure it, or wait for the measurement that is under way."""
        with self._lock:
            run = self._runs.get(name)
            if run is None or run.ended.is_set() or run.stopped.is_set():
                run = self._runs[name] = Run(name)
                self._line.append(run)
                self._wake()
            run.seen[visitor] = self._clock()
            return run

    def ask(self, name: str, visitor: object) -> Run | None:
        """The measurement that this visitor waits for; None: he waits for none."""
        with self._lock:
            run = self._runs.get(name)
            if run is None or run.ended.is_set() or visitor not in run.seen:
                return None
            run.seen[visitor] = self._clock()
            return run

    def stop(self, name: str, visitor: object) -> None:
        """This visitor waits no longer; where nobody else does, it ends."""
        with self._lock:
            run = self._runs.get(name)
            if run is None:
                return
            run.seen.pop(visitor, None)
            soon = self._clock() - LEFT_AFTER_S
            if not any(seen > soon for seen in run.seen.values()):
                run.stopped.set()

    def close(self) -> None:
        """Stop all of it, for good."""
        with self._lock:
            for run in self._runs.values():
                run.stopped.set()
        if self._worker is not None:
            self._worker.join(CLOSE_S)

    def _wake(self) -> None:
        """A thread while there is work."""
        if self._worker is None or not self._worker.is_alive():
            self._worker = threading.Thread(target=self._work, daemon=True, name="atlases")
            self._worker.start()

    def _work(self) -> None:
        torch.set_num_threads(self._threads)
        while True:
            with self._lock:
                if not self._line:
                    self._worker = None
                    return
                run = self._line.popleft()
            try:
                self._measure(run)
            except (Cancelled, ClosedError):
                run.stopped.set()
            except HeadcountError as error:
                run.error = sentence_of(error)
            except Exception as error:  # the thread goes on with the next model
                run.error = f"{type(error).__name__}: {error}"
            finally:
                run.ended.set()

    def _measure(self, run: Run) -> None:
        if run.stopped.is_set():
            raise Cancelled
        model = self._model_of(run.name)
        run.began = self._clock()

        def told(progress: Progress) -> None:
            run.progress = progress

        atlas = measure(
            model,
            progress=told,
            cancelled=lambda: run.stopped.is_set() or self._gives_way(),
            each=partial(self._in_turn, run),
        )
        keep(model, atlas)
        self._remember(model, atlas, True)

    def _in_turn(self, run: Run, work: Callable[[], Any]) -> Any:
        """One pass. Where a visitor waits meanwhile it ends between two layers, and begins anew
        behind him; a few times, or where there are always visitors it would never be done."""
        if self._store is None:
            return work()
        for tries in reversed(range(TRIES)):
            self._yields = tries > 0
            try:
                return self._store.get(object(), lambda _: work(), keep=False)
            except Cancelled:
                if run.stopped.is_set():
                    raise
            finally:
                self._yields = False
        raise Cancelled  # the last try gives way to nobody, but to Stop

    def _gives_way(self) -> bool:
        return self._yields and self._store is not None and self._store.crowded

    def _remember(self, model: Model, atlas: Atlas | None, whole: bool) -> Known | None:
        if atlas is None:
            return None
        found = Known(atlas, whole)
        with self._lock:
            self._known[model] = found
        return found


def _close(atlases: "weakref.ref[Atlases]") -> None:
    if (still_there := atlases()) is not None:
        still_there.close()
