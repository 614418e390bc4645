"""Checks of numbers that a stranger wrote, and the error that they raise."""

from attention.config import either, nearest_divisors
from attention.errors import HeadcountError

LARGEST_NUMBER = 2**40  # of heads, dims, tokens: far beyond any model
LARGEST_LAYERS = 4096


class ShapeError(HeadcountError):
    """A shape that cannot be read or built: one sentence naming the value and what would work."""


def require_number(name: str, value: object, *, least: int = 1, most: int | None = None) -> int:
    """Give back ``value`` if it is a whole number from ``least`` to ``most`` (2^40 if left out).

    Raises:
        ShapeError: naming ``name`` and the value; bool, float and text are no whole numbers.
    """
    most = LARGEST_NUMBER if most is None else most
    # bool is an int in Python: True would pass for one head.
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ShapeError(
            "{name} {shortened} is not a whole number from {least} to {most}.",
            name=name,
            shortened=shortened(value),
            least=least,
            most=most,
        )
    return value


def shortened(value: object) -> str:
    """``repr`` of a value that a stranger wrote, cut to 60 characters."""
    if isinstance(value, int) and value.bit_length() > 512:
        return "of more than 150 digits"  # Python refuses to write very long ones out
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def not_divisible(n_heads: int, n_kv_heads: int) -> ShapeError:
    """The error for KV heads that query heads cannot share evenly."""
    works = either(nearest_divisors(n_heads, n_kv_heads)) if n_heads else "0"
    return ShapeError(
        "n_heads {n_heads} does not divide by n_kv_heads {n_kv_heads}: choose n_kv_heads {works}.",
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        works=works,
    )
