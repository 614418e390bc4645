"""Numbers of a vector or a score, with two decimals. Pure."""

MINUS = "\u2212"


def plain(number: float) -> str:
    """As a formula takes it; nothing is "-0.00"."""
    return f"{number:.2f}".replace("-0.00", "0.00")


def typed(number: float) -> str:
    """As a text has it, with a minus sign."""
    return plain(number).replace("-", MINUS)
