"""Bytes and counts as text, in one family of units. Pure."""

from dataclasses import dataclass

from app.i18n import Words
from app.memory.settings import UNITS
from attention.amounts import in_units

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
        return in_units(n_bytes, self.names, self.base, self.words.digits)

    def exact(self, n_bytes: float) -> str:
        """``1 GiB = 1,073,741,824 bytes``."""
        plain = f"{self.words.number(n_bytes)} {self.names[0]}"
        return plain if n_bytes < self.base else f"{self.size(n_bytes)} = {plain}"
