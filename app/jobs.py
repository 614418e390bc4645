"""Work that all visitors share: one piece at a time, in order, each only once. No Streamlit here.

A forward pass of a language model takes from a tenth of a second to many, and the processor is
there once. So passes queue: thirty visitors with the same text wait for one pass, thirty with
texts of their own for thirty passes, one after another. A visitor who leaves, or types on, stops
waiting; work that nobody waits for any more is dropped, or stopped where it looks (between layers).
"""

import atexit
import threading
import weakref
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.recent import Recent, held_bytes

Cancelled = Callable[[], bool]  # asked by the work: does nobody wait for it any more?
Work = Callable[[Cancelled], Any]
OnWait = Callable[[int], None]  # told how many pieces of work come first

LOOK_EVERY_S = 0.1  # how often a waiting visitor is asked whether he is still there
CLOSE_S = 20  # at most so long a stopping server waits for the work that runs


class ClosedError(RuntimeError):
    """Work that was asked for while the server stops."""


@dataclass(eq=False)
class _Job:
    key: Hashable
    work: Work
    keep: bool
    waiting: int = 0
    abandoned: bool = False
    value: Any = None
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def is_abandoned(self) -> bool:
        return self.abandoned


class Store(ABC):
    """Where results are made and kept."""

    @property
    def crowded(self) -> bool:
        """Whether somebody waits for more than what runs; work that is in no hurry may give way."""
        return False

    def get(
        self,
        key: Hashable,
        work: Work,
        on_wait: OnWait = lambda ahead: None,
        *,
        keep: bool = True,
    ) -> Any:
        """The result of ``work`` under ``key``: kept, under way already, or made now.

        Args:
            work: is handed a function that says whether nobody waits any more, and may then raise.
            on_wait: called about ten times a second with how many pieces of work come first (0:
                this one is running). What it raises ends the waiting; Streamlit does so at any
                ``st`` call once a visitor has left or the script was superseded.
            keep: False for work whose result is of no use twice.

        Raises:
            Whatever the work raised; nothing of it is kept, so that the next visitor tries again.
        """
        return self._get(_Job(key, work, keep), on_wait)

    @abstractmethod
    def _get(self, job: _Job, on_wait: OnWait) -> Any:
        """The job's result, or that of an earlier one with its key."""


class Passes(Store):
    """A queue with one worker, and the results, kept up to a number of bytes.

    Args:
        max_bytes: of results that are kept; the one used longest ago goes first. One that is larger
            than this alone is handed out and not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._kept = Recent[Any](max_bytes, held_bytes)
        self._jobs: dict[Hashable, _Job] = {}  # waiting and running, without the abandoned
        self._queue: deque[_Job] = deque()
        self._running: _Job | None = None
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._worker: threading.Thread | None = None
        self._closed = False
        atexit.register(_close, weakref.ref(self))

    def _get(self, job: _Job, on_wait: OnWait) -> Any:
        with self._waiting_for(job) as found:
            if isinstance(found, _Result):
                return found.value
            while not found.done.wait(LOOK_EVERY_S):
                on_wait(self._ahead_of(found))
        if found.error is not None:
            raise found.error
        return found.value

    @property
    def crowded(self) -> bool:
        return bool(self._queue)

    def close(self) -> None:
        """Drop what waits and stop what runs, for good.

        Python ends a process by ending its threads wherever they are; in the middle of torch's own
        code that is a crash, so the worker is waited for.
        """
        with self._wake:
            self._closed = True
            for job in self._queue:
                job.error = ClosedError()
                job.done.set()
            self._queue.clear()
            if self._running is not None:
                self._running.abandoned = True
            self._wake.notify()
        if self._worker is not None:
            self._worker.join(CLOSE_S)

    @contextmanager
    def _waiting_for(self, job: _Job) -> Iterator["_Job | _Result"]:
        with self._lock:
            if job.key in self._kept:
                found: _Job | _Result = _Result(self._kept.use(job.key))
            else:
                found = self._join(job)
        try:
            yield found
        finally:
            if isinstance(found, _Job):
                self._leave(found)

    def _join(self, asked: _Job) -> _Job:
        if self._closed:
            raise ClosedError
        job = self._jobs.setdefault(asked.key, asked)
        if job is asked:
            self._queue.append(job)
            if self._worker is None:
                self._worker = threading.Thread(target=self._run, daemon=True, name="passes")
                self._worker.start()
            self._wake.notify()
        job.waiting += 1
        return job

    def _leave(self, job: _Job) -> None:
        with self._lock:
            job.waiting -= 1
            if job.waiting or job.done.is_set():
                return
            # Out of the table at once: who asks for it now needs a pass that is not being stopped.
            job.abandoned = True
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]
            if job in self._queue:
                self._queue.remove(job)

    def _ahead_of(self, job: _Job) -> int:
        with self._lock:
            if job not in self._queue:
                return 0
            return self._queue.index(job) + (self._running is not None)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._queue or self._closed):
                    self._wake.wait()
                if self._closed:
                    return
                job = self._running = self._queue.popleft()
            try:
                job.value = job.work(job.is_abandoned)
            except BaseException as error:
                job.error = error
            with self._lock:
                self._running = None
                if self._jobs.get(job.key) is job:
                    del self._jobs[job.key]
                if job.keep and job.error is None:
                    self._kept.put(job.key, job.value)
                job.done.set()
            del job  # or a model that was evicted meanwhile would stay until the next pass


class AtOnce(Store):
    """Results of work that takes so little that whoever asks does it: the last ones are kept.

    Args:
        most: results that are kept.
    """

    def __init__(self, most: int) -> None:
        self._kept = Recent[Any](most)
        self._lock = threading.Lock()

    def _get(self, job: _Job, on_wait: OnWait) -> Any:
        """Nobody waits, and nothing is cancelled."""
        with self._lock:
            if job.key in self._kept:
                return self._kept.use(job.key)
        value = job.work(job.is_abandoned)
        if job.keep:
            with self._lock:
                self._kept.put(job.key, value)
        return value


def _close(passes: "weakref.ref[Passes]") -> None:
    if (still_there := passes()) is not None:
        still_there.close()


@dataclass(frozen=True, eq=False)
class _Result:
    value: Any
