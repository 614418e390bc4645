"""Bytes and counts as text, in one family of units. Pure."""

import re
from dataclasses import dataclass

from app.i18n import Words
from app.memory.settings import UNITS
from attention.amounts import in_units

# Of four digits or more; not behind a point nor before one, nor in a word.
_LONG_NUMBER = re.compile(r"(?<![\w.])\d{4,}(?!\w|\.\d)")
BASES = {"binary": 1024, "decimal": 1000}


@dataclass(frozen=True)
class Amounts:
    """Writes bytes as KiB, MiB, GiB or as kB, MB, GB: never both on one page."""

    family: str
    words: Words

    def __post_init__(self) -> None:
        if self.family not in UNITS:
            raise ValueError(f"units {self.family!r} are unknown: choose {', '.join(UNITS)}.")

    @property
    def base(self) -> int:
        return BASES[self.family]

    @property
    def names(self) -> tuple[str, ...]:
        """Of 1, base, base² … bytes."""
        return tuple(self.words(f"memory.units.names_{self.family}").split())

    def size(self, n_bytes: float) -> str:
        """``131072`` is ``128 KiB``, ``1.5 · 2**30`` is ``1.5 GiB``."""
        return in_units(n_bytes, self.names, self.base)

    def exact(self, n_bytes: float) -> str:
        """``1 GiB = 1,073,741,824 bytes``."""
        plain = f"{count(n_bytes)} {self.names[0]}"
        return plain if n_bytes < self.base else f"{self.size(n_bytes)} = {plain}"


def count(number: float) -> str:
    """With commas; the part behind the point only where there is one."""
    return f"{number:,}" if number != int(number) else f"{int(number):,}"


def grouped(text: str) -> str:
    """The library's sums with commas: ``8192 tokens = 1073741824 bytes`` has ``1,073,741,824``."""
    return _LONG_NUMBER.sub(lambda found: f"{int(found[0]):,}", text)
