"""Prune: how many heads can go? First the visitor's guess, then what this model says."""

from typing import Any

import streamlit as st

from app.explore.next_token import paragraph
from app.heads import atlases, following
from app.heads.keys import Keys
from app.heads.long_work import Run, Task
from app.heads.parameters import ranks
from app.heads.pruned import (
    Pruned,
    chart_words,
    cost,
    figures_html,
    limit,
    order_said,
    papers_html,
    points_of,
    roles_html,
    truth,
    verdict,
)
from app.heads.settings import GUESSES, HeadsSettings
from app.heads.subject import Subject
from app.heads.text import choose_text, own_text, rows_of, text_of
from app.markup import chart_config
from app.session import Session
from app.theme import current_theme
from attention import pruning as library
from attention.figures.pruning import pruning
from attention.pruning import Curve


def draw(subject: Subject, session: Session[HeadsSettings]) -> None:
    """The guess and the button; once it was pressed the curve, and what follows from it."""
    words = subject.words
    if subject.facts.weights_only:
        st.html(paragraph(words("sentence.weights_only"), words, "hc-note"))
    elif not subject.facts.predicts:
        said = words("heads.no_loss", title=subject.facts.title)
        st.html(paragraph(said, words, "hc-note"))
    else:
        _choose(subject, session)
        if not following.asked(subject, task(subject)):
            said = cost(subject.facts.configs, subject.settings.rank, words)
            st.html(paragraph(said, words, "hc-note"))
        found = following.result(subject, task(subject), words("heads.prune.show"))
        if found is not None:
            _show(subject, found)
    st.html(papers_html(words))
    st.html(paragraph(words("heads.prune.papers.note"), words, "hc-note"))


def _choose(subject: Subject, session: Session[HeadsSettings]) -> None:
    words, options = subject.words, ranks(subject.settings.model)
    with st.container(key="prune_choices"):
        choose_text(subject, session)
        st.selectbox(
            words("heads.prune.rank"), options, key=session.widget(Keys.RANK),
            format_func=lambda name: words(f"heads.prune.by.{name}"),
            help=words("heads.prune.help_rank"),
        )  # fmt: skip
        st.select_slider(
            words("heads.prune.guess"), tuple(GUESSES), key=session.widget(Keys.GUESS),
            format_func=lambda n: words("heads.prune.percent", n=words.number(n)),
        )  # fmt: skip


def task(subject: Subject) -> Task[Curve]:
    """Rank and measure, a pass at a time."""
    own, by = own_text(subject), subject.settings.rank

    def work(model: Any, run: Run) -> Curve:
        return library.prune(
            model, rows_of(model, own), by, each=run.each,  # type: ignore[arg-type]
            progress=run.tell, cancelled=run.cancelled,
        )  # fmt: skip

    how = ("prune", library.PROTOCOL, own is None, text_of(subject), by)
    return Task(how, work) if own else Task(how, work, Curve.json, Curve.of_json)


def _show(subject: Subject, curve: Curve) -> None:
    words, guess = subject.words, subject.settings.guess
    said = verdict(curve, guess, words)
    st.html(paragraph(said, words, "hc-verdict"))
    figure = pruning(
        points_of(curve),
        limit(curve),
        guess,
        100 * truth(curve).share,
        chart_words(curve, guess, words),
        current_theme(),
    )
    st.plotly_chart(
        figure, key="prune_chart", theme=None, config=chart_config(words),
        alt=words("heads.prune.alt", said=said),
    )  # fmt: skip
    size = words("heads.prune.size", windows=words.number(curve.windows),
                 window=words.number(curve.window))  # fmt: skip
    st.html(paragraph(size, words, "hc-note"))
    left, right = st.columns([3, 2], gap="large")
    left.html(figures_html(curve, words))
    if curve.by == "random":
        right.html(paragraph(words("heads.prune.by_chance"), words, "hc-note"))
        return
    with right:
        roles = atlases.roles(subject)
        if roles is not None:
            found = Pruned(curve, roles, subject.facts.blocks)
            st.html(paragraph(order_said(found, words), words, ""))
            st.html(roles_html(found, words))
