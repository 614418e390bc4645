"""The session of a page: settings in, widgets filled, the address written.

The only module that reads or writes ``st.query_params``, and with few exceptions the only one that
does so with ``st.session_state``. A run makes a :class:`Session`, calls :meth:`Session.begin`
before any widget is made and :meth:`Session.finish` at its end; in between each widget takes its
key from :meth:`Session.widget`, which puts its value there.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any, Generic, NoReturn, Protocol, TypeVar

import streamlit as st

from app.parameters import Moves, Notice
from app.table import Table

S = TypeVar("S")
HERE = "_page"  # the page that ran last
SHARED = "_shared"  # settings that all pages have in common
CARRIED = "_carried"  # notices of a run that ended before anybody could read them
AGAIN = "_again"  # the page asked for this run itself


class Page(Protocol[S]):
    """Where settings come from; a :class:`~app.table.Table` is one."""

    def read(self, params: Mapping[str, str]) -> tuple[S, tuple[Notice, ...]]:
        """Settings from an address."""

    def settle(self, old: S, settings: S) -> tuple[S, tuple[Notice, ...]]:
        """Settings after widgets moved, made to fit one another."""


@dataclass(frozen=True)
class Before(Generic[S]):
    """What the last run of a page left, to tell what changed since."""

    settings: S
    drawn: S  # the same with what the page itself chose
    table: Table[S]
    params: Mapping[str, str]  # written to the address
    session: Mapping[str, Any]  # what all widgets said
    keys: Set[str]  # of the widgets of parameters
    fresh: bool = False  # settings were put there whole: no widget has a say


class Session(Generic[S]):
    """One run of a page.

    Args:
        page: the page's name, its own in the app.
    """

    def __init__(self, page: str) -> None:
        self.page = page
        self._before: Before[S] | None = _before(page)
        self._arrived = st.session_state.get(HERE) != page  # its widgets are new and know nothing
        self._params = st.query_params.to_dict()
        self._drawn: set[str] = set()  # keys of this run
        self._keys: set[str] = set()  # and of the run before, which may stand still
        self._said: dict[str, Any] = {}  # what is shown, as far as this run has come
        self.from_address = False  # the settings of this run were read from an address

    def begin(self, page: Page[S]) -> tuple[S, tuple[Notice, ...]]:
        """Settings for this run, and what had to change."""
        before, params = self._before, self._params
        self._carried: tuple[Notice, ...] = st.session_state.pop(CARRIED, ())
        notices: tuple[Notice, ...] = ()
        asked = st.session_state.pop(AGAIN, False)
        self.from_address = before is None or (not asked and self._elsewhere(before, params))
        if before is None:
            settings, notices = page.read(params)
        elif self.from_address:
            settings, notices = page.read(params)
            settings = before.table.keep(settings, before.settings)
        elif self._arrived or before.fresh:
            settings = before.settings
        else:
            settings = before.table.hear(before.settings, self._moves(before))
            settings, notices = page.settle(before.settings, settings)
        if before is not None and self._arrived:
            shared: dict[str, Any] = st.session_state.get(SHARED, {})
            settings, moved = page.settle(settings, _with(settings, shared))
            notices = (*notices, *moved)
        return settings, (*self._carried, *notices)

    def begin_part(
        self, page: Page[S], names: Set[str], stands: Callable[[S], bool]
    ) -> tuple[S, tuple[Notice, ...]]:
        """The same for a run of a part of the page, whose other widgets stand as they were. Where
        the rest of the page does not, all of it runs instead.

        Args:
            names: of the settings that nothing else on the page shows.
            stands: whether that holds with these settings.
        """
        settings, notices = self.begin(page)
        before = self._before
        assert before is not None  # the whole page ran first
        old = {name: getattr(before.settings, name) for name in names}
        if self.from_address or not stands(settings) or _with(settings, old) != before.settings:
            if self._carried:
                st.session_state[CARRIED] = self._carried
            st.rerun() if self.from_address else again()
        self._drawn |= before.keys
        return settings, notices

    def show(self, settings: S, table: Table[S]) -> None:
        """What the widgets of this run are to show. Before any is made."""
        self.settings, self.table = settings, table
        self._shown = table.shown(settings)
        before, state = self._before, st.session_state
        known = frozenset() if before is None or self._arrived else before.keys
        self._keys, self._said = set(known), _said(known, table.triggers)
        # A widget that moves before this run has come to its end is heard all the same.
        drawn = settings if before is None else before.drawn
        state[_key(self.page)] = Before(
            settings, drawn, table, self._params, self._said, self._keys
        )
        state[HERE] = self.page
        # Whoever chooses a language here and leaves at once takes it along, too.
        state[SHARED] = {name: getattr(settings, name) for name in table.shared}

    def widget(self, key: str) -> str:
        """The key of a parameter's widget, after its value was put there."""
        return self.fill(key, self._shown[key])

    def fill(self, key: str, value: object) -> str:
        """The same for a widget that shows something else than its setting."""
        drawn_before = not self._arrived and self._before is not None and key in self._before.keys
        state = st.session_state
        # Writing a widget's value sends it to the browser: only where that has another one.
        if not drawn_before or key not in state or state[key] != value:
            state[key] = value
        self._said[key] = value
        return self.source(key)

    def source(self, key: str) -> str:
        """The key of what is only heard: a component in which a visitor chooses something."""
        self._keys.add(key)
        self._drawn.add(key)
        return key

    def finish(self, *, told: S | None = None, drawn: S | None = None) -> None:
        """Remember this run and bring the address up to date (nothing is sent if it is).

        Args:
            told: the settings as the address is to say them, where it need not say all.
            drawn: the settings with what the page itself chose.
        """
        settings, table, state = self.settings, self.table, st.session_state
        params = table.write(settings if told is None else told)
        if params != st.query_params.to_dict():
            st.query_params.from_dict(params)
        keys = frozenset(self._drawn)
        said = _said(keys, table.triggers)
        drawn = settings if drawn is None else drawn
        state[_key(self.page)] = Before(settings, drawn, table, params, said, keys)

    def run_again(self, notices: tuple[Notice, ...]) -> NoReturn:
        """End this run and begin another, which is to say ``notices`` once more."""
        st.session_state[CARRIED] = notices
        again()

    def _elsewhere(self, before: Before[S], params: Mapping[str, str]) -> bool:
        """Whether the visitor went to another address: by Back or Forward, or by a link.

        Then the address is another one and nothing else is. A widget moved so quickly that the
        browser had not yet written the last address also sends an old one, but with a new value.
        """
        if self._arrived:  # in the language of the page that he comes from
            theirs = before.table.shared
            return _without(params, theirs) != _without(before.params, theirs)
        if params == before.params:
            return False
        said = _said(before.keys, before.table.triggers)
        return all(before.session.get(key, self) == value for key, value in said.items())

    def _moves(self, before: Before[S]) -> Moves:
        # Of a widget that is not drawn any more Streamlit may give a value of long ago.
        state, was = st.session_state, before.session
        keys = (before.keys | set(before.table.triggers)) & state.keys()
        now = {key: state[key] for key in keys if key not in was or state[key] != was[key]}
        return Moves(now, was, before.drawn)


