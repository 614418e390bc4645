"""A long measurement on the page: asked for with a button, followed, stopped, and its result."""

from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from app.explore import compute
from app.explore.next_token import paragraph
from app.heads.costing import Measurement, Measurements, Wishes
from app.heads.subject import Subject
from app.i18n import Words
from app.markup import failure_html
from app.session import again
from attention.steps import Each

TICK_S = 0.5  # how often the page asks how far it is
PATIENCE_S = 1.0  # what is done this quickly is drawn at once


def measured(subject: Subject, key: Hashable, work: Callable[[Any, Each, Measurement], Any]) -> Any:
    """The result, once the visitor has asked for it (:func:`ask`) and it is there.

    Until then it draws how far it is, with a button that stops it, or what went wrong.

    Args:
        key: of the result, beside the model's.
        work: is handed the model, what runs a step, and the measurement, which it tells.

    Returns:
        None where there is none yet.
    """
    facts, words = subject.facts, subject.words
    models = compute.asked(facts)

    def in_steps(measurement: Measurement) -> Any:
        each = measurement.each(models, facts.name)
        return work(models.model(facts.name, lambda _: None), each, measurement)

    whole = _key(subject, key)
    found = _wishes().get(whole, _measurements(), in_steps)
    if found is None:
        return None
    found.ended.wait(PATIENCE_S)
    if not found.ended.is_set():
        st.fragment(_follow, run_every=TICK_S)(whole, found, words)
        return None
    if found.problem is not None:
        _failed(found.problem, words)
    return found.result


def asked(subject: Subject, key: Hashable) -> bool:
    """Whether the visitor has asked for it."""
    return _key(subject, key) in _wishes().measurements


def ask(subject: Subject, key: Hashable) -> None:
    """The visitor asks for it. For widget callbacks, too."""
    _wishes().wish(_key(subject, key))


def _follow(key: Hashable, found: Measurement, words: Words) -> None:
    """A fragment: how far it is. When it is over the whole page runs once."""
    if found.ended.is_set() or key not in _wishes().measurements:
        again()
    found.watch(_wishes())
    done, total = (found.progress.done, found.progress.total) if found.progress else (0, 0)
    said = words("heads.measuring", done=words.number(done), total=words.number(total))
    if not total:
        said = words("heads.begins")
    if found.ahead:
        said = f"{said} {words.count('waiting.ahead', found.ahead)}"
    with st.container(key="heads_measuring", horizontal=True, vertical_alignment="center"):
        st.progress(min(done / total, 1.0) if total else 0.0, text=said)
        st.button(words("generate.stop"), key="heads_stop", on_click=_wishes().drop, args=(key,))


def _failed(problem: BaseException, words: Words) -> None:
    if isinstance(problem, ValueError):
        st.html(failure_html(problem, words))
    else:
        said = words("generate.failed", kind=type(problem).__name__)
        st.html(paragraph(said, words, "hc-failed"))


def _key(subject: Subject, key: Hashable) -> Hashable:
    return subject.facts.name, key


@st.cache_resource(max_entries=1, show_spinner=False)
def _measurements() -> Measurements:
    return Measurements()


@st.cache_resource(max_entries=1, show_spinner=False, scope="session", on_release=Wishes.leave)
def _wishes() -> Wishes:
    """The visitor's own, and away with the visitor."""
    return Wishes()
