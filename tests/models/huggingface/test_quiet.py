"""Quiet while loading, and everything as it was afterwards, also with several threads."""

import logging
import threading
import warnings

import pytest
from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars
from huggingface_hub.utils import enable_progress_bars as enable_hub_bars
from transformers.utils import logging as their_logging

from attention.models.huggingface.quiet import quiet


def settings():
    return (
        their_logging.get_verbosity(),
        their_logging.is_progress_bar_enabled(),
        are_progress_bars_disabled(),
        logging.getLogger("accelerate").level,
        list(warnings.filters),
    )


def test_nothing_is_said_inside(caplog, recwarn):
    with quiet():
        their_logging.get_logger("transformers.x").error("error")
        logging.getLogger("accelerate.big_modeling").warning("warning")
        logging.getLogger("huggingface_hub.x").warning("warning")
        warnings.warn("warning", stacklevel=1)
    assert not caplog.records and not recwarn.list
    their_logging.get_logger("transformers.x").error("said again")
    assert [record.message for record in caplog.records] == ["said again"]


@pytest.mark.parametrize("hub_bars", [True, False])
def test_everything_is_put_back_even_after_an_error(hub_bars):
    (enable_hub_bars if hub_bars else disable_progress_bars)()
    before = settings()
    with pytest.raises(ZeroDivisionError), quiet(), quiet():
        assert settings() != before
        _ = 1 / 0
    assert settings() == before
    enable_hub_bars()


def test_threads_that_overlap_put_it_back_once():
    before, inside, leave = settings(), threading.Barrier(2), threading.Event()

    def first():
        with quiet():
            inside.wait()
            leave.wait()

    thread = threading.Thread(target=first)
    thread.start()
    with quiet():
        inside.wait()
    assert settings() != before  # the first one is still inside
    leave.set()
    thread.join()
    assert settings() == before
