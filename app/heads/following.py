"""What is known of the heads that are shown; what is not is measured, and followed."""

import time

import streamlit as st

from app.explore import compute, waiting
from app.explore.next_token import paragraph
from app.heads import atlases
from app.heads.measuring import Atlases, Known, Run
from app.heads.subject import Subject
from app.i18n import Words
from app.session import again

TICK_S = 0.5  # how often the page asks how far it is
LAYOUT_S = 5  # a layout is measured in less, so that it is waited for


def known(subject: Subject) -> Known | None:
    """The atlas of the model, as far as it is known; says what is still measured.

    A layout takes seconds and is measured unasked. Of a language model that takes a minute of
    all visitors' processor, so that somebody has to want it.
    """
    facts, words = subject.facts, subject.words
    all_of_them, visitor = atlases.of(facts), atlases.visitor()
    found = all_of_them.known(compute.model(facts, subject.on_wait))
    if found is not None and found.whole:
        return found
    run = all_of_them.run(facts.name)
    if facts.layouts and run is None:
        run = all_of_them.start(facts.name, visitor)
        run.ended.wait(LAYOUT_S)
        found = all_of_them.known(compute.model(facts, subject.on_wait)) or found
        if found is not None and found.whole:
            return found
    if run is not None and run.error is not None:
        waiting.failed(run.error, words)
    if found is not None:
        st.html(paragraph(words("heads.atlas.quick"), words, "hc-said"))
    if all_of_them.ask(facts.name, visitor) is None:
        _offer(all_of_them, facts.name, words)
    else:
        st.fragment(_follow, run_every=TICK_S)(all_of_them, facts.name, words)
    return found


def twin(subject: Subject, name: str) -> Known | None:
    """The atlas of another layout; where it is not known yet, it is measured now."""
    all_of_them = atlases.of(subject.facts)
    model = compute.asked(subject.facts).model(name, subject.on_wait)
    found = all_of_them.known(model)
    if found is None and all_of_them.run(name) is None:
        all_of_them.start(name, atlases.visitor()).ended.wait(LAYOUT_S)
        found = all_of_them.known(model)
    return found


def _offer(all_of_them: Atlases, name: str, words: Words) -> None:
    st.html(paragraph(words("heads.atlas.offer"), words, "hc-said"))
    st.button(
        words("heads.atlas.measure"), key="heads_measure", type="primary",
        on_click=_start, args=(all_of_them, name),
    )  # fmt: skip


def _start(all_of_them: Atlases, name: str) -> None:
    all_of_them.start(name, atlases.visitor())


def _follow(all_of_them: Atlases, name: str, words: Words) -> None:
    """How far it is: a fragment, which runs by itself until it is over."""
    visitor = atlases.visitor()
    run = all_of_them.ask(name, visitor)
    if run is None:  # it ended, or was stopped
        again()
    progress = run.progress
    share = progress.done / progress.total if progress.total else 0.0
    st.progress(min(share, 1.0), text=said_of(run, time.monotonic(), words))
    st.button(
        words("heads.atlas.stop"), key="heads_stop", on_click=all_of_them.stop,
        args=(name, visitor),
    )  # fmt: skip


def said_of(run: Run, now: float, words: Words) -> str:
    """How far a measurement is, in words."""
    if run.began is None:
        return words("heads.atlas.waits")
    left = run.left_s(now)
    done, total = words.number(run.progress.done), words.number(run.progress.total)
    if left is None:
        return words("heads.atlas.begins")
    return words("heads.atlas.progress", done=done, total=total, seconds=words.number(round(left)))
