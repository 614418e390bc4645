"""Find: all heads by two of their scores, and the ten best of a role or a score."""

from dataclasses import replace
from functools import partial

import streamlit as st

from app.explore import layouts
from app.explore.next_token import paragraph
from app.explore.offer import ModelFacts
from app.heads import atlases
from app.heads.chosen import draw_card
from app.heads.finding import (
    best_html,
    chances_of,
    chart_words,
    point_of,
    points_of,
    ten_best,
)
from app.heads.grid import cell_of
from app.heads.keys import Keys
from app.heads.links import head_link
from app.heads.scores import BEST, ROLE, SCORES, best_name, score_name
from app.heads.settings import PAGE, HeadsSettings
from app.heads.subject import Subject
from app.markup import chart_config
from app.session import Session, put
from app.theme import current_theme
from attention.atlas.heads import Atlas
from attention.figures.atlas_scores import scatter

_CHART = "_heads_scatter"  # what is clicked comes by a callback, and says nothing of where one is


def draw(subject: Subject, session: Session[HeadsSettings]) -> None:
    """Choices, scatter, table and the card of the chosen head."""
    atlas = atlases.known(subject)
    if atlas is None:
        return
    words, theme = subject.words, current_theme()
    x, y, best = _choose(subject, session, atlas)
    figure = scatter(
        points_of(atlas, subject.facts, x, y, words),
        chances_of(atlas, x, y),
        subject.place,
        chart_words(subject.facts, x, y, words),
        theme,
    )
    left, right = st.columns([4, 5], gap="large")
    with left:
        alt = words(
            "heads.find.alt", title=subject.facts.title, x=score_name(x, words),
            y=score_name(y, words),
        )  # fmt: skip
        st.plotly_chart(
            figure, key=_CHART, theme=None, config=chart_config(words), alt=alt,
            on_select=partial(_heard, subject.facts), selection_mode="points",
        )  # fmt: skip
        st.html(paragraph(words("heads.find.hint"), words, "hc-small"))
    found = ten_best(atlas, best)
    links = [
        head_link(
            layouts.family(), replace(subject.settings, layer=layer, head=head), subject.facts,
            words, bare=False,
        )
        for (layer, head), _ in found
    ]  # fmt: skip
    right.html(best_html(found, links, best, theme, words))
    draw_card(subject, atlas, bare=False)


def _choose(
    subject: Subject, session: Session[HeadsSettings], atlas: Atlas
) -> tuple[str, str, str]:
    """Two scores for the chart, and what the ten best are of; all of them measured here."""
    words, settings = subject.words, session.settings
    there = atlas.heads[0][0].scores
    scores = tuple(name for name in SCORES if name in there)
    bests = tuple(name for name in BEST if name.startswith(ROLE) or name in there)
    lacking = [name for name in (settings.x, settings.y, settings.best) if name not in bests]
    lacking = [name for name in lacking if name not in scores]
    if lacking:
        said = words("heads.find.lacking", score=score_name(lacking[0], words))
        st.html(paragraph(said, words, "hc-said"))
    x = settings.x if settings.x in scores else scores[0]
    y = settings.y if settings.y in scores else scores[-1]
    best = settings.best if settings.best in bests else bests[0]
    with st.container(key="heads_find", horizontal=True):
        for label, options, key, chosen, named in (
            ("x", scores, Keys.X, x, partial(score_name, words=words)),
            ("y", scores, Keys.Y, y, partial(score_name, words=words)),
            ("best", bests, Keys.BEST, best, partial(best_name, words=words)),
        ):
            st.selectbox(
                words(f"heads.find.{label}"),
                options,
                key=session.fill(key, chosen),
                format_func=named,
            )
    return x, y, best


def _heard(facts: ModelFacts) -> None:
    place = cell_of(point_of(st.session_state.get(_CHART)), facts)
    if place is not None:
        put(PAGE, layer=place[0], head=place[1])
