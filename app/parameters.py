"""A parameter of a page: its address, its widgets and its setting, each from the others. Pure.

Every parameter is optional in an address and only what differs from the default is written. A
value that cannot be used becomes the nearest one that can, or the default, and a notice says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kinds import Kind

Values = dict[str, Any]  # settings by name: what they are, only the page's table knows
SHOWN_CHARS = 24  # of a bad value, in the sentence about it
KEEP = object()  # what an emptied widget means, where it means nothing


@dataclass(frozen=True)
class Notice:
    """One sentence for the visitor: a key of the locale files and what fills its places.

    With ``count`` the key is a plural, and the count fills ``{n}``.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    count: int | None = None


@dataclass(frozen=True)
class Moves:
    """What widgets say now and did not say after the last run: one that was not moved is not heard.

    Args:
        now: by key, those that moved; was: by key, what was said after the last run.
        drawn: the settings of the last run with what the page itself chose.
    """

    now: Mapping[str, Any]
    was: Mapping[str, Any] = field(default_factory=dict)
    drawn: Any = None


def changed(name: str, raw: str, value: object, dropped: str) -> Notice:
    """That an address's value became another one; ``dropped`` is said where it became none."""
    given = raw if len(raw) <= SHOWN_CHARS else f"{raw[:SHOWN_CHARS]}…"
    if value is None or value == "":
        return Notice(dropped, {"name": name, "given": given})
    return Notice("notice.url_changed", {"name": name, "given": given, "value": value})


def silent(given: object, value: object, values: Values) -> None:
    """What is said of a value that another setting moves: nothing."""


class Entry:
    """A line of a table; here one that does nothing. Values are those of the settings, by name."""

    @property
    def triggers(self) -> tuple[str, ...]:
        """Keys of what is heard whenever it is there, and is no sign of a visitor's move."""
        return ()

    def read(self, params: Mapping[str, str], values: Values) -> list[Notice]:
        """Take it from an address."""
        return []

    def write(self, values: Values) -> dict[str, str]:
        """Its part of the address."""
        return {}

    def shown(self, values: Values) -> dict[str, Any]:
        """What its widgets show, by key."""
        return {}

    def hear(self, values: Values, moves: Moves) -> None:
        """Take it from the widgets that moved."""

    def fit(self, values: Values) -> list[Notice]:
        """Move it to the nearest value that the others allow."""
        return []

    def keep(self, values: Values, old: Values) -> None:
        """Take what no address holds from the settings before."""


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Parameter(Entry):
    """One setting.

    Args:
        name: of the field of the settings.
        kind: how an address writes it and what it may be; a function of the settings above it in
            the table, where these decide. None where it is not in the address.
        default: what it is where nothing is said; None: the page picks. Or such a function.
        keys: of its widgets; of several, the one that was moved counts.
        param: what the address calls it; its name, if nothing else is given.
        show: from the setting to the widget's value; say: back.
        empty: what it is when a widget is emptied; if nothing is given, what it was.
        moved: of the value that was, the one that is nearest and the settings: what is said when
            another setting moves this one. None: no other can.
        shared: all pages have the same.
    """

    name: str
    kind: Kind | Callable[[Values], Kind] | None = None
    default: Any = None
    keys: tuple[str, ...] = ()
    param: str = ""
    show: Callable[[Any], Any] = _same
    say: Callable[[Any], Any] = _same
    empty: Any = KEEP
    moved: Callable[[Any, Any, Values], Notice | None] | None = None
    shared: bool = False

    def read(self, params: Mapping[str, str], values: Values) -> list[Notice]:
        kind, raw = self._kind(values), params.get(self._param)
        if kind is None:
            return []
        values[self.name] = default = self._default(values)
        if raw is None:
            return []
        found = kind.read(raw)
        if found is None:
            return [changed(self._param, raw, default, kind.dropped)]
        values[self.name] = found.value
        if found.used is None:
            return []
        return [changed(self._param, raw, found.used, kind.dropped)]

    def write(self, values: Values) -> dict[str, str]:
        kind, value = self._kind(values), values[self.name]
        if kind is None or value == self._default(values):
            return {}
        return {self._param: kind.write(value)}

    def shown(self, values: Values) -> dict[str, Any]:
        value = self.show(values[self.name])
        return dict.fromkeys(self.keys, value)

    def hear(self, values: Values, moves: Moves) -> None:
        for key in self.keys:
            value = moves.now.get(key, self)
            if value is self or (value is None and self.empty is KEEP):
                continue
            values[self.name] = self.empty if value is None else self.say(value)

    def fit(self, values: Values) -> list[Notice]:
        given, kind = values[self.name], self._kind(values)
        if self.moved is None or given is None or kind is None:
            return []
        found = kind.read(kind.write(given))
        if found is None or found.used is None:
            return []
        values[self.name] = found.value
        notice = self.moved(given, found.value, values)
        return [notice] if notice else []

    def keep(self, values: Values, old: Values) -> None:
        if self.kind is None:
            values[self.name] = old[self.name]

    @property
    def _param(self) -> str:
        return self.param or self.name

    def _kind(self, values: Values) -> Kind | None:
        return self.kind if self.kind is None or isinstance(self.kind, Kind) else self.kind(values)

    def _default(self, values: Values) -> Any:
        return self.default(values) if callable(self.default) else self.default
