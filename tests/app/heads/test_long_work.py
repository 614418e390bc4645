"""The queue of long work: one piece after another, followed, stopped, and kept."""

import threading
import time
from collections.abc import Iterator

import pytest

from app.explore.models import Models
from app.heads.long_work import TRIES, LongWork, Run, Task
from app.jobs import AtOnce, Passes, Store
from attention.models.limits import Cancelled
from attention.steps import Progress

ME, OTHER = object(), object()


class Model:
    """Stands for one; its weights are known by a name, or not at all."""

    device, number_format = "cpu", "float32"

    def __init__(self, weights: str | None = None) -> None:
        self.weights = weights

    def fingerprint(self) -> str | None:
        return self.weights


def models(model: Model | None = None, store: Store | None = None) -> Models:
    one = model or Model()
    return Models(store or AtOnce(4), lambda name: one, most=1, threads=1)  # type: ignore


def task(work=lambda model, run: 7, how=("seven",), **codec) -> Task:
    return Task(how, work, **codec)


@pytest.fixture
def passes() -> Iterator[Passes]:
    found = Passes(1000)
    yield found
    found.close()


def test_two_visitors_share_one_run_and_its_result() -> None:
    made: list[int] = []
    seven = task(lambda model, run: made.append(1) or 7)
    model = Model()
    work = LongWork(models(model))
    assert work.known(model, seven) is None
    for visitor in (ME, OTHER):
        run = work.start("hand", seven, visitor)
        assert run.ended.wait(10)
        assert run.result == 7
    assert made == [1]
    assert work.known(model, seven) == 7


def test_it_is_kept_on_disk_by_weights_and_by_how(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HEADCOUNT_CACHE", str(tmp_path))
    codec = {"write": lambda found: {"found": found}, "read": lambda plain: plain["found"]}
    seven, model = task(**codec), Model("weights")
    assert LongWork(models(model)).start("hand", seven, ME).ended.wait(10)
    another_process, same = LongWork(models()), Model("weights")
    assert another_process.known(same, seven) == 7
    assert another_process.known(Model("others"), seven) is None
    assert another_process.known(same, task(how=("eight",), **codec)) is None
    assert LongWork(models()).known(same, task()) is None  # a visitor's own text is in memory alone
    [file] = (tmp_path / "heads").iterdir()
    file.write_text("[]", encoding="utf-8")
    assert LongWork(models()).known(same, seven) is None


def test_one_piece_after_another(passes: Passes) -> None:
    gate, order = threading.Event(), []

    def first(model, run: Run) -> str:
        order.append("first")
        assert gate.wait(10)
        return "first"

    work = LongWork(models(store=passes))
    running = work.start("hand", task(first, ("first",)), ME)
    waiting = work.start("hand", task(lambda *_: order.append("second") or 2, ("second",)), OTHER)
    until = time.monotonic() + 10
    while not order:
        assert time.monotonic() < until
    assert (work.before(running), work.before(waiting)) == (0, 1)
    assert waiting.began is None
    gate.set()
    assert waiting.ended.wait(10)
    assert order == ["first", "second"]


def test_stop_ends_it_with_the_last_who_waits() -> None:
    begun = threading.Event()

    def endless(model, run: Run) -> None:
        run.tell(Progress(1, 4))
        begun.set()
        while not run.cancelled():
            pass
        raise Cancelled

    model = Model()
    work, forever = LongWork(models(model)), task(endless)
    run = work.start("hand", forever, ME)
    assert work.start("hand", forever, OTHER) is run
    assert begun.wait(10)
    assert run.progress == Progress(1, 4)
    run.leave(ME)
    assert not run.stopped.is_set()
    run.leave(OTHER)
    assert run.ended.wait(10)
    assert run.problem is None and work.known(model, forever) is None
    assert work.start("hand", forever, ME) is not run
    work.close()


def test_what_only_waits_is_dropped_when_its_visitor_has_left() -> None:
    now, gate, made = [0.0], threading.Event(), []
    model = Model()
    work = LongWork(models(model), clock=lambda: now[0])
    running = work.start("hand", task(lambda *_: gate.wait(10) and 1, ("first",)), ME)
    until = time.monotonic() + 10
    while running.began is None:
        assert time.monotonic() < until
    waiting = work.start("hand", task(lambda *_: made.append(1), ("second",)), OTHER)
    now[0] = 60.0  # both have left
    gate.set()
    assert waiting.ended.wait(10)
    assert running.result == 1  # what runs goes on: it is kept for all
    assert waiting.stopped.is_set() and made == []


def test_whoever_left_long_ago_does_not_hold_it() -> None:
    now, gate = [0.0], threading.Event()
    work, held = LongWork(models(), clock=lambda: now[0]), task(lambda *_: gate.wait(10))
    run = work.start("hand", held, OTHER)
    now[0] = 60.0
    work.start("hand", held, ME)
    run.leave(ME)
    assert run.stopped.is_set()
    gate.set()


def test_a_failure_is_told_and_the_queue_goes_on() -> None:
    def fail(model, run: Run) -> None:
        raise RuntimeError("odd")

    work = LongWork(models())
    run = work.start("hand", task(fail, ("fails",)), ME)
    assert run.ended.wait(10)
    assert str(run.problem) == "odd"
    assert work.start("hand", task(), ME).ended.wait(10)
    again = work.start("hand", task(fail, ("fails",)), ME)
    assert again is not run and again.ended.wait(10)


def test_time_left() -> None:
    run = Run(models(), "hand", task())
    run.began, run.progress = 0.0, Progress(1, 10)
    assert run.left_s(5.0) is None
    run.tell(Progress(4, 10))
    assert run.left_s(8.0) == 12.0


def test_a_pass_gives_way_to_a_visitor_and_begins_anew_behind_him(passes: Passes) -> None:
    order, waits = [], threading.Event()

    def work(model, run: Run) -> int:
        def one_pass() -> None:
            order.append("pass")
            if len(order) == 1:
                waits.set()
                until = time.monotonic() + 10
                while not run.cancelled():  # as a model asks between its layers
                    assert time.monotonic() < until
                raise Cancelled

        assert not run.cancelled()
        run.each(one_pass)
        return 7

    run = LongWork(models(store=passes)).start("hand", task(work), ME)
    assert waits.wait(10)
    passes.get("visitor", lambda _: order.append("visitor"))
    assert run.ended.wait(10)
    assert order == ["pass", "visitor", "pass"]
    assert run.result == 7


def test_where_visitors_never_end_a_pass_is_done_all_the_same() -> None:
    class Crowd(AtOnce):
        crowded = True

    tries = []

    def work(model, run: Run) -> int:
        def one_pass() -> None:
            tries.append(1)
            if run.cancelled():
                raise Cancelled

        run.each(one_pass)
        return 7

    run = LongWork(models(store=Crowd(4))).start("hand", task(work), ME)
    assert run.ended.wait(10)
    assert (len(tries), run.result) == (TRIES, 7)