def again() -> NoReturn:
    """Run the whole page once more. What runs by itself, every moment, may bring an address that
    the browser has left meanwhile: it is no sign of Back."""
    st.session_state[AGAIN] = True
    st.rerun()


def address_left(page: str) -> Mapping[str, str]:
    """The parameters of a page's address in its last run; none before its first."""
    before = _before(page)
    return {} if before is None else before.params


def settings_left(page: str) -> Any:
    """The settings of a page's last run. For widget callbacks."""
    return st.session_state[_key(page)].settings


def put(page: str, *, fresh: bool = False, **changes: object) -> None:
    """Change settings from within a widget callback.

    Args:
        fresh: no widget has a say in the run that follows, whatever it shows.
    """
    before: Before[Any] = st.session_state[_key(page)]
    settings = _with(before.settings, changes)
    if not fresh:  # a widget that moved in the same moment must not say otherwise
        old, new = before.table.shown(before.settings), before.table.shown(settings)
        for key in before.keys & new.keys():
            if new[key] != old[key]:
                st.session_state[key] = new[key]
    st.session_state[_key(page)] = replace(before, settings=settings, fresh=fresh)


def _key(page: str) -> str:
    return f"_before_{page}"


def _before(page: str) -> Before[Any] | None:
    return st.session_state.get(_key(page))


def _with(settings: Any, changes: Mapping[str, object]) -> Any:
    return replace(settings, **changes)


def _without(params: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in params.items() if name not in names}


def _said(keys: Set[str], triggers: tuple[str, ...]) -> dict[str, Any]:
    """What all widgets say now. A button is on for one run only: left out, as triggers are."""
    return {
        key: value
        for key, value in st.session_state.to_dict().items()
        if not key.startswith("_") and key not in triggers
        if key in keys or not isinstance(value, bool)
    }
