"""The atlas of the model that is shown, and those of its twins."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from app.explore import layouts, registry
from app.explore.next_token import paragraph
from app.heads import following
from app.heads.long_work import Run, Task
from app.heads.subject import Subject
from attention import atlas
from attention.atlas import Atlas
from attention.atlas.store import how
from attention.models.roles import Roles


def _task(seeds: int, twin: bool) -> Task[Atlas]:
    def work(model: Any, run: Run) -> Atlas:
        return atlas.measure(
            model, seeds=seeds, twin=twin, progress=run.tell, cancelled=run.cancelled,
            each=run.each,
        )  # fmt: skip

    return Task(how(seed=0, seeds=seeds, twin=twin), work, Atlas.json, Atlas.of_json)


WHOLE = _task(atlas.SEEDS, twin=True)
QUICK = _task(1, twin=False)  # roles alone, as the page Explore measures them for itself


def known(subject: Subject) -> Atlas | None:
    """The atlas of the model, as far as it is known; says what is still measured, or cannot be.

    A layout takes seconds and is measured unasked. Of a language model that takes a minute of
    all visitors' processor, so that somebody has to want it.
    """
    words = subject.words
    if subject.facts.sees:
        said = words("heads.atlas.sees", title=subject.facts.title)
        st.html(paragraph(said, words, "hc-said"))
        return None
    found = following.known(subject, WHOLE)
    if found is not None:
        return found
    if subject.facts.layouts:
        following.ask(subject, WHOLE)
    quick = following.known(subject, QUICK)
    if quick is not None:
        st.html(paragraph(words("heads.atlas.quick"), words, "hc-said"))
    if not following.asked(subject, WHOLE):
        st.html(paragraph(words("heads.atlas.offer"), words, "hc-said"))
    return following.result(subject, WHOLE, words("heads.atlas.measure")) or quick


def roles(subject: Subject) -> Roles | None:
    """Of every head; where they were not measured yet, a button that asks for them."""
    if subject.facts.layouts:
        return registry.model(subject.facts, subject.on_wait).roles()
    found = following.known(subject, WHOLE)
    found = found or following.result(subject, QUICK, subject.words("heads.prune.ask_roles"))
    return None if found is None else found.roles


def twins(subject: Subject) -> Sequence[tuple[Subject, Atlas]]:
    """The layouts with as many query heads, from one KV head for each down to one for all; those
    that are not known yet are measured, and the page goes on by itself when they are."""
    family, settings, found, followed = layouts.family(), subject.settings, [], False
    for n_kv_heads in reversed(family.kv_counts(settings.n_heads)):
        facts = family.facts(settings.n_heads, n_kv_heads)
        there = replace(subject, settings=replace(settings, n_kv_heads=n_kv_heads), facts=facts)
        its_atlas = following.known(there, WHOLE)
        if its_atlas is None and not followed:
            its_atlas = known(there)
            followed = its_atlas is None
        if its_atlas is not None:
            found.append((there, its_atlas))
    return found
