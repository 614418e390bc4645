"""Long work in steps, between which it can be seen how far it is, and stopped."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from attention.models.base import Cancelled

#: Runs the work on one text; where visitors share a model, it lets their passes come between.
Each = Callable[[Callable[[], Any]], Any]


def at_once(work: Callable[[], Any]) -> Any:
    """One text after another, by whoever asks."""
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
        each, progress, cancelled: as :func:`attention.atlas.measure` is given them.
    """

    total: int
    each: Each
    progress: Callable[[Progress], None]
    cancelled: Callable[[], bool]
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
