"""The atlas: layers × heads in the colours of their roles, and the card of the chosen one."""

from functools import partial
from pathlib import Path

import streamlit as st

from app.explore.next_token import paragraph
from app.explore.offer import ModelFacts
from app.heads import atlases
from app.heads.chosen import draw_role, draw_scores
from app.heads.grid import agreement_said, cell_of, grid_data, roles_html
from app.heads.settings import PAGE, HeadsSettings
from app.heads.subject import Subject
from app.session import Session, put
from app.theme import current_theme
from attention import picture

BESIDE = 16  # heads of a layer, beside which there is room for the table of roles
_KEY = "_heads_atlas"  # what is clicked comes by a callback, and says nothing of where one is

_mount = st.components.v2.component(
    "headcount_atlas",
    css=(Path(__file__).parents[1] / "atlas.css").read_text(encoding="utf-8"),
    js=picture.elements_script()
    + (Path(__file__).parents[1] / "atlas.js").read_text(encoding="utf-8"),
)


def draw(subject: Subject, session: Session[HeadsSettings]) -> None:
    """The whole model beside its roles, the card below."""
    atlas = atlases.known(subject)
    if atlas is None:
        return
    words, theme = subject.words, current_theme()
    most = max(config.n_heads for config in subject.facts.configs)
    left, right = st.columns([5, 3], gap="large") if most <= BESIDE else (st.container(),) * 2
    with left:
        data = grid_data(atlas, subject.facts, subject.place, theme, words)
        _mount(key=_KEY, data=data, on_cell_change=partial(_heard, subject.facts))
    with right:
        draw_role(subject, atlas, bare=False)  # in sight of the cell, however many layers there are
    right.html(
        roles_html(atlas, theme, words)
        + paragraph(agreement_said(atlas, words), words, "hc-small")
        + paragraph(words("heads.atlas.rule"), words, "hc-small")
    )
    draw_scores(subject, atlas, bare=False)


def _heard(facts: ModelFacts) -> None:
    place = cell_of(getattr(st.session_state.get(_KEY), "cell", None), facts)
    if place is not None:
        put(PAGE, layer=place[0], head=place[1])
