"""Long work in steps, between which it can be seen how far it is, and stopped."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from attention.models.limits import Cancelled

#: Runs one pass; where visitors share a model, it lets their passes come between.
Each = Callable[[Callable[[], Any]], Any]


def at_once(work: Callable[[], Any]) -> Any:
    """One pass after another, by whoever asks."""
    return work()


@dataclass(frozen=True)
class Progress:
    """How far a measurement is, in passes."""

    done: int
    total: int


@dataclass
class Steps:
    """Counts the passes of one measurement.

    Args:
        total: how many there will be.
        each: runs the work of each.
        progress: told after each.
        cancelled: asked before each.
    """

    total: int = 0
    each: Each = at_once
    progress: Callable[[Progress], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False
    done: int = 0

    def take(self, work: Callable[[], Any]) -> Any:
        """The next pass.

        Raises:
            Cancelled: ``cancelled`` said so.
        """
        if self.cancelled():
            raise Cancelled
        found = self.each(work)
        self.done += 1
        self.progress(Progress(self.done, self.total))
        return found
