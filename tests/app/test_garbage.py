"""What is loaded is not walked over at every run; what is let go goes."""

import gc
import weakref

from app import garbage
from app.garbage import settle


class Ring:
    """Something that only a collection frees."""

    def __init__(self) -> None:
        self.me = self


def test_what_stays_is_not_looked_at_again() -> None:
    settle()
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < gc.get_freeze_count() / 10


def test_what_was_settled_and_let_go_is_collected_the_next_time() -> None:
    ring = Ring()
    settle()
    seen = weakref.ref(ring)
    del ring
    gc.collect()
    assert seen() is not None
    settle()
    assert seen() is None
    gc.unfreeze()


class Clock:
    """Time that a test turns by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_slow_collection_is_the_last_of_its_kind() -> None:
    gc.unfreeze()
    spent = Clock()
    watch = garbage.Watch(spent, Clock())
    watch("start", {"generation": 2})
    spent.now = garbage.SLOW_S / 2
    watch("stop", {"generation": 2})
    assert gc.get_freeze_count() == 0
    watch("start", {"generation": 2})
    spent.now += 2 * garbage.SLOW_S
    watch("stop", {"generation": 1})
    assert gc.get_freeze_count() == 0
    watch("stop", {"generation": 2})
    assert gc.get_freeze_count() > 10_000
    gc.unfreeze()


def test_what_was_taken_out_is_looked_at_again_after_a_while() -> None:
    clock = Clock()
    watch = garbage.Watch(Clock(), clock)
    ring = Ring()
    seen = weakref.ref(ring)
    del ring
    gc.freeze()
    clock.now = garbage.AGAIN_S
    watch("start", {"generation": 2})
    gc.collect()
    assert seen() is not None
    clock.now += 1
    watch("start", {"generation": 2})
    gc.collect()
    assert seen() is None
    gc.unfreeze()


def test_a_process_has_one_watch() -> None:
    before = len(gc.callbacks)
    garbage.watch()
    garbage.watch()
    assert sum(isinstance(call, garbage.Watch) for call in gc.callbacks) == 1
    del gc.callbacks[before:]
