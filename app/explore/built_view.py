"""A model as it was built on the page: its pass may take a while."""

import streamlit as st

from app.explore import compute, waiting
from app.explore.controls import draw_shape, draw_text
from app.explore.keys import Keys
from app.explore.offer import ModelFacts
from app.explore.run import Run
from app.explore.scene import build_scene
from app.explore.sentences import explain_model, model_footer_html, scheme
from app.explore.settings import Settings
from app.explore.shelf import nobody_waits
from app.glossary import glossary_html
from app.i18n import Words
from app.markup import heading_html
from app.parameters import Notice
from app.picture import show_picture
from app.session import Session, again
from attention.errors import sentence_of
from attention.picture.payload import encode


def draw(
    session: Session[Settings], notices: tuple[Notice, ...], facts: ModelFacts, words: Words
) -> None:
    """Everything below the links: heading and controls at once, the picture when the pass is
    done."""
    head = st.container(key="head")
    on_wait = waiting.Waiting(words("waiting.running", title=facts.title), words)
    run, read = Run(session, notices, facts, on_wait), False
    try:
        layer, read = run.decided.auto.layer, True
        with head:
            _heading(run, layer, run.of_text)
        shown = run.shown
    except ValueError as error:
        on_wait.over()
        if not read:  # it stands without what was not found, so that it can be mended
            with head:
                _heading(run, facts.default_layer, ())
        waiting.failed(sentence_of(error), words)
        session.finish()
        return
    on_wait.over()
    show_picture(encode(build_scene(shown)), key=session.source(Keys.PICTURE))
    run.effect()
    if shown.roles is None:
        _await_roles(facts)
    run.below(run.section())
    on_wait.over()
    st.html(model_footer_html(facts, shown.model, words))
    st.html(glossary_html(words))
    run.finish()


def _heading(run: Run, auto: int, of_text: tuple[Notice, ...]) -> None:
    """Heading and controls.

    Args:
        auto: the layer that the page would choose.
        of_text: what there is to say of it.
    """
    facts, words, chosen = run.facts, run.words, run.settings.layer
    layer = auto if chosen is None else chosen
    said, badge = explain_model(facts, layer, words), scheme(facts.configs[layer], words)
    st.html(heading_html(said, (*run.notices, *of_text), words, badge=badge))
    draw_text(run.session, words, facts)
    draw_shape(run.session, words, facts, layer)


@st.fragment(run_every=1.0)
def _await_roles(facts: ModelFacts) -> None:
    """The picture stands without the heads' roles, and is drawn anew once they are measured."""
    if compute.roles(facts, nobody_waits) is not None:
        again()
