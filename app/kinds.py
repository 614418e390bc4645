"""What a parameter may be, and how an address writes it. Pure."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LONGEST = 300  # characters of a value that are compared with the words there are
LONGEST_COUNT = 24
MANY = range(1_000_000)  # options where it is not known yet how many there are
CUTOFF = 0.3  # a word this similar is meant


def nearest(options: Sequence[int], wanted: int) -> int:
    """The option closest to ``wanted``; of two equally close, the smaller."""
    if isinstance(options, range):  # it may be a long one
        return min(max(wanted, options.start), options.stop - 1)
    return min(options, key=lambda option: (abs(option - wanted), option))


@dataclass(frozen=True)
class Found:
    """A value in an address: what it is taken for; ``used`` names that where it is another one."""

    value: Any
    used: object = None


class Kind:
    """Any text, as it is. The other kinds are narrower."""

    dropped = "notice.url_unusable"  # said of a value that cannot be used and becomes none

    def read(self, raw: str) -> Found | None:
        """The value that ``raw`` says, or the nearest that can be; None where there is none."""
        return Found(raw)

    def write(self, value: Any) -> str:
        """As :meth:`read` reads it."""
        return str(value)


@dataclass(frozen=True)
class Line(Kind):
    """Text of one line that something else will look at."""

    longest: int = LONGEST

    def read(self, raw: str) -> Found | None:
        return Found(raw) if len(raw) <= self.longest and raw.isprintable() else None


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words; another becomes the most similar, if it is similar enough."""

    options: Sequence[str]
    cutoff: float = 0.6

    def read(self, raw: str) -> Found | None:
        if raw in self.options:
            return Found(raw)
        by_lower = {option.lower(): option for option in self.options}
        given = raw[:LONGEST].lower()
        close = difflib.get_close_matches(given, by_lower, n=1, cutoff=self.cutoff)
        return Found(by_lower[close[0]], by_lower[close[0]]) if close else None


@dataclass(frozen=True)
class Number(Kind):
    """One of a few whole numbers; another becomes the nearest."""

    options: Sequence[int]
    dropped = "notice.url_dropped"

    def read(self, raw: str) -> Found | None:
        try:
            wanted = int(raw)
        except ValueError:
            return None
        value = nearest(self.options, wanted)
        return Found(value, None if value == wanted else value)


@dataclass(frozen=True)
class Count(Kind):
    """A whole number from ``least`` to ``most``; one above ``cut`` is taken for that."""

    most: int
    least: int = 1
    cut: int | None = None

    def read(self, raw: str) -> Found | None:
        try:
            value = int(raw) if len(raw) <= LONGEST_COUNT else None
        except ValueError:
            return None
        if value is None or not self.least <= value <= self.most:
            return None
        return Found(value if self.cut is None else min(value, self.cut))


@dataclass(frozen=True)
class Ratio(Kind):
    """Above 0 and at most 1."""

    def read(self, raw: str) -> Found | None:
        try:
            value = float(raw)
        except ValueError:
            return None
        return Found(value) if 0 < value <= 1 else None


@dataclass(frozen=True)
class Switch(Kind):
    """``on`` or ``off``."""

    def read(self, raw: str) -> Found | None:
        found = Choice(("on", "off")).read(raw)
        return None if found is None else Found(found.value == "on", found.used)

    def write(self, value: Any) -> str:
        return "on" if value else "off"
