"""Long work on the page: asked for with a button, followed, stopped, and its result."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import streamlit as st

from app.explore import registry
from app.explore.language import LanguageModels
from app.explore.next_token import paragraph
from app.explore.offer import ModelFacts
from app.explore.shelf import Shelf
from app.heads.long_work import LongWork, Result, Run, Task
from app.heads.subject import Subject
from app.i18n import Words
from app.markup import failure_html
from app.session import again
from attention.models.store.results import How

TICK_S = 0.5  # how often the page asks how far it is
PATIENCE_S = 1.0  # what is done this quickly is drawn at once

Show = Callable[[Any], None]


@dataclass(eq=False)
class Visitor:
    """Who looks at the page, and what he asked for: the model's name, and what is done to it."""

    asked: set[tuple[str, How]] = field(default_factory=set)


def known(subject: Subject, task: Task[Result]) -> Result | None:
    """The result, whoever asked for it; None where there is none yet."""
    facts = subject.facts
    return _work(facts).known(registry.model(facts, subject.on_wait), task)


def asked(subject: Subject, task: Task) -> bool:
    """Whether the visitor has asked for it."""
    return (subject.facts.name, task.how) in _visitor().asked


def ask(subject: Subject, task: Task) -> None:
    """The visitor asks for it. For widget callbacks, too."""
    _visitor().asked.add((subject.facts.name, task.how))
    run = _work(subject.facts).run(subject.facts.name, task)
    if run is not None and run.problem is not None:  # he wants it tried again
        _work(subject.facts).start(subject.facts.name, task, _visitor())


def result(
    subject: Subject, task: Task[Result], offer: str, show: Show = lambda so_far: None
) -> Result | None:
    """The result, once the visitor has asked for it and it is there.

    Until then it draws the button that asks for it, how far it is, or what went wrong.

    Args:
        offer: the button's label.
        show: draws what there is of it already, while it goes on.
    """
    if not asked(subject, task):
        _button(subject, task, offer)
        return None
    found = known(subject, task)
    if found is not None:
        return found
    work, name = _work(subject.facts), subject.facts.name
    run = work.run(name, task)
    if run is None or run.problem is None:
        run = work.start(name, task, _visitor())
    run.ended.wait(PATIENCE_S)
    if not run.ended.is_set():
        st.fragment(_follow, run_every=TICK_S)(work, run, subject.words, show)
    elif run.problem is not None:
        _failed(run.problem, subject.words)
        _button(subject, task, offer)
    found = run.result
    return found


def _button(subject: Subject, task: Task, offer: str) -> None:
    st.button(offer, key="heads_ask", type="primary", on_click=partial(ask, subject, task))


def _follow(work: LongWork, run: Run, words: Words, show: Show) -> None:
    """A fragment: how far it is. When it is over the whole page runs once."""
    visitor = _visitor()
    if run.ended.is_set() or (run.name, run.task.how) not in visitor.asked:
        again()
    run.watch(visitor)
    done, total = run.progress.done, run.progress.total
    with st.container(key="heads_work", horizontal=True, vertical_alignment="center"):
        share = min(done / total, 1.0) if total else 0.0
        st.progress(share, text=said_of(run, work.before(run), time.monotonic(), words))
        st.button(words("heads.work.stop"), key="heads_stop", on_click=partial(_stop, run))
    if run.so_far is not None:
        show(run.so_far)


def _stop(run: Run) -> None:
    visitor = _visitor()
    visitor.asked.discard((run.name, run.task.how))
    run.leave(visitor)


def said_of(run: Run, before: int, now: float, words: Words) -> str:
    """How far it is, in words.

    Args:
        before: runs that come first.
    """
    if run.began is None and before:
        return words.count("heads.work.before", before)
    done, total = words.number(run.progress.done), words.number(run.progress.total)
    left = run.left_s(now)
    said = words("heads.work.begins")
    if left is not None:
        seconds = words.number(round(left))
        said = words("heads.work.left", done=done, total=total, seconds=seconds)
    elif run.progress.total:
        said = words("heads.work.done", done=done, total=total)
    return f"{said} {words.count('waiting.ahead', run.ahead)}" if run.ahead else said


def _failed(problem: BaseException, words: Words) -> None:
    if isinstance(problem, ValueError):
        st.html(failure_html(problem, words))
    else:
        said = words("generate.failed", kind=type(problem).__name__)
        st.html(paragraph(said, words, "hc-failed"))


def _work(facts: ModelFacts) -> LongWork:
    return _of(bool(facts.layouts), registry.asked(facts))


@st.cache_resource(max_entries=2, show_spinner=False)
def _of(layouts: bool, _models: Shelf | LanguageModels) -> LongWork:
    """One queue for the layouts and one for the language models."""
    return LongWork(_models)


@st.cache_resource(max_entries=1, show_spinner=False, scope="session")
def _visitor() -> Visitor:
    """Whoever looks at the page."""
    return Visitor()
