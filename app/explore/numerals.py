"""Numbers of a vector or a score, with two decimals. Pure."""

from app.i18n import Words

MINUS = "\u2212"


def plain(number: float) -> str:
    """As a formula takes it, in the notation of mathematics; nothing is "-0.00"."""
    return f"{number:.2f}".replace("-0.00", "0.00")


def typed(number: float, words: Words) -> str:
    """As a text has it, in the signs of its language and with a minus sign."""
    return words.number(float(plain(number)), ".2f").replace("-", MINUS)
