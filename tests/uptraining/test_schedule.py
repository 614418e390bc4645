import pytest

from attention.uptraining.schedule import Schedule

PLAN = Schedule(rows=9, portion=4, passes=2, batch=2, steps=10, layer_rate=0.1, logit_rate=0.02)


def test_every_batch_of_a_portion_is_read_in_each_pass():
    assert (PLAN.layer_updates, PLAN.updates) == (8, 18)
    read = [PLAN.portion_of(update) for update in range(8)]
    assert read == [(0, 0), (0, 1), (0, 0), (0, 1), (1, 0), (1, 1), (1, 0), (1, 1)]


def test_each_stage_has_a_rate_of_its_own_that_falls_to_nothing():
    assert PLAN.rate(0) == 0.1
    assert PLAN.rate(7) == pytest.approx(0.1 / (0.7 * 8))
    assert PLAN.rate(8) == 0.02
    assert PLAN.rate(17) == pytest.approx(0.02 / 7)
    long = Schedule(rows=16, passes=1, steps=100, logit_rate=0.02)
    assert long.rate(long.layer_updates) == pytest.approx(0.02 / 5)  # warming up
