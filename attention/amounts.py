"""Bytes in units that people read."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

from attention.digits import ENGLISH, Digits

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def unit_power(n_bytes: float, n_units: int, base: int = 1024) -> int:
    """The largest power of ``base`` that leaves at least 1, below ``n_units``: 1536 gives 1.

    Args:
        n_units: units that there are, plain bytes among them.
    """
    power = 0
    while power + 1 < n_units and n_bytes >= base ** (power + 1):
        power += 1
    return power


def amount(number: float, digits: Digits = ENGLISH) -> str:
    """The one way in which a number of units is written, here and in the picture's text.js.

    At most two decimals, no zero at their end, thousands grouped: 1, 1.5, 14.96, 512, 32,768. A
    half goes up, 10.125 to 10.13, as ECMA-402 has it ("halfExpand"), of the number as it is read.
    """
    with localcontext(rounding=ROUND_HALF_UP):
        shown = format(Decimal(repr(float(number))), ".2f").rstrip("0")
    return digits.written(Decimal(shown), f",.{len(shown.partition('.')[2])}f")


def in_units(
    n_bytes: int | float, names: Sequence[str] = UNITS, base: int = 1024, digits: Digits = ENGLISH
) -> str:
    """``"1.5 MiB"``: in the largest unit that leaves at least 1.

    Args:
        names: of 1, base, base² … bytes.
    """
    power = unit_power(n_bytes, len(names), base)
    if not power and n_bytes == 1 and names is UNITS:
        return "1 byte"
    return f"{amount(n_bytes / base**power, digits)} {names[power]}"
