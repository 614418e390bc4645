"""The card of the chosen head, drawn: alone within a frame, else below the section."""

from dataclasses import replace

import streamlit as st

from app.explore import layouts, registry
from app.explore.next_token import bars_css, paragraph
from app.heads import atlases
from app.heads.card import (
    Twin,
    alike_html,
    missing_html,
    role_html,
    scores_html,
    title_html,
    twins_html,
)
from app.heads.closer import distances_html, examples_html, tokens_html
from app.heads.grid import Place
from app.heads.links import anchor, card_address, explore_address, head_link
from app.heads.subject import Subject
from app.theme import current_theme
from attention.atlas.alike import Like, likest
from attention.atlas.closer import Seen, look_closer
from attention.atlas.heads import Atlas
from attention.atlas.ordinary import paragraphs

ALIKE = 5  # heads like it that are named
H1, H2 = 1, 2


def draw_card(subject: Subject, atlas: Atlas, *, bare: bool) -> None:
    """The whole card; nothing where no head is chosen."""
    draw_role(subject, atlas, bare=bare)
    draw_scores(subject, atlas, bare=bare)


def draw_role(subject: Subject, atlas: Atlas, *, bare: bool) -> None:
    """Which head it is, its role, and where it leads."""
    place, words = subject.place, subject.words
    if place is None:
        return
    head = atlas.heads[place[0]][place[1]]
    st.html(title_html(place, subject.facts, words, level=H1 if bare else H2))
    st.html(role_html(head, current_theme(), words) + _links(subject, bare=bare))


def draw_scores(subject: Subject, atlas: Atlas, *, bare: bool) -> None:
    """Its scores, and the heads that are like it."""
    place, words, theme = subject.place, subject.words, current_theme()
    if place is None:
        return
    layer, number = place
    head = atlas.heads[layer][number]
    left, right = st.columns([3, 2], gap="large")
    left.html(scores_html(head, atlas, words) + missing_html(atlas, words))
    with right:
        likes = likest(atlas, layer, number, count=ALIKE)
        links = [_link(subject, like, bare=bare) for like in likes]
        st.html(alike_html(likes, links, atlas, theme, words))
        if subject.facts.layouts:
            _draw_twins(subject, place, atlas, bare=bare)
    _draw_closer(subject, place, level=(H1 if bare else H2) + 1)


def _draw_closer(subject: Subject, place: Place, *, level: int) -> None:
    """The head on ordinary text: how far it looks, from where, at what, and examples."""
    words = subject.words
    heading = words("heads.closer.heading")
    st.html(f'<h{level} class="hc-card-part" lang="{words.lang}">{heading}</h{level}>')
    found = look_closer(_seen(subject, *place), subject.facts.causal)
    st.html(f"<style>{bars_css(current_theme())}</style>")
    left, middle, right = st.columns([4, 4, 6], gap="large")
    left.html(distances_html(found, words))
    middle.html(tokens_html(found, words))
    right.html(examples_html(found, words))


def _seen(subject: Subject, layer: int, head: int) -> list[Seen]:
    """The head's weights on every ordinary text; a layout reads the page's sentences, too."""
    facts, on_wait = subject.facts, subject.on_wait
    models, found = registry.asked(facts), []
    texts = [text for _, text in paragraphs()]
    if facts.layouts:
        texts.append(registry.model(facts, on_wait).reference_text)
    for text in texts:
        reading = models.read(facts.name, text, on_wait)
        look = models.look(facts.name, reading, layer, head, False, on_wait)
        weights = look.weights(layer, head)
        if weights is not None:
            goes_on = frozenset(reading.goes_on(False))
            found.append(Seen(reading.shown(False), weights, goes_on))
    return found


def _draw_twins(subject: Subject, place: Place, atlas: Atlas, *, bare: bool) -> None:
    """What sharing did to the head."""
    found = []
    for other, there in atlases.twins(subject):
        own = other.facts.name == subject.facts.name
        like = Like(*place, 0.0) if own else likest(atlas, *place, there)[0]
        found.append(Twin(other.facts, there, like, _link(other, like, bare=bare), own))
    if len(found) > 1:
        role = atlas.heads[place[0]][place[1]].role.name
        st.html(twins_html(role, found, current_theme(), subject.words))
    elif len(layouts.family().kv_counts(subject.settings.n_heads)) == 1:
        st.html(paragraph(subject.words("heads.card.no_twins"), subject.words, "hc-said"))


def _link(subject: Subject, like: Like, *, bare: bool) -> str:
    there = replace(subject.settings, layer=like.layer, head=like.head)
    return head_link(layouts.family(), there, subject.facts, subject.words, bare=bare)


def _links(subject: Subject, *, bare: bool) -> str:
    family, settings, words = layouts.family(), subject.settings, subject.words
    explore = explore_address(family, settings, subject.facts)
    links = [anchor(explore, words("heads.card.explore"), bare=bare)]
    whole = card_address(family, settings, subject.facts, embed=not bare)
    links.append(
        anchor(whole, words("heads.card.whole" if bare else "heads.card.embed"), bare=True)
    )
    return f'<p class="hc-links" lang="{words.lang}">{" · ".join(links)}</p>'
