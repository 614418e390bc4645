"""What the readers of logs share: lines of bounded length, and findings that say what they are."""

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol, cast

from attention.errors import HeadcountError
from attention.kv.engines.engine import Engine
from attention.kv.settings import AnySetting, Value
from attention.kv.shape import ModelShape

LARGEST_LOG = 5_000_000  # characters
LONGEST_LINE = 60_000  # a header's list of 4,096 layers has fewer
MOST_FINDINGS = 200
GIB = 2**30
MIB = 2**20


class LogError(HeadcountError):
    """A log that cannot be checked: one sentence saying why and what would work."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One figure of a log, beside what the arithmetic gives.

    Args:
        line: the line that it stands in, shortened; hostile text, never markup.
        what: what it is: ``"K"``, ``"tokens"``.
        printed: as the log prints it, with its unit.
        computed: as the log would print what was computed; None where nothing could be.
        agrees: whether they are the same; None where they could not be compared.
        formula: the sum with its numbers filled in, or "".
        cause: why they differ, or what is missing to compare them; "" where they agree.
        engine: whose line it is.
        start: which of the engine's starts in the log printed it, from 1.
    """

    line: str
    what: str
    printed: str
    computed: str | None = None
    agrees: bool | None = None
    formula: str = ""
    cause: str = ""
    engine: str = ""
    start: int = 1

    @property
    def start_of(self) -> tuple[str, int]:
        """Engine and start together."""
        return self.engine, self.start


@dataclass(frozen=True, kw_only=True)
class Fallback:
    """What holds where a log says nothing: neither a model's dims, nor one's name, nor a setting.

    Args:
        shape: a model, or None.
        settings: fields of a workload and settings of engines, by name.
    """

    shape: ModelShape | None = None
    settings: Mapping[str, Value] = field(default_factory=dict)


@dataclass(kw_only=True)
class Basis:
    """What the lines of one start are recomputed from, beside what they say themselves.

    Args:
        given: the model that goes before what the log says, or None.
        settings: likewise fields of a workload and settings of engines, by name.
        fallback: what holds where the log says nothing.
        named: the model of the catalog that a line named, or None.
    """

    given: ModelShape | None = None
    settings: Mapping[str, Value] = field(default_factory=dict)
    fallback: Fallback = field(default_factory=Fallback)
    named: ModelShape | None = None

    @property
    def known(self) -> ModelShape | None:
        """The model, for engines whose lines do not say its dims."""
        return self.given or self.stand_in

    @property
    def stand_in(self) -> ModelShape | None:
        """The model where the lines do not say its dims and none goes before them."""
        return self.named or self.fallback.shape

    def of(self, engine: Engine, said: Mapping[str, Value]) -> dict[str, Value]:
        """The settings that this engine heeds, those that the lines ``said`` among them."""
        merged = {**self.fallback.settings, **said, **self.settings}
        return {name: value for name, value in merged.items() if engine.heeds(name)}


class LogReader(Protocol):
    """Reads one engine's lines, from the first to the last of one start."""

    facts: Mapping[str, int | list[int]]
    """What its lines say of the model and the context."""

    begun: bool
    """Whether a line of the cache was read."""

    def repeats(self, line: str) -> bool:
        """Whether the line is printed before one that was read: another start's."""

    def take(self, line: str) -> list[Finding]:
        """What this line lets be checked by itself."""

    def end(self) -> list[Finding]:
        """What all the lines together let be checked."""


@dataclass(frozen=True, kw_only=True)
class Log:
    """An engine's log.

    Args:
        engine, title: its name here, and as it writes itself.
        module: where its ``Reader(basis)`` stands, a :class:`LogReader`; loaded when a log is read.
        starts: what the engine prints when it starts, above the lines of its cache.
        names: what stands around the model's name; a group each.
        settings: that its lines do not always say.
    """

    engine: str
    title: str
    module: str
    starts: re.Pattern[str]
    names: re.Pattern[str]
    settings: tuple[AnySetting, ...] = ()

    def reader(self, basis: Basis) -> LogReader:
        """A reader for one start."""
        return cast(LogReader, importlib.import_module(self.module).Reader(basis))


def lines_of(text: str) -> Iterator[str]:
    """The log's lines without colours and markup of terminals, each cut to a bounded length."""
    for line in text.splitlines():
        line = line[:LONGEST_LINE]
        yield re.sub(r"\x1b\[[0-9;]{0,20}[A-Za-z]", "", line) if "\x1b" in line else line


def shown(line: str) -> str:
    """A line, blanks made one, cut to 240 characters."""
    text = " ".join(line.split())
    return text if len(text) <= 240 else f"{text[:237]}..."


def decimal(text: str) -> Fraction:
    """``"2160,00"`` or ``"2160.00"``, exactly."""
    return Fraction(text.replace(",", "."))


def whole(text: str) -> int:
    """``"350,304"``: a whole number, with or without commas between its thousands."""
    return int(text.replace(",", ""))


def interval(text: str, unit: int) -> tuple[Fraction, Fraction]:
    """The least and most that rounds to the digits of ``text``, times ``unit``."""
    digits = len(text.rpartition(".")[2]) if "." in text else 0
    half = Fraction(1, 2 * 10**digits)
    return (decimal(text) - half) * unit, (decimal(text) + half) * unit
