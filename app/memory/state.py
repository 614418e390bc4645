"""The session of the page "Memory": widget values in, address out.

Beside app/state.py the only module that reads or writes ``st.session_state`` and
``st.query_params``. A run goes through :func:`begin`, through :func:`fill` before any widget is
made, and through :func:`finish` at its end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from app.explore.address import Notice
from app.explore.keys import Keys as PageKeys
from app.memory import address
from app.memory.follow import FIT_KEYS, Before, built_facts, follow
from app.memory.keys import CHANGE_KEYS, SETTING_KEYS, Keys
from app.memory.settings import ENGINE_SETTINGS, MOST_KEPT, Configuration, MemorySettings
from attention.kv.shape import ModelShape


def begin(
    languages: Sequence[str], models: Sequence[str], gpus: Sequence[str]
) -> tuple[MemorySettings, tuple[Notice, ...]]:
    """Settings for this run, and what had to change."""
    before: Before | None = st.session_state.get(Keys.BEFORE)
    if before is None or _went_back(before):
        settings, notices = address.read(st.query_params.to_dict(), languages, models, gpus)
        if before is not None:  # what no address holds stays
            settings = replace(settings, log=before.settings.log, more=before.settings.more)
        return settings, notices
    settings = before.settings if before.fresh else follow(before, _widgets(before.drawn))
    if before.fresh:  # the visitor may come from the other page, in another language
        settings = replace(settings, lang=st.session_state.get(Keys.SPOKEN, settings.lang))
    return settings, ()


def fill(settings: MemorySettings, built: ModelShape | None, drawn: frozenset[str]) -> None:
    """Put the settings into the widgets, before these are made.

    Args:
        built: the model before anything in it was set by hand; None where there is none.
        drawn: keys of the widgets that this run draws, see :func:`app.memory.keys.drawn`.
    """
    now = settings.now
    values: dict[str, object] = {
        Keys.SOURCE: now.source.kind,
        Keys.MODEL: now.source.model,
        Keys.TEXT: now.source.text,
        Keys.PLACE: now.source.place,
        Keys.CONTEXT: now.context,
        Keys.CONTEXT_EXACT: now.context,
        Keys.USERS: now.users,
        Keys.PREFIX: now.prefix,
        Keys.K: now.k_format,
        Keys.V: now.v_format or "",
        Keys.TP: now.tp,
        Keys.ENGINE: now.engine,
        Keys.MORE: settings.more,
        Keys.UNITS: settings.units,
        Keys.LANG: settings.lang,
        Keys.SECTION: settings.section,
        Keys.LOG: settings.log,
        Keys.LOG_OWN: settings.log_own,
    }
    values |= {key: getattr(settings.fit, name) for name, key in FIT_KEYS.items()}
    given = dict(now.engine_settings)
    values |= {SETTING_KEYS[s.name]: given.get(s.name, s.default) for s in ENGINE_SETTINGS}
    if built is not None:
        fields = built_facts(built) | dict(now.changes)
        values |= {key: fields[name] for name, key in CHANGE_KEYS.items()}
        values[CHANGE_KEYS["n_kv_heads"]] = fields["n_kv_heads"] or 0
    for key in drawn & values.keys():
        value = values[key]
        # Writing a widget's value sends it to the browser: only where it is another one.
        if key not in st.session_state or st.session_state[key] != value:
            st.session_state[key] = value


def finish(settings: MemorySettings, built: ModelShape | None, drawn: frozenset[str]) -> None:
    """Remember this run and bring the address up to date (nothing is sent if it is).

    Args:
        drawn: as for :func:`fill`.
    """
    params = address.write(settings)
    if params != st.query_params.to_dict():
        st.query_params.from_dict(params)
    facts = {} if built is None else built_facts(built)
    st.session_state[Keys.BEFORE] = Before(settings, params, _session(drawn), facts, drawn)
    st.session_state[Keys.SPOKEN] = st.session_state[PageKeys.LANG] = settings.lang


def leave(lang: str) -> None:
    """The other page runs: when this one is back, its widgets are new and know nothing.

    Args:
        lang: of the other page, which this one will speak, too.
    """
    before: Before | None = st.session_state.get(Keys.BEFORE)
    if before is not None and not before.fresh:
        st.session_state[Keys.BEFORE] = replace(before, fresh=True)
    st.session_state[Keys.SPOKEN] = lang


def address_left() -> Mapping[str, str]:
    """The parameters of this page's address in its last run; none before its first."""
    before: Before | None = st.session_state.get(Keys.BEFORE)
    return {} if before is None else before.params


def keep() -> None:
    """A widget callback: put the configuration that is shown beside the others."""
    settings = st.session_state[Keys.BEFORE].settings
    if len(settings.kept) < MOST_KEPT:
        _change(kept=(*settings.kept, settings.now))


def remove(index: int) -> None:
    """A widget callback: take one of those away."""
    kept = st.session_state[Keys.BEFORE].settings.kept
    _change(kept=kept[:index] + kept[index + 1 :])


def take(one: Configuration) -> None:
    """A widget callback: put a configuration into the controls."""
    _change(now=one)
    st.session_state[Keys.BEFORE] = replace(st.session_state[Keys.BEFORE], fresh=True)


def _change(**changes: object) -> None:
    before: Before = st.session_state[Keys.BEFORE]
    settings = replace(before.settings, **changes)
    st.session_state[Keys.BEFORE] = replace(before, settings=settings)


def _went_back(before: Before) -> bool:
    """Whether the visitor used the browser's Back or Forward: the address alone is another."""
    params = st.query_params.to_dict()
    return bool(params != before.params and _session(before.drawn) == before.session)


def _widgets(drawn: frozenset[str]) -> Mapping[str, object]:
    """What the widgets of the last run say, and what came by itself: a file, a changed table.

    No others: of a widget that is not drawn any more Streamlit may give a value of long ago.
    """
    return _session(drawn | {Keys.DROP, Keys.TABLE})


def _session(keys: frozenset[str]) -> Mapping[str, object]:
    state = st.session_state
    return {key: state[key] for key in keys if key in state}
