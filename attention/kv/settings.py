"""Kinds of settings that engines have: what a value may be, and what holds where none is set.

An engine's folder names its settings once; the command line and the page build their options and
fields from them. A :class:`~attention.kv.workload.Workload` carries the values.
"""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from attention.errors import HeadcountError, sentence_of
from attention.kv.checks import ShapeError, require_number, shortened
from attention.kv.formats import stored_format

Value = int | float | str | bool
_RELEASE = re.compile(
    r"v?(\d{1,4}(?:\.\d{1,4}){1,3})"
)  # what follows it, as in 0.9.2rc1, is no part
T = TypeVar("T")


class WorkloadError(HeadcountError):
    """A workload, or an engine's setting, that cannot be: one sentence with value and fix."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting(Generic[T]):
    """One setting of an engine, or of several: there is one object of it.

    Args:
        name: in snake case; the key of its words in the locale files.
        help: what its option on the command line means, in a few words; see :attr:`flag`.
        default: what holds where it is not set.
    """

    kind: ClassVar[str]
    name: str
    help: str
    default: T

    @property
    def flag(self) -> str:
        """Its option on the command line: ``"--block-size"``."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def blank(self) -> Value | None:
        """What a form holds where it is not set; None for an empty field."""
        return None

    @property
    def choices(self) -> tuple[str, ...]:
        """What a form offers; empty where any number may be typed."""
        return ()

    def check(self, value: object) -> None:
        """Refuse what it cannot be.

        Raises:
            WorkloadError: naming the setting and the value.
        """
        raise NotImplementedError

    def has_room(self, value: Value, batch: int) -> bool:
        """Whether so many sequences can be held with this value; most settings set no limit."""
        return True


@dataclass(frozen=True, kw_only=True, eq=False)
class Count(Setting[T]):
    """A whole number; the default may be None: then the engine finds its own.

    Args:
        least: the smallest that it can be.
    """

    kind = "count"
    least: int = 1

    def check(self, value: object) -> None:
        require_count(self.name, value, least=self.least)


class Switch(Setting[T]):
    """On or off; the default may be None: then the model decides."""

    kind = "switch"

    @property
    def flag(self) -> str:
        """The flag changes the default: ``"--no-hybrid"`` where it is on."""
        flag = super().flag
        return f"--no-{flag[2:]}" if self.default else flag

    @property
    def blank(self) -> bool:
        return bool(self.default)

    def check(self, value: object) -> None:
        if not isinstance(value, bool):
            raise WorkloadError(
                "{name} {shortened} is neither True nor False.",
                name=self.name,
                shortened=shortened(value),
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice(Setting[str]):
    """One of a few words.

    Args:
        options: the words, the default among them.
    """

    kind = "choice"
    options: tuple[str, ...]

    @property
    def blank(self) -> str:
        return self.default

    @property
    def choices(self) -> tuple[str, ...]:
        return self.options

    def check(self, value: object) -> None:
        if value not in self.options:
            raise WorkloadError(
                "{name} {shortened} is unknown: choose {choices}.",
                name=self.name,
                shortened=shortened(value),
                choices=", ".join(self.options),
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class Release(Choice):
    """A version of the engine: any number such as ``0.23.0``; a form offers those that differ."""

    def check(self, value: object) -> None:
        if not isinstance(value, str) or not _RELEASE.match(value):
            raise WorkloadError(
                "{name} {shortened} is no version: choose one such as {default}.",
                name=self.name,
                shortened=shortened(value),
                default=self.default,
            )


def release(version: str) -> tuple[int, ...]:
    """``"v0.23.1rc1"`` as numbers that can be compared: ``(0, 23, 1)``."""
    found = _RELEASE.match(version)
    return tuple(int(number) for number in found[1].split(".")) if found else ()


class Format(Setting[str | None]):
    """A number format, by any of its names; a form offers the plain ones."""

    kind = "choice"

    @property
    def flag(self) -> str:
        return super().flag.replace("-format", "-dtype")

    @property
    def blank(self) -> str:
        return ""

    @property
    def choices(self) -> tuple[str, ...]:
        return ("", "float32", "float16", "bfloat16")

    def check(self, value: object) -> None:
        stored_format(value)


class Ratio(Setting[float]):
    """A number above 0 and up to 1."""

    kind = "ratio"

    @property
    def blank(self) -> float:
        return self.default

    def check(self, value: object) -> None:
        if not isinstance(value, int | float) or not 0 < value <= 1:  # NaN fails too
            raise WorkloadError(
                "{name} {shortened} is not above 0 and up to 1.",
                name=self.name,
                shortened=shortened(value),
            )


AnySetting = Setting[Any]


def require_count(name: str, value: object, *, least: int = 1) -> None:
    """Refuse what is no whole number from ``least`` on.

    Raises:
        WorkloadError: naming both.
    """
    try:
        require_number(name, value, least=least)
    except ShapeError as error:
        raise WorkloadError(sentence_of(error)) from None
