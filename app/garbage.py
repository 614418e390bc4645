"""Python's garbage collector, kept from walking over what stays for good.

Streamlit collects after every run, and the run is not over for the browser meanwhile: 100 ms with
torch loaded, 350 ms with transformers, of which nearly all is modules and models that stay.
"""

import gc
import time
from collections.abc import Callable

SLOW_S = 0.02  # processor time of a full collection that a visitor would notice
AGAIN_S = 600.0  # how long what was taken out stays out: what a visitor left behind goes then


def settle() -> None:
    """Collect garbage now, and take everything that is left out of all later collections.

    For when something large was loaded or let go: it begins by looking at everything once more.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class Watch:
    """Takes what is there out of later collections whenever one was slow.

    Pages import what they need when they are opened first, long after the models were loaded.
    Every ``AGAIN_S`` everything is looked at once more, as what has been taken out may have become
    garbage.

    Args:
        spent: seconds of processor time of this thread.
        clock: seconds.
    """

    def __init__(
        self,
        spent: Callable[[], float] = time.thread_time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.spent, self.clock = spent, clock
        self.begun, self.taken = 0.0, clock()

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        """What :data:`gc.callbacks` calls before and after a collection."""
        if info["generation"] < 2:
            return
        if phase == "start":
            self.begun = self.spent()
            if self.clock() - self.taken > AGAIN_S:
                self.taken = self.clock()
                gc.unfreeze()
        elif self.spent() - self.begun > SLOW_S:
            gc.freeze()


def watch() -> None:
    """Have one :class:`Watch` in this process."""
    if not any(isinstance(call, Watch) for call in gc.callbacks):
        gc.callbacks.append(Watch())
