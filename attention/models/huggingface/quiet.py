"""Loading without a word on the user's stderr."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars
from huggingface_hub.utils import logging as hub_logging
from transformers.utils import logging as their_logging


class _Settings:
    """What these libraries keep for the whole process; several threads may want it quiet at once.

    The first one turns everything off, the last one puts it back.
    """

    def __init__(self) -> None:
        self._lock, self._inside, self._found = threading.Lock(), 0, ExitStack()

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._turn_off()

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._found.close()

    def _turn_off(self) -> None:
        put_back = self._found.callback
        if are_progress_bars_disabled():
            put_back(disable_progress_bars)
        if their_logging.is_progress_bar_enabled():
            put_back(their_logging.enable_progress_bar)  # turns the Hub client's on, too
        their_logging.disable_progress_bar()
        for module in (their_logging, hub_logging):
            put_back(module.set_verbosity, module.get_verbosity())
            module.set_verbosity(logging.CRITICAL)
        accelerate = logging.getLogger("accelerate")
        put_back(accelerate.setLevel, accelerate.level)
        accelerate.setLevel(logging.CRITICAL)
        self._found.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")


_SETTINGS = _Settings()


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings and no progress bars of transformers, accelerate and the Hub's client inside.

    What they have to say is checked after loading and said in our words.
    """
    _SETTINGS.enter()
    try:
        yield
    finally:
        _SETTINGS.leave()
