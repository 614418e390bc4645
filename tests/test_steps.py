import pytest

from attention.models.limits import Cancelled
from attention.steps import Progress, Steps


def test_steps_are_counted_told_and_run_by_each():
    told, ran = [], []

    def each(work):
        ran.append(work)
        return work() + 1

    steps = Steps(2, each, told.append)
    assert [steps.take(lambda: 4), steps.take(lambda: 5)] == [5, 6]
    assert told == [Progress(1, 2), Progress(2, 2)]
    assert len(ran) == 2


def test_nothing_runs_once_it_is_cancelled():
    def never():
        raise AssertionError

    steps = Steps(1, cancelled=lambda: True)
    with pytest.raises(Cancelled):
        steps.take(never)
    assert steps.done == 0
