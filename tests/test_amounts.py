"""Bytes in the units that people read."""

import random

import pytest
from py_mini_racer import MiniRacer

from attention.amounts import amount, in_units, unit_power
from attention.picture import HERE
from attention.words import load_words


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (1, "1 byte"),
        (13.5, "13.5 bytes"),
        (1023, "1,023 bytes"),
        (1024, "1 KiB"),
        (1536 * 1024, "1.5 MiB"),
        (2**31, "2 GiB"),
        (13824, "13.5 KiB"),
        (10368, "10.13 KiB"),  # 10.125: a half goes up
        (10496, "10.25 KiB"),
        (2**63, "8 EiB"),
        (2**75, "32,768 EiB"),
    ],
)
def test_readable_units(n_bytes, text):
    assert in_units(n_bytes) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (0.5, "0.5"), (1, "1"), (1.126, "1.13"), (9.999, "10"), (13.5, "13.5"),
        (14.956, "14.96"), (100, "100"), (512.4, "512.4"), (2048, "2,048"), (8191.999, "8,192"),
    ],
)  # fmt: skip
def test_one_way_to_write_a_number_of_units(number, text):
    assert amount(number) == text


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_the_picture_writes_every_number_of_bytes_the_same_way(lang):
    words, chance = load_words(lang), random.Random(5)
    units = words("picture.byte_units")
    counts = [*range(8000, 24_000, 8), 2**20 - 1, 2**53]  # in eighths of a KiB every half occurs
    counts += [chance.randrange(1, 2 ** chance.randrange(4, 50)) for _ in range(2000)]
    with MiniRacer() as engine:
        engine.eval((HERE / "text.js").read_text(encoding="utf-8").replace("export ", ""))
        engine.eval(
            "const each = (lang, units, all) => all.map((n) => formatsOf(lang, units).bytes(n));"
        )
        drawn = [engine.call("each", lang, units, counts[at : at + 500])
                 for at in range(0, len(counts), 500)]  # fmt: skip
    ours = [in_units(n, units.split(), digits=words.digits) for n in counts]
    assert [text for part in drawn for text in part] == ours


def test_names_and_base_of_the_units_may_be_others():
    assert in_units(1_500_000, ("bytes", "kB", "MB"), 1000) == "1.5 MB"


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
