"""Switch heads off: which are, all on again, and what the chosen head does to the next token."""

from functools import partial
from pathlib import Path

import streamlit as st

from app.explore import compute
from app.explore.effect import costs_css, costs_of, pushes_html, strip_html
from app.explore.next_token import paragraph
from app.explore.settings import PAGE, Settings
from app.explore.shown import Shown
from app.markup import failure_html
from app.session import Session, put
from app.theme import current_theme
from attention.errors import HeadcountError
from attention.interventions.off import ALL_ON, Off
from attention.text.tokens import isolated

CSS = Path(__file__).parents[1] / "off.css"


def draw_effect(shown: Shown) -> None:
    """What the heads that are off cost this text, and the button that switches all on."""
    words, settings, facts = shown.words, shown.settings, shown.facts
    st.html(CSS)
    with st.container(key="off_heads", horizontal=True, vertical_alignment="center"):
        heads = facts.called(settings.off)
        st.html(paragraph(words("off.heads", heads=heads), words, "hc-off-heads"))
        st.button(
            words("off.all_on"), key="off_all_on", on_click=partial(put, PAGE, off=ALL_ON)
        )  # fmt: skip
    if not facts.predicts or len(shown.reading.ids) < 2:
        st.html(paragraph(words("off.no_loss"), words, "hc-note"))
        return
    effect = compute.effect(facts, settings, shown.reading, shown.followed, shown.on_wait)
    costs = costs_of(effect, shown.reading, settings.raw)
    causal = settings.causal or not facts.layouts
    st.html(costs_css(current_theme()))
    st.html(strip_html(effect, costs, shown.tokens[shown.at.token], causal, words))


def draw(shown: Shown, session: Session[Settings]) -> None:
    """The heads that are off first, then the chosen one's part in what comes next."""
    words, at, off = shown.words, shown.at, shown.settings.off
    st.html(CSS)
    st.html(paragraph(words("off.how"), words, "hc-note"))
    turned = off.turned(at.layer, at.head)
    key = "off.turn_on" if at.head in off.within(at.layer) else "off.turn_off"
    with st.container(key="off_buttons", horizontal=True):
        label = words(key, head=at.head, layer=shown.layer_number)
        st.button(label, key="off_turn", on_click=partial(put, PAGE, off=turned), type="primary")
        layer = frozenset(off.heads | {(at.layer, head) for head in range(shown.config.n_heads)})
        whole = Off(layer, off.kind)
        alike = _alike(shown)
        if len(alike) > 1:
            role = words(f"role.{shown.roles[at.layer][at.head].name}.short") if shown.roles else ""
            st.button(
                words("off.turn_alike", n=words.number(len(alike)), role=role),
                key="off_alike",
                on_click=partial(put, PAGE, off=Off(off.heads | alike, off.kind)),
            )
        st.button(
            words("off.turn_layer", layer=shown.layer_number),
            key="off_layer",
            disabled=whole == off,
            on_click=partial(put, PAGE, off=whole),
        )
    if not shown.facts.predicts:
        st.html(paragraph(words("off.no_prediction", title=shown.facts.title), words, "hc-note"))
        return
    try:
        pushes = compute.pushes(shown.facts, shown.settings, shown.reading, shown.followed,
                                at.layer, at.head, shown.on_wait)  # fmt: skip
    except HeadcountError as error:
        st.html(failure_html(error, words))
        return
    token = isolated(shown.tokens[at.token])
    st.html(
        paragraph(
            words("off.pushes", head=at.head, layer=shown.layer_number, token=token), words, ""
        )
    )
    st.html(pushes_html(pushes.up, pushes.down, words))
    st.html(paragraph(words("off.frozen"), words, "hc-note"))


def _alike(shown: Shown) -> frozenset[tuple[int, int]]:
    """Every head of the model with the chosen one's role, if it has one: they may do its work."""
    if not shown.roles:  # not measured yet, or it has none
        return frozenset()
    name = shown.roles[shown.at.layer][shown.at.head].name
    if name in ("mixed", "broad"):
        return frozenset()
    return frozenset(
        (layer, head)
        for layer, roles in enumerate(shown.roles)
        for head, role in enumerate(roles)
        if role.name == name
    )
