"""Bytes in the units that people read."""

import pytest

from attention.amounts import in_units, unit_power


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (1, "1 byte"),
        (13.5, "13.5 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.00 KiB"),
        (1536 * 1024, "1.50 MiB"),
        (2**31, "2.00 GiB"),
        (2**63, "8.00 EiB"),
        (2**75, "32768.00 EiB"),
    ],
)
def test_readable_units(n_bytes, text):
    assert in_units(n_bytes) == text


@pytest.mark.parametrize(
    ("n_bytes", "n_units", "base", "power"),
    [
        (0, 4, 1024, 0),
        (1023, 4, 1024, 0),
        (1024, 4, 1024, 1),
        (1000, 4, 1000, 1),
        (1024**3 - 1, 4, 1024, 2),
        (1024**9, 4, 1024, 3),
        (1024**9, 1, 1024, 0),
    ],
)
def test_the_largest_unit_that_leaves_at_least_one(n_bytes, n_units, base, power):
    assert unit_power(n_bytes, n_units, base) == power
