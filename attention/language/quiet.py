"""Loading without a word on the user's stderr."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars
from huggingface_hub.utils import logging as hub_logging
from transformers.utils import logging as their_logging


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings and no progress bars of transformers, accelerate and the Hub's client inside.

    What they have to say is checked after loading and said in our words. They keep these settings
    for the whole process, so they are put back.
    """
    level, hub_level = their_logging.get_verbosity(), hub_logging.get_verbosity()
    accelerate = logging.getLogger("accelerate")
    accelerate_level = accelerate.level
    bars, hub_bars = their_logging.is_progress_bar_enabled(), not are_progress_bars_disabled()
    their_logging.set_verbosity(logging.CRITICAL)
    hub_logging.set_verbosity(logging.CRITICAL)
    accelerate.setLevel(logging.CRITICAL)
    their_logging.disable_progress_bar()  # the Hub client's too
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        their_logging.set_verbosity(level)
        hub_logging.set_verbosity(hub_level)
        accelerate.setLevel(accelerate_level)
        if bars:
            their_logging.enable_progress_bar()
        if not hub_bars:
            disable_progress_bars()
