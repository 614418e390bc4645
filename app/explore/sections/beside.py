"""Two layouts side by side on one text: a head, its like, the cache, and what may come next."""

import math

import streamlit as st

from app.explore import compute
from app.explore.beside import Like, likest, same_head, usual_other
from app.explore.keys import Keys
from app.explore.next_token import percent
from app.explore.offer import ModelFacts
from app.explore.settings import LIKE, Settings
from app.explore.shown import Shown
from app.session import Session
from attention import picture
from attention.amounts import in_units
from attention.models.layouts.names import name_of, title_of
from attention.models.look import Look
from attention.picture.compose import scene_of
from attention.picture.pair import Side, encode_pair

_HOST = """
export default function ({ parentElement, data }) {
  drawPair(parentElement, data);
}
"""
_mount = st.components.v2.component(
    "headcount_pair", css=picture.style(), js=picture.pair_script() + _HOST
)


def draw(shown: Shown, session: Session[Settings]) -> None:
    """Which layout and which head are chosen first, then a sentence and both heads."""
    words, settings = shown.words, session.settings
    layout = _choose(shown, session)
    facts, at = compute.family().facts(*layout), shown.at
    layer = min(at.layer, facts.n_layers - 1)
    other = compute.look(facts, shown.settings, shown.reading, layer, 0, shown.on_wait)
    like = None
    if settings.like == "same":
        like = same_head(shown.look, at.layer, at.head, other)
    found = likest(shown.look, at.layer, at.head, other) if like is None else like
    st.html(f'<p lang="{words.lang}" role="status">{_said(shown, facts, found, like)}</p>')
    mine = Like(at.layer, at.head, math.nan)
    left, right = _side(shown, shown.facts, shown.look, mine), _side(shown, facts, other, found)
    _mount(key="pair", data=encode_pair(left, right, words("beside.next")))
    if not shown.settings.causal:
        st.caption(words("generate.causal"))


def _choose(shown: Shown, session: Session[Settings]) -> tuple[int, int]:
    words, family, settings = shown.words, compute.family(), session.settings
    names = {name_of(*layout): layout for layout in family.layouts}
    usual = name_of(*usual_other(family, settings.layout))
    name = settings.beside if settings.beside in names else usual
    with st.container(key="beside_controls", horizontal=True):
        st.selectbox(
            words("beside.layout"),
            list(names),
            format_func=lambda name: "/".join(map(str, names[name])),
            key=session.fill(Keys.BESIDE, name),
            help=words("beside.help_layout"),
            width=220,
        )
        st.segmented_control(
            words("beside.head"),
            LIKE,
            format_func=lambda name: words(f"beside.{name}"),
            key=session.widget(Keys.LIKE),
            required=True,
            help=words("beside.help_head"),
        )
    return names[name]


def _said(shown: Shown, facts: ModelFacts, found: Like, same: Like | None) -> str:
    """The figure, and what it is taken of."""
    words, at = shown.words, shown.at
    values = {"head": at.head, "layer": at.layer, "one": shown.facts.title, "other": facts.title}
    values |= {"their_head": found.head, "their_layer": found.layer}
    key = "beside.of_same" if same is not None else "beside.of_likest"
    said = words(key, **values)
    if same is None and shown.settings.like == "same":
        said = f"{words('beside.no_such', **values)} {said}"
    if math.isnan(found.correlation):
        return f"{said} {words('beside.no_figure')}"
    return f"{said} {words('beside.figure', value=words.number(found.correlation, '.2f'))}"


def _side(shown: Shown, facts: ModelFacts, look: Look, at: Like) -> Side:
    words, config = shown.words, look.configs[at.layer]
    own = (at.layer, at.head) == (look.layer, look.head)
    exact = look.weights(at.layer, at.head)
    scene = scene_of(
        look,
        shown.reading,
        at.layer,
        at.head,
        words,
        raw=shown.settings.raw,
        roles=compute.roles(facts, shown.on_wait),
        link=shown.link,
        token=shown.at.token,
        chosen=look.chosen if own or exact is None else exact,
        chosen_pool=look.chosen_pool if own or exact is None else 1,
    )
    n_tokens = len(shown.reading.ids)
    now = look.cache.now if look.cache else 0
    units = tuple(words("picture.byte_units").split())
    told = words(
        "beside.told",
        layer=at.layer,
        size=in_units(now, units, digits=words.digits),
        each=words.number(now // n_tokens),
        n=words.number(n_tokens),
    )
    choices = compute.next_tokens(facts, shown.reading, shown.on_wait)
    return Side(
        scene=scene,
        title=title_of(config.n_heads, config.n_kv_heads),
        told=told,
        next=tuple((c.text, c.probability, percent(c.probability, words)) for c in choices),
    )
