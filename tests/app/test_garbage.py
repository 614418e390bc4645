"""What is loaded is not walked over at every run; what is let go goes."""

import gc
import weakref

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
