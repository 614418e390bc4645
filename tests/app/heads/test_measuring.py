"""The queue in which atlases are measured."""

import threading
import time

import pytest
import torch

from app.heads import measuring
from app.heads.measuring import Atlases, Run
from app.jobs import Passes
from attention.atlas import Progress
from attention.errors import HeadcountError
from attention.models.base import Cancelled
from tests.app.heads.hand_made import ATLAS

ME, OTHER = object(), object()


class Model:
    """Stands for one; what is measured of it is made by hand."""


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    """Nothing is on disk."""
    disk: dict = {}
    monkeypatch.setattr(measuring, "kept", lambda model, **how: disk.get((model, len(how))))
    monkeypatch.setattr(measuring, "keep", lambda model, atlas: disk.update({(model, 2): atlas}))
    monkeypatch.setattr(torch, "set_num_threads", lambda n: None)
    return Model()


def test_what_was_measured_is_known(monkeypatch: pytest.MonkeyPatch, model: Model) -> None:
    monkeypatch.setattr(measuring, "measure", lambda model, **how: ATLAS)
    atlases = Atlases(lambda name: model)
    assert atlases.known(model) is None
    run = atlases.start("hand", ME)
    assert run.ended.wait(10)
    assert atlases.ask("hand", ME) is None
    found = atlases.known(model)
    assert found is not None and found.whole and found.atlas is ATLAS
    again = Atlases(lambda name: model).known(model)  # another process: from disk
    assert again is not None and again.atlas is ATLAS


def test_two_visitors_wait_for_one_and_stop_ends_it_with_the_last(
    monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    begun = threading.Event()

    def measure(model, *, progress, cancelled, each):
        progress(Progress(1, 4))
        begun.set()
        while not cancelled():
            pass
        raise Cancelled

    monkeypatch.setattr(measuring, "measure", measure)
    atlases = Atlases(lambda name: model)
    run = atlases.start("hand", ME)
    assert atlases.start("hand", OTHER) is run
    assert begun.wait(10)
    assert run.progress == Progress(1, 4)
    atlases.stop("hand", ME)
    assert (atlases.ask("hand", ME), atlases.ask("hand", OTHER)) == (None, run)
    assert not run.stopped.is_set()
    atlases.stop("hand", OTHER)
    assert run.ended.wait(10)
    assert run.error is None and atlases.known(model) is None
    assert atlases.start("hand", ME) is not run
    atlases.close()


def test_whoever_left_long_ago_does_not_hold_it(
    monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    now = [0.0]
    gate = threading.Event()
    monkeypatch.setattr(measuring, "measure", lambda model, **how: gate.wait(10) and ATLAS)
    atlases = Atlases(lambda name: model, clock=lambda: now[0])
    run = atlases.start("hand", OTHER)
    atlases.start("hand", ME)
    now[0] = 60.0
    atlases.stop("hand", ME)
    assert run.stopped.is_set()
    gate.set()


@pytest.mark.parametrize(
    ("error", "said"),
    [(HeadcountError("too short."), "too short."), (RuntimeError("odd"), "RuntimeError: odd")],
)
def test_a_failure_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, model: Model, error: Exception, said: str
) -> None:
    def fail(model, **how):
        raise error

    monkeypatch.setattr(measuring, "measure", fail)
    atlases = Atlases(lambda name: model)
    run = atlases.start("hand", ME)
    assert run.ended.wait(10)
    assert run.error == said
    monkeypatch.setattr(measuring, "measure", lambda model, **how: ATLAS)
    assert atlases.start("hand", ME).ended.wait(10)  # the queue goes on
    assert atlases.known(model) is not None


def test_time_left() -> None:
    run = Run("hand", Progress(1, 10), began=0.0)
    assert run.left_s(5.0) is None
    run.progress = Progress(4, 10)
    assert run.left_s(8.0) == 12.0


def test_a_pass_gives_way_to_a_visitor_and_begins_anew_behind_him(
    monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    passes, order = Passes(1000), []
    waits = threading.Event()

    def measure(model, *, progress, cancelled, each):
        def work():
            order.append("pass")
            if len(order) == 1:
                waits.set()
                until = time.monotonic() + 10
                while not cancelled():  # as a model asks between its layers
                    assert time.monotonic() < until
                raise Cancelled

        assert not cancelled()
        each(work)
        return ATLAS

    monkeypatch.setattr(measuring, "measure", measure)
    run = Atlases(lambda name: model, passes).start("hand", ME)
    assert waits.wait(10)
    passes.get("visitor", lambda _: order.append("visitor"))
    assert run.ended.wait(10)
    assert order == ["pass", "visitor", "pass"]
    assert run.error is None and not run.stopped.is_set()
    passes.close()


def test_where_visitors_never_end_a_pass_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    class Crowd(Passes):
        crowded = True

    passes, tries = Crowd(1000), []

    def measure(model, *, progress, cancelled, each):
        def work():
            tries.append(1)
            if cancelled():
                raise Cancelled

        each(work)
        return ATLAS

    monkeypatch.setattr(measuring, "measure", measure)
    run = Atlases(lambda name: model, passes).start("hand", ME)
    assert run.ended.wait(10)
    assert len(tries) == measuring.TRIES
    assert not run.stopped.is_set()
    passes.close()
