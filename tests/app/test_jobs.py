"""The queue of passes: order, one pass for all who ask the same, leaving, errors, bounds."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.jobs import ClosedError, Passes

ROOT = Path(__file__).resolve().parents[2]


class Gate:
    """Work that starts, and goes on when it is let."""

    def __init__(self, value: object = "done") -> None:
        self.value, self.started, self.let = value, threading.Event(), threading.Event()
        self.stopped = threading.Event()
        self.runs = 0

    def __call__(self, cancelled: Callable[[], bool]) -> object:
        self.runs += 1
        self.started.set()
        while not self.let.wait(0.005):
            if cancelled():
                self.stopped.set()
                raise RuntimeError("nobody waits")
        return self.value


class Visitor(threading.Thread):
    """Someone who waits for a result, and may leave."""

    def __init__(self, passes: Passes, key: object, work: Callable) -> None:
        super().__init__(daemon=True)
        self.passes, self.key, self.work = passes, key, work
        self.leaves = threading.Event()
        self.ahead: list[int] = []
        self.value: object = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        def on_wait(ahead: int) -> None:
            self.ahead.append(ahead)
            if self.leaves.is_set():
                raise InterruptedError("left")

        try:
            self.value = self.passes.get(self.key, self.work, on_wait)
        except Exception as error:
            self.error = error

    def ended(self) -> "Visitor":
        self.join(10)
        assert not self.is_alive()
        return self


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.005)


@pytest.fixture
def passes() -> Passes:
    return Passes(max_bytes=1000)


def busy(passes: Passes) -> tuple[Gate, Visitor]:
    """The worker is held until the gate is let."""
    gate = Gate("first")
    visitor = Visitor(passes, "first", gate)
    assert gate.started.wait(10)
    return gate, visitor


def test_thirty_visitors_of_one_text_cost_one_pass(passes: Passes) -> None:
    gate = Gate("drawn")
    visitors = [Visitor(passes, "text", gate) for _ in range(30)]
    until(lambda: passes._jobs["text"].waiting == 30)
    gate.let.set()
    assert [visitor.ended().value for visitor in visitors] == ["drawn"] * 30
    assert gate.runs == 1
    assert passes.get("text", gate) == "drawn"  # and whoever comes later
    assert gate.runs == 1


def test_thirty_texts_cost_thirty_passes_one_after_another_in_order(passes: Passes) -> None:
    gate, first = busy(passes)
    order, at_once, most = [], [0], []

    def work(number: int) -> Callable:
        def run(cancelled: Callable[[], bool]) -> int:
            at_once[0] += 1
            most.append(at_once[0])
            order.append(number)
            time.sleep(0.001)
            at_once[0] -= 1
            return number

        return run

    visitors = []
    for number in range(30):
        visitors.append(Visitor(passes, number, work(number)))
        until(lambda number=number: len(passes._queue) == number + 1)
    gate.let.set()
    assert [visitor.ended().value for visitor in visitors] == list(range(30))
    assert first.ended().value == "first"
    assert order == list(range(30))
    assert max(most) == 1


def test_who_waits_is_told_how_many_come_first(passes: Passes) -> None:
    gate, first = busy(passes)
    second = Visitor(passes, "second", Gate())
    until(lambda: len(passes._queue) == 1)
    third = Visitor(passes, "third", lambda cancelled: 3)
    until(lambda: first.ahead and second.ahead and third.ahead)
    assert (first.ahead[0], second.ahead[0], third.ahead[0]) == (0, 1, 2)
    second.leaves.set()
    until(lambda: third.ahead[-1] == 1)
    gate.let.set()
    assert third.ended().value == 3


def test_a_visitor_who_leaves_cancels_what_waits(passes: Passes) -> None:
    gate, first = busy(passes)
    never = Gate()
    gone = Visitor(passes, "never", never)
    until(lambda: passes._queue)
    gone.leaves.set()
    assert isinstance(gone.ended().error, InterruptedError)
    gate.let.set()
    first.ended()
    assert passes.get("next", lambda cancelled: "next") == "next"
    assert never.runs == 0


def test_a_pass_that_nobody_waits_for_is_stopped_where_it_looks(passes: Passes) -> None:
    gate, only = busy(passes)
    only.leaves.set()
    only.ended()
    assert gate.stopped.wait(10)
    assert passes.get("next", lambda cancelled: "next") == "next"


def test_a_pass_goes_on_while_one_of_two_still_waits(passes: Passes) -> None:
    gate, first = busy(passes)
    other = Visitor(passes, "first", gate)
    until(lambda: passes._jobs["first"].waiting == 2)
    first.leaves.set()
    first.ended()
    gate.let.set()
    assert other.ended().value == "first"
    assert gate.runs == 1


def test_who_asks_for_a_pass_that_is_being_stopped_gets_one_of_his_own(passes: Passes) -> None:
    stopping, let_go = threading.Event(), threading.Event()

    def slow_to_stop(cancelled: Callable[[], bool]) -> str:
        until(cancelled)
        stopping.set()
        assert let_go.wait(10)
        raise RuntimeError("stopped")

    leaver = Visitor(passes, "text", slow_to_stop)
    until(lambda: leaver.ahead)
    leaver.leaves.set()
    assert stopping.wait(10)
    comes = Visitor(passes, "text", lambda cancelled: "whole")
    until(lambda: passes._queue)
    let_go.set()
    assert comes.ended().value == "whole"
    assert comes.error is None


def test_an_error_reaches_all_who_wait_and_the_queue_goes_on(passes: Passes) -> None:
    gate, first = busy(passes)

    def fails(cancelled: Callable[[], bool]) -> None:
        raise ValueError("no such layer")

    visitors = [Visitor(passes, "bad", fails) for _ in range(3)]
    until(lambda: passes._jobs["bad"].waiting == 3)
    gate.let.set()
    assert [str(visitor.ended().error) for visitor in visitors] == ["no such layer"] * 3
    assert first.ended().value == "first"
    assert passes.get("bad", lambda cancelled: "now it works") == "now it works"


def test_the_results_are_bounded_and_the_one_used_longest_ago_goes(passes: Passes) -> None:
    for key in "ab":
        passes.get(key, lambda cancelled: np.zeros(400, np.uint8))
    passes.get("a", lambda cancelled: pytest.fail("a is kept"))
    passes.get("c", lambda cancelled: np.zeros(400, np.uint8))
    assert passes._kept.total == 800
    assert "a" in passes._kept and "c" in passes._kept
    assert "b" not in passes._kept


def test_a_result_beyond_the_bound_is_handed_out_and_pushes_nothing_out(passes: Passes) -> None:
    passes.get("small", lambda cancelled: np.zeros(10, np.uint8))
    assert len(passes.get("large", lambda cancelled: np.zeros(2000, np.uint8))) == 2000
    assert "large" not in passes._kept
    assert "small" in passes._kept


def test_what_is_of_no_use_twice_is_not_kept(passes: Passes) -> None:
    assert passes.get("once", lambda cancelled: 1, keep=False) == 1
    assert "once" not in passes._kept


def test_a_stopping_server_drops_what_waits_and_stops_what_runs(passes: Passes) -> None:
    gate, first = busy(passes)
    second = Visitor(passes, "second", Gate())
    until(lambda: passes._queue)
    passes.close()
    assert gate.stopped.is_set()
    assert not passes._worker.is_alive()
    assert isinstance(second.ended().error, ClosedError)
    assert str(first.ended().error) == "nobody waits"
    with pytest.raises(ClosedError):
        passes.get("later", lambda cancelled: 1)


@pytest.mark.slow
def test_a_process_ends_in_good_order_while_a_pass_runs() -> None:
    code = (
        "import threading, torch; from app.jobs import Passes\n"
        "def work(cancelled):\n"
        "    x = torch.randn(400, 400)\n"
        "    while not cancelled(): x = torch.softmax(x @ x, -1)\n"
        "def visit(): Passes(0).get('a', work)\n"
        "threading.Thread(target=visit, daemon=True).start()\n"
        "import time; time.sleep(0.5)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60)
    assert ended.returncode == 0
