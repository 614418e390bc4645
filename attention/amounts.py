"""Bytes in units that people read."""

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


def in_units(n_bytes: int | float) -> str:
    """``"1.50 MiB"``: the largest unit that leaves at least 1; bytes below 1 KiB as they are."""
    power = unit_power(n_bytes, len(UNITS))
    if not power:
        return f"{n_bytes} {'byte' if n_bytes == 1 else 'bytes'}"
    return f"{n_bytes / 1024**power:.2f} {UNITS[power]}"
