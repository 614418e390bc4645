"""One table of parameters a page: the address, the widgets and the settings, each from the others.

A page has a frozen dataclass of settings and a :class:`Table` that says of each of them what the
address calls it, what it may be, and which widget it has. Pure: the session is :mod:`app.session`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

from app.parameters import Entry, Moves, Notice, Parameter, Values

S = TypeVar("S")


class Table(Generic[S]):
    """The parameters of a page, or of a part of one.

    Args:
        start: the settings of an address without parameters.
        entries: in the order of the address; one may depend on those before it.
        unpack, pack: from the settings to values by name and back, where they are no dataclass.
    """

    def __init__(
        self,
        start: S,
        entries: Iterable[Entry],
        unpack: Callable[[S], Values] | None = None,
        pack: Callable[[Values], S] | None = None,
    ) -> None:
        self.start, self.entries = start, tuple(entries)
        self._unpack: Callable[[Any], Values] = unpack or _fields
        self._pack = pack or self._replace

    @property
    def triggers(self) -> tuple[str, ...]:
        """See :attr:`Entry.triggers`."""
        return tuple(key for entry in self.entries for key in entry.triggers)

    @property
    def shared(self) -> tuple[str, ...]:
        """Names of the settings that all pages have in common."""
        return tuple(e.name for e in self.entries if isinstance(e, Parameter) and e.shared)

    def read(self, params: Mapping[str, str]) -> tuple[S, tuple[Notice, ...]]:
        """Settings from query parameters, with a notice for every value that had to change."""
        values = self._unpack(self.start)
        notices = [notice for entry in self.entries for notice in entry.read(params, values)]
        return self._pack(values), tuple(notices)

    def write(self, settings: S) -> dict[str, str]:
        """The query parameters of these settings: only what differs from the default."""
        values = self._unpack(settings)
        params: dict[str, str] = {}
        for entry in self.entries:
            params |= entry.write(values)
        return params

    def shown(self, settings: S) -> dict[str, Any]:
        """What each widget shows, by key."""
        values = self._unpack(settings)
        return {key: value for entry in self.entries for key, value in entry.shown(values).items()}

    def hear(self, settings: S, moves: Moves) -> S:
        """The settings with what the moved widgets say."""
        values = self._unpack(settings)
        for entry in self.entries:
            entry.hear(values, moves)
        return self._pack(values)

    def fit(self, settings: S) -> tuple[S, tuple[Notice, ...]]:
        """What no longer fits moved to the nearest that does."""
        values = self._unpack(settings)
        notices = [notice for entry in self.entries for notice in entry.fit(values)]
        return self._pack(values), tuple(notices)

    def settle(self, old: S, settings: S) -> tuple[S, tuple[Notice, ...]]:
        """Settings after widgets moved; ``old`` are those before. A page may do more."""
        return self.fit(settings)

    def keep(self, settings: S, old: S) -> S:
        """Settings that an address gave, with what no address holds as it was."""
        values, before = self._unpack(settings), self._unpack(old)
        for entry in self.entries:
            entry.keep(values, before)
        return self._pack(values)

    def _replace(self, values: Values) -> S:
        start: Any = self.start
        return replace(start, **values)


@dataclass(frozen=True)
class Part(Entry, Generic[S]):
    """A field of the settings with a table of its own, whose parameters stand among the others."""

    name: str
    table: Table[S]

    @property
    def triggers(self) -> tuple[str, ...]:
        return self.table.triggers

    def read(self, params: Mapping[str, str], values: Values) -> list[Notice]:
        values[self.name], notices = self.table.read(params)
        return list(notices)

    def write(self, values: Values) -> dict[str, str]:
        return self.table.write(values[self.name])

    def shown(self, values: Values) -> dict[str, Any]:
        return self.table.shown(values[self.name])

    def hear(self, values: Values, moves: Moves) -> None:
        values[self.name] = self.table.hear(values[self.name], moves)

    def fit(self, values: Values) -> list[Notice]:
        values[self.name], notices = self.table.fit(values[self.name])
        return list(notices)

    def keep(self, values: Values, old: Values) -> None:
        values[self.name] = self.table.keep(values[self.name], old[self.name])


def _fields(settings: Any) -> Values:
    return {each.name: getattr(settings, each.name) for each in fields(settings)}
