"""One visitor's generation: steps that wait in the queue of all visitors. No Streamlit here.

A script run never waits for a model: a step is handed to a thread, which waits in the queue of
:mod:`app.jobs`; the page asks again a moment later. So Stop answers at once, and a step that
nobody has asked about for a while, because its visitor left, is dropped.
"""

import threading
import time
import weakref
from collections.abc import Callable

from app.explore.caches import Caches
from app.explore.generated import How, Looks, Subject, View
from app.explore.models import Models, without
from attention.figures.growth import GrowthPoint
from attention.models.generate import MAX_NEW_TOKENS, Generation
from attention.models.limits import Cancelled
from attention.models.outlook import Outlook, Step
from attention.models.predictor import Predictor

LEFT_AFTER_S = 15  # without a question from the page, a visitor has left; a hidden tab asks rarely


class _Left(Exception):  # noqa: N818 (nothing went wrong)
    """Nobody waits for this step any more."""


class Run:
    """One text that grows, one step at a time, begun by the page and done in the queue.

    Args:
        models: the models that all visitors share, and their queue.
        caches: of all visitors of these models; None where they are so small that none is given
            back.
        clock: seconds, for tests.
    """

    def __init__(
        self,
        subject: Subject,
        models: Models,
        caches: Caches | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.subject, self._models, self._caches, self._clock = subject, models, caches, clock
        self.view: View | None = None
        self.playing, self.ahead = False, 0
        self.problem: BaseException | None = None
        self.drawn: Looks | None = None  # kept here by the page
        self._generation: Generation | None = None
        self._bound: Callable[[], Predictor | None] = lambda: None
        self._last: Step | None = None
        self._growth: list[GrowthPoint] = []
        self._stopped = threading.Event()
        self._seen = clock()
        self._thread: threading.Thread | None = None
        self._working = threading.Lock()  # held by a piece of work from its begin to its end

    @property
    def busy(self) -> bool:
        """Whether something is under way that will change :attr:`view`."""
        waits = self._thread is not None and self._thread.is_alive()
        return waits or self._working.locked()

    @property
    def moves(self) -> bool:
        """Whether :attr:`view` will change without the visitor doing anything."""
        return self.playing or self.busy

    @property
    def looks(self) -> Looks:
        """What the page draws of it, as it is now."""
        return Looks(self.view, self.playing, self.ahead, self.problem)

    @property
    def stopped(self) -> bool:
        """Whether the visitor pressed Stop and has begun nothing since."""
        return self._stopped.is_set()

    @property
    def can_step(self) -> bool:
        return self.view is not None and self.view.ended is None

    @property
    def begun(self) -> bool:
        """Whether there is something to take back."""
        return self.problem is not None or (self.view is not None and self.view.last is not None)

    def afresh(self) -> "Run":
        """The same text as it was typed."""
        return Run(self.subject, self._models, self._caches, self._clock)

    def look(self, how: How) -> None:
        """Begin to look at what may come next, unless that is known or under way."""
        self._seen = self._clock()
        if self.view is None and self.problem is None and not self.busy:
            self._begin(how, advance=False)

    def step(self, how: How) -> None:
        """Begin one step, unless one is under way or the text has ended."""
        self._seen = self._clock()
        if self.can_step and not self.busy:
            self.problem = None
            self._begin(how, advance=True)

    def play(self, how: How) -> None:
        """Step after step, each begun by :meth:`tick`."""
        self.problem, self.playing = None, True
        self.tick(how)

    def stop(self) -> None:
        """No further step; one that waits is dropped, one that is being made may still come."""
        self.playing = False
        self._stopped.set()

    def tick(self, how: How) -> None:
        """The page is still there: begin the next step where one is due."""
        self._seen = self._clock()
        self.playing = self.playing and self.can_step and self.problem is None
        if self.playing:
            self.step(how)

    def wait(self, seconds: float) -> None:
        """Wait for what is under way, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _begin(self, how: How, *, advance: bool) -> None:
        self._stopped = stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._wait_in_queue, args=(how, advance, stopped), daemon=True, name="generate"
        )
        self._thread.start()

    def _wait_in_queue(self, how: How, advance: bool, stopped: threading.Event) -> None:
        def on_wait(ahead: int) -> None:
            self.ahead = ahead
            if stopped.is_set() or self._clock() - self._seen > LEFT_AFTER_S:
                raise _Left

        def work(model: Predictor, cancelled: Callable[[], bool]) -> None:
            # The result is taken here and not by who waits: once a token was chosen it is part of
            # the text, even if the visitor has meanwhile pressed Stop.
            with self._working:
                self._advance(model, how, advance, cancelled)

        try:
            key = ("generate", id(self), object())  # nobody shares a step
            self._models.use(self.subject.name, key, work, on_wait, keep=False)
        except (_Left, Cancelled):
            self.playing = False
        except Exception as error:  # it belongs on the visitor's page, not in the server's log
            self.problem, self.playing = error, False

    def _advance(
        self, model: Predictor, how: How, advance: bool, cancelled: Callable[[], bool]
    ) -> None:
        view = without(model, self.subject.off)  # which a generation holds for no longer than this
        generation = self._bind(model, view)
        if advance and generation.ended is None:
            self._last = generation.step(temperature=how.temperature, cancelled=cancelled)
        try:
            if generation.ended is not None and self._last is not None:
                outlook = self._last.outlook
            else:
                outlook = generation.outlook(compare=how.compare, cancelled=cancelled)
                self._growth.append(_point(outlook))
        finally:
            if self._caches is not None:
                self._caches.use(generation)
        self.view = View(
            outlook=outlook,
            last=self._last,
            tokens=generation.tokens(),
            n_prompt=generation.n_prompt,
            written=generation.written(),
            top=generation.choices(outlook, temperature=0),
            growth=tuple(self._growth),
            ended=generation.ended,
        )

    def _bind(self, model: Predictor, view: Predictor) -> Generation:
        """The generation on this model, with heads off. A visitor who is idle must not keep a model
        in memory that the shelf has let go, so it holds the model weakly, and takes the one that it
        is handed if that was loaded again."""
        subject = self.subject
        if self._generation is None:
            self._generation = Generation(
                weakref.proxy(view),
                subject.ids,
                seed=subject.seed,
                max_new_tokens=MAX_NEW_TOKENS,
                max_tokens=subject.max_tokens,
            )
        elif self._bound() is not model:
            self._generation.rebind(weakref.proxy(view))
        self._generation.model = weakref.proxy(view)
        self._bound = weakref.ref(model)
        return self._generation


class Desk:
    """What one visitor has: one generation, given up for another."""

    def __init__(self) -> None:
        self.run: Run | None = None

    def at(self, subject: Subject, models: Models, caches: Caches | None) -> Run:
        """The generation from here: the one under way, or a new one for another subject."""
        if self.run is None or self.run.subject != subject:
            return self._put(Run(subject, models, caches))
        return self.run

    def again(self) -> None:
        """Back to the text as it was typed."""
        if self.run is not None:
            self._put(self.run.afresh())
            # The page stands already; where the first look takes long, it has to ask for it.
            self.run.drawn = self.run.looks

    def leave(self) -> None:
        """The visitor is gone: what waits is dropped, and the cache with it."""
        if self.run is not None:
            self.run.stop()
        self.run = None

    def _put(self, run: Run) -> Run:
        self.leave()
        self.run = run
        return run


def _point(outlook: Outlook) -> GrowthPoint:
    return GrowthPoint(
        tokens=outlook.kv_len,
        cache_bytes=outlook.cache_bytes,
        formula_bytes=outlook.formula_bytes,
        seconds=outlook.seconds,
        seconds_without=outlook.whole.seconds if outlook.whole else None,
    )
