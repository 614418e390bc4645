"""Long work on models that visitors ask for: each piece done once, one after another.

No Streamlit here. It has a thread of its own and takes each of its passes in the queue of
:mod:`app.jobs`, so that visitors' passes come between. What runs goes on when whoever asked for it
leaves, for its result is kept for all; what only waits then is dropped. Stop ends it unless another
visitor waits for it, too.
"""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch

from app.explore.models import Models
from app.jobs import ClosedError
from attention.models.base import Model
from attention.models.limits import Cancelled
from attention.models.store import results
from attention.steps import Progress

Result = TypeVar("Result")
LEFT_AFTER_S = 15  # without a sign of the page, a visitor has left; a hidden tab gives them rarely
CLOSE_S = 20  # at most so long a stopping server waits for the pass that runs
TRIES = 6  # of a pass that gives way to visitors
FEWEST = 2  # passes after which the time that is left can be told
KEPT = 64  # results of a model, and pieces of work, of all visitors


@dataclass(frozen=True, eq=False)
class Task(Generic[Result]):
    """What may be done to a model.

    Args:
        how: what it is, by what protocol, and all that decides the result beside the weights.
        work: does it; is handed the model and the run, which each of its passes goes through.
        write: the result as plain dictionaries and lists, to be kept on disk; read: back. None
            where it is kept in memory alone, as what comes of a visitor's own text.
    """

    how: results.How
    work: Callable[[Any, Run], Result]
    write: Callable[[Result], Any] | None = None
    read: Callable[[Any], Result] | None = None


class Run:
    """A piece of work that waits, runs or has ended.

    Args:
        models: whose queue its passes go through.
        clock: seconds, for tests.
    """

    def __init__(
        self, models: Models, name: str, task: Task, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name, self.task, self._models, self._clock = name, task, models, clock
        self.progress = Progress(0, 0)
        self.began: float | None = None
        self.ahead = 0  # visitors' passes that come before its next one
        self.so_far: Any = None  # what can be shown of it already
        self.result: Any = None
        self.problem: BaseException | None = None
        self.stopped, self.ended = threading.Event(), threading.Event()
        self._yields = False  # the pass that runs gives way
        self._seen: dict[Hashable, float] = {}  # when each visitor who waits was there

    def tell(self, progress: Progress) -> None:
        """How far it is."""
        self.progress = progress

    def cancelled(self) -> bool:
        """Whether the pass that runs is to end; asked between its layers, and before each."""
        return self.stopped.is_set() or (self._yields and self._models.store.crowded)

    def each(self, work: Callable[[], Any]) -> Any:
        """One pass. Where a visitor waits meanwhile it ends between two layers, and begins anew
        behind him; a few times, or where there are always visitors it would never be done."""
        for tries in reversed(range(TRIES)):
            self._yields = tries > 0
            try:
                return self._models.use(
                    self.name, ("step", object()), lambda *_: work(), self.on_wait, keep=False
                )
            except Cancelled:
                if self.stopped.is_set():
                    raise
            finally:
                self._yields = False
        raise Cancelled  # the last try gives way to nobody, but to Stop

    def watch(self, visitor: Hashable) -> None:
        """The visitor is there, and waits."""
        self._seen[visitor] = self._clock()

    def leave(self, visitor: Hashable) -> None:
        """The visitor waits no more; where nobody else does, it ends."""
        self._seen.pop(visitor, None)
        if not self.wanted():
            self.stopped.set()

    def wanted(self) -> bool:
        """Whether somebody waits."""
        soon = self._clock() - LEFT_AFTER_S
        return any(seen >= soon for seen in list(self._seen.values()))

    def left_s(self, now: float) -> float | None:
        """Seconds that it will take still; None where that is not known yet."""
        done, total = self.progress.done, self.progress.total
        if self.began is None or done < FEWEST:
            return None
        return (now - self.began) / done * (total - done)

    def on_wait(self, ahead: int) -> None:
        """Told while a pass waits."""
        self.ahead = ahead
        if self.stopped.is_set():
            raise Cancelled


class LongWork:
    """The long work on all models of one kind, and the thread that does it."""

    def __init__(self, models: Models, clock: Callable[[], float] = time.monotonic) -> None:
        self._models, self._clock = models, clock
        self._known: weakref.WeakKeyDictionary[Model, OrderedDict[results.How, Any]] = (
            weakref.WeakKeyDictionary()
        )
        self._runs: OrderedDict[tuple[str, results.How], Run] = OrderedDict()  # the last of each
        self._line: deque[Run] = deque()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        atexit.register(_close, weakref.ref(self))

    def known(self, model: Model, task: Task[Result]) -> Result | None:
        """What came of it, in this process or before."""
        with self._lock:
            found = self._known.get(model, OrderedDict()).get(task.how)
        if found is None and task.read is not None:
            found = results.kept(model, task.how, task.read)
            if found is not None:
                self._remember(model, task, found)
        return found

    def run(self, name: str, task: Task) -> Run | None:
        """The last run of a task on a model, if there was one."""
        with self._lock:
            return self._runs.get((name, task.how))

    def start(self, name: str, task: Task, visitor: Hashable) -> Run:
        """Do it, or wait for the run that is under way."""
        with self._lock:
            run = self._runs.get((name, task.how))
            if run is None or run.ended.is_set() or run.stopped.is_set():
                run = self._runs[name, task.how] = Run(self._models, name, task, self._clock)
                self._forget()
                self._line.append(run)
            self._runs.move_to_end((name, task.how))
            run.watch(visitor)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, daemon=True, name="long-work")
                self._worker.start()
            return run

    def before(self, run: Run) -> int:
        """How many runs come first."""
        with self._lock:
            return self._line.index(run) + 1 if run in self._line else 0

    def close(self) -> None:
        """Stop all of it, for good."""
        with self._lock:
            worker = self._worker
            for run in self._runs.values():
                run.stopped.set()
        if worker is not None:
            worker.join(CLOSE_S)

    def _work(self) -> None:
        torch.set_num_threads(self._models.threads)
        while (run := self._next()) is not None:
            try:
                self._do(run)
            except (Cancelled, ClosedError):
                run.stopped.set()
            except Exception as error:  # it belongs on the visitors' pages, not in the server's log
                run.problem = error
            finally:
                run.ended.set()

    def _next(self) -> Run | None:
        """The next that somebody waits for; None, and the thread ends: there is none."""
        with self._lock:
            while self._line:
                run = self._line.popleft()
                if run.wanted() and not run.stopped.is_set():
                    return run
                run.stopped.set()
                run.ended.set()
            self._worker = None
            return None

    def _do(self, run: Run) -> None:
        model = self._models.model(run.name, run.on_wait)
        run.began = self._clock()
        run.result = self.known(model, run.task)  # of another name, or of another process
        if run.result is not None:
            return
        run.result = run.task.work(model, run)
        if run.task.write is not None:
            results.keep(model, run.task.how, run.task.write(run.result))
        self._remember(model, run.task, run.result)

    def _remember(self, model: Model, task: Task, found: Any) -> None:
        with self._lock:
            of_model = self._known.setdefault(model, OrderedDict())
            of_model[task.how] = found
            while len(of_model) > KEPT:
                of_model.popitem(last=False)

    def _forget(self) -> None:
        """Those that ended longest ago."""
        ended = [key for key, run in self._runs.items() if run.ended.is_set()]
        for key in ended[: max(len(self._runs) - KEPT, 0)]:
            del self._runs[key]


def _close(work: weakref.ref[LongWork]) -> None:
    if (still_there := work()) is not None:
        still_there.close()
