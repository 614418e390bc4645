"""Long measurements of a model that visitors ask for: each made once, in steps. No Streamlit here.

A measurement has a thread of its own and passes each of its steps through the queue of
:mod:`app.jobs`, so that other visitors' passes come between. It ends early once nobody watches it.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any

from app.explore.models import Models
from attention.models.base import Cancelled
from attention.steps import Each, Progress

LEFT_AFTER_S = 15  # without a sign of the page, a visitor has left; a hidden tab gives them rarely
KEPT = 64  # measurements, of all visitors


class Measurement:
    """One measurement: how far it is, and what came of it.

    Args:
        clock: seconds, for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.progress: Progress | None = None
        self.ahead = 0  # pieces of work that come before its next step
        self.result: Any = None
        self.problem: BaseException | None = None
        self.ended = threading.Event()
        self._clock = clock
        self._seen: dict[Hashable, float] = {}  # when each visitor who waits was there

    def watch(self, visitor: Hashable) -> None:
        """The visitor is there, and waits."""
        self._seen[visitor] = self._clock()

    def leave(self, visitor: Hashable) -> None:
        """The visitor waits no more."""
        self._seen.pop(visitor, None)

    def abandoned(self) -> bool:
        """Whether nobody waits."""
        now = self._clock()
        return all(now - seen > LEFT_AFTER_S for seen in list(self._seen.values()))

    def tell(self, progress: Progress) -> None:
        """How far it is."""
        self.progress = progress

    def each(self, models: Models, name: str) -> Each:
        """Runs one step in the queue of these models."""

        def on_wait(ahead: int) -> None:
            self.ahead = ahead
            if self.abandoned():
                raise Cancelled

        def run(work: Callable[[], Any]) -> Any:
            key = ("step", object())  # nobody shares one
            return models.use(name, key, lambda *_: work(), on_wait, keep=False)

        return run

    def run(self, work: "Callable[[Measurement], Any]") -> None:
        """Do it. What goes wrong belongs on the visitors' pages, not in the server's log."""
        try:
            with suppress(Cancelled):
                self.result = work(self)
        except Exception as error:
            self.problem = error
        finally:
            self.ended.set()


class Measurements:
    """The last measurements, and those under way.

    Args:
        most: that are kept.
    """

    def __init__(self, most: int = KEPT, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._known: OrderedDict[Hashable, Measurement] = OrderedDict()
        self._lock = threading.Lock()

    def start(
        self, key: Hashable, work: Callable[[Measurement], Any], visitor: Hashable
    ) -> Measurement:
        """Begin, unless it is under way or done; one that nobody waits for any more is begun anew.

        Args:
            work: does it, in steps; told of the measurement, and in a thread of its own.
        """
        with self._lock:
            known = self._known.get(key)
            if known is not None and (known.result is not None or not _over(known)):
                known.watch(visitor)
                self._known.move_to_end(key)
                return known
            begun = self._known[key] = Measurement(self._clock)
            self._known.move_to_end(key)
            begun.watch(visitor)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        threading.Thread(target=begun.run, args=(work,), daemon=True, name="measure").start()
        return begun


class Wishes:
    """What one visitor asked for, and may see."""

    def __init__(self) -> None:
        self.measurements: dict[Hashable, Measurement | None] = {}

    def wish(self, key: Hashable) -> None:
        """The visitor pressed the button."""
        self.measurements[key] = None

    def drop(self, key: Hashable) -> None:
        """And pressed Stop."""
        measurement = self.measurements.pop(key, None)
        if measurement is not None:
            measurement.leave(self)

    def leave(self) -> None:
        """The visitor is gone."""
        for key in tuple(self.measurements):
            self.drop(key)

    def get(
        self, key: Hashable, measurements: Measurements, work: Callable[[Measurement], Any]
    ) -> Measurement | None:
        """What was asked for, begun if it was not; None where the visitor has not asked."""
        if key not in self.measurements:
            return None
        measurement = self.measurements[key]
        if measurement is None:
            measurement = self.measurements[key] = measurements.start(key, work, self)
        measurement.watch(self)
        return measurement


def _over(measurement: Measurement) -> bool:
    """It ended, or is about to."""
    return measurement.ended.is_set() or measurement.abandoned()
