"""A layout on the page: no pass of it has to be waited for, and its shape is free to choose."""

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.explore import layouts, registry
from app.explore.controls import draw_real, draw_shape, draw_text
from app.explore.first import read_first
from app.explore.keys import Keys
from app.explore.parameters import ExplorePage
from app.explore.run import Run
from app.explore.scene import build_scene, split_config
from app.explore.sentences import explain, footer_html, scheme
from app.explore.settings import PAGE, Settings, above_sections, defaults
from app.explore.shelf import nobody_waits
from app.glossary import glossary_html
from app.markup import heading_html
from app.parameters import Notice
from app.picture import show_picture
from app.session import Session
from attention.picture.payload import decode, encode

# What the shape's controls and the picture change. Nothing outside of the part depends on it while
# no section is open: of some forty elements ten are drawn anew.
SHAPE = frozenset(
    ("n_heads", "n_kv_heads", "layer", "mask", "width", "head", "token", "also", "off", "measure")
)


class Ground:
    """Where a part of the page is drawn that runs by itself.

    Args:
        run: the run of the whole page.
        heading, foot: slots outside of the part, that it fills, too.
    """

    def __init__(self, run: Run, heading: DeltaGenerator, foot: DeltaGenerator) -> None:
        self._whole: Run | None = run
        self.heading, self.foot = heading, foot

    def next_run(self) -> tuple[Run, bool]:
        """That of the whole page at first, then one of the part; whether it is the first."""
        if self._whole is not None:
            whole, self._whole = self._whole, None
            return whole, True
        page = ExplorePage(layouts.family(), registry.facts)
        session: Session[Settings] = Session(PAGE)
        settings, notices = session.begin_part(page, SHAPE, _stands)
        session.show(settings, page.table(settings.model))
        facts = page.facts(settings)
        assert facts is not None
        return Run(session, notices, facts, nobody_waits), False


def draw(run: Run) -> None:
    """Everything below the links. What is there before torch is drawn first."""
    heading = st.empty()
    draw_text(run.session, run.words, run.facts)
    spot = st.container(key="shaped")
    draw_real(run.session, run.words)
    section = run.section()
    below, foot = st.container(key="below"), st.empty()
    st.html(glossary_html(run.words))
    with spot:
        _shape_and_picture(Ground(run, heading, foot))
    with below:
        run.below(section)
    run.finish()


@st.fragment
def _shape_and_picture(ground: Ground) -> None:
    run, whole = ground.next_run()
    session, settings, words = run.session, run.settings, run.words
    at_first = above_sections(settings) == defaults(layouts.family())
    picture = read_first() if at_first else None
    layer = run.decided.at.layer if picture is None else decode(picture)[0]["layer"]
    notices = run.notices if picture is not None else (*run.notices, *run.of_text)
    ground.heading.html(_heading(run, notices))
    draw_shape(session, words, run.facts, layer)
    show_picture(picture or encode(build_scene(run.shown)), key=session.source(Keys.PICTURE))
    run.effect()
    ground.foot.html(_footer(run))
    if not whole:
        run.finish()


def _heading(run: Run, notices: tuple[Notice, ...]) -> str:
    settings, facts, words = run.settings, run.facts, run.words
    trained = replace(facts.configs[0], causal=settings.causal)
    split = split_config(settings, facts, trained)
    said = explain(split, words, shape_only=split.d_model != trained.d_model)
    standing = () if settings.causal else (Notice("notice.bidirectional"),)
    missing = layouts.family().missing()
    if missing:
        standing = (*standing, Notice("notice.missing", count=missing))
    return heading_html(said, (*notices, *standing), words, badge=scheme(split, words))


def _footer(run: Run) -> str:
    settings, model = run.settings, run.shown.model
    measured = run.shown.look.cache is not None and settings.width is None
    card = layouts.cards()[settings.layout]
    return footer_html(card, model.device, model.number_format, run.words, measured=measured)


def _stands(settings: Settings) -> bool:
    """Whether all but the part stays as it is."""
    return settings.trained and settings.section is None and settings.presented is None
