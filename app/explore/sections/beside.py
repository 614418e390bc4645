"""A head and another side by side on one text: of another model, layer, or without an adapter."""

from dataclasses import dataclass, replace

import streamlit as st

from app.explore import compute, layouts, registry, waiting
from app.explore.beside import BASE, SAME, chosen, facts_beside, layout_of, loaded_name
from app.explore.beside_controls import choose_head, choose_model, layer_of
from app.explore.next_token import percent
from app.explore.offer import ModelFacts
from app.explore.settings import PIECES, Settings
from app.explore.shown import Shown
from app.jobs import OnWait
from app.session import Session
from attention import picture
from attention.amounts import in_units
from attention.errors import sentence_of
from attention.interventions.off import ALL_ON, Off
from attention.models.beside import LIKE, Common, Like, common, head_beside
from attention.models.look import Look, Reading
from attention.picture.compared import Named, said_of
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


@dataclass(frozen=True, eq=False)
class Half:
    """One of the two: a model, its reading in units of both, and what it did with it."""

    facts: ModelFacts
    settings: Settings  # of the pass
    reading: Reading
    look: Look
    at: Like


def draw(shown: Shown, session: Session[Settings]) -> None:
    """Which model, layer and head are chosen first, then a sentence and both heads."""
    words, family = shown.words, layouts.family()
    name = chosen(shown.settings, shown.facts, family)
    with st.container(key="beside_controls", horizontal=True):
        choose_model(shown, session, name)
        place = st.container(key="beside_head_controls", horizontal=True)
    if layout_of(name, family) is None and name != SAME:
        if name == BASE:
            registry.models().load(loaded_name(name, shown.facts), shown.on_wait)
        elif not waiting.loaded(name, words):
            return
    facts = facts_beside(name, shown.facts, family, registry.facts)
    assert facts is not None
    with place:
        choose_head(shown, session, facts)
    on_wait = waiting.Waiting(words("waiting.running", title=facts.title), words)
    try:
        _compare(shown, facts, name, on_wait)
    except ValueError as error:
        on_wait.over()
        waiting.failed(sentence_of(error), words)
    on_wait.over()


def _compare(shown: Shown, facts: ModelFacts, name: str, on_wait: OnWait) -> None:
    words, itself = shown.words, name == SAME
    if shown.facts.pairs and shown.settings.text_b.strip() and not facts.pairs:
        st.html(f'<p lang="{words.lang}">{words("beside.no_second", title=facts.title)}</p>')
        return
    both, cut = _readings(shown, facts, on_wait)
    plain = replace(shown.settings, pieces=PIECES[0])
    whole = plain if itself else replace(plain, off=ALL_ON)
    at = Like(shown.at.layer, shown.at.head, 1.0)
    mine = _half(shown.facts, plain, both.one, at, on_wait)
    layer = layer_of(shown, facts)
    start = Like(min(at.layer if layer is None else layer, facts.n_layers - 1), 0, 0.0)
    other = _half(facts, whole, both.other, start, on_wait)
    asked = {"its_layer": layer, "itself": itself}

    def wanted(like: str | int) -> Like | None:
        pair = (mine.look, at.layer, at.head, other.look, both.shared)
        return head_beside(*pair, like=like, **asked)  # type: ignore[arg-type]

    like = shown.settings.beside.like
    found = wanted(like if like in LIKE else int(like))
    beside = found or wanted(LIKE[0])
    if beside is None:
        st.html(f'<p lang="{words.lang}">{words("beside.none")}</p>')
        return
    other = _half(facts, whole, both.other, beside, on_wait)
    said = said_of(
        Named(shown.facts.title, shown.facts.number_of),
        Named(facts.title, facts.number_of),
        both,
        (at.layer, at.head),
        beside,
        words,
        like=like,
        missing=None if found else _missing(shown, facts),
        cut=cut,
    )
    if name == BASE and both.by != "pieces":
        said.append(_moved(shown, both.one, on_wait))
    st.html(f'<p lang="{words.lang}" role="status">{" ".join(said)}</p>')
    token = _token(shown, both.one)
    left, right = (_side(shown, half, both, token, on_wait) for half in (mine, other))
    _mount(key="pair", data=encode_pair(left, right, words("beside.next")))
    if not shown.settings.causal and (shown.facts.layouts or facts.layouts):
        st.caption(words("generate.causal"))


def _readings(shown: Shown, facts: ModelFacts, on_wait: OnWait) -> tuple[Common, bool]:
    """The text as both read it, and whether the other takes less of it than is shown."""
    settings, own = shown.settings, shown.reading
    in_words = settings.pieces == "words"

    def read(facts: ModelFacts, text: str) -> Reading:
        second = settings.text_b if shown.facts.pairs and facts.pairs else ""
        given = settings.text if second.strip() else text
        return replace(compute.read(facts, given, second, on_wait), in_words=in_words)

    theirs = own if facts is shown.facts else read(facts, own.text)
    if cut := theirs.cut and facts is not shown.facts:
        own = replace(compute.read(shown.facts, theirs.text, "", on_wait), in_words=in_words)
    models = [registry.model(each, on_wait) for each in (shown.facts, facts)]
    return common(models[0], own, models[1], theirs, raw=settings.raw), cut


def _moved(shown: Shown, reading: Reading, on_wait: OnWait) -> str:
    """How far the adapter moves the chosen head, and which it moves most."""
    words, at = shown.words, shown.at
    change = compute.moved(shown.facts, reading, on_wait)
    layer, head = change.most()

    def share(of: tuple[tuple[float, ...], ...], layer: int, head: int) -> str:
        return words.number(100 * of[layer][head], ".2f")

    return words(
        "beside.moved",
        mean=share(change.mean, at.layer, at.head),
        largest=share(change.largest, at.layer, at.head),
        layer=shown.facts.number_of(layer),
        head=head,
        most=share(change.mean, layer, head),
    )


def _missing(shown: Shown, facts: ModelFacts) -> tuple[int, int]:
    """Layer and head that were asked for and are not there."""
    beside, at = shown.settings.beside, shown.at
    layer = at.layer if beside.layer is None else beside.layer
    number = facts.number_of(layer) if layer < facts.n_layers else layer
    return number, at.head if beside.like in LIKE else int(beside.like)


def _half(
    facts: ModelFacts, settings: Settings, reading: Reading, at: Like, on_wait: OnWait
) -> Half:
    look = compute.look(facts, settings, reading, at.layer, at.head, on_wait)
    return Half(facts, settings, reading, look, at)


def _token(shown: Shown, reading: Reading) -> int:
    """The chosen one, in units of both."""
    token, units = shown.followed, reading.merged(raw=False)
    token = min(token, len(reading.ids) - 1)
    return token if units is None else units.of_token(token)


def _side(shown: Shown, half: Half, both: Common, token: int, on_wait: OnWait) -> Side:
    words, look, at = shown.words, half.look, half.at
    exact = look.weights(at.layer, at.head)
    scene = scene_of(
        look,
        half.reading,
        at.layer,
        at.head,
        words,
        raw=False,
        roles=compute.roles(half.facts, on_wait),
        link=shown.link,
        token=token,
        chosen=look.chosen if exact is None else exact,
        chosen_pool=look.chosen_pool if exact is None else 1,
    )
    if not both.shared.all():  # with units that have no tokens here, figures would be of others
        scene = replace(scene, head_here=("",) * len(scene.head_here), head_long=scene.head_role)
    return Side(
        scene=scene,
        title=half.facts.title,
        told=_told(shown, half),
        next=_next(shown, half.facts, half.reading, half.settings.off, on_wait),
    )


def _told(shown: Shown, half: Half) -> str:
    """Its layer, and its cache."""
    words, cache = shown.words, half.look.cache
    layer = half.facts.number_of(half.at.layer)
    if cache is None:
        return words("beside.told_none", layer=layer)
    n_tokens = len(half.reading.ids)
    units = tuple(words("picture.byte_units").split())
    return words(
        "beside.told",
        layer=layer,
        size=in_units(cache.now, units, digits=words.digits),
        each=words.number(cache.now // n_tokens),
        n=words.number(n_tokens),
    )


def _next(
    shown: Shown, facts: ModelFacts, reading: Reading, off: Off, on_wait: OnWait
) -> tuple[tuple[str, float, str], ...]:
    if not facts.generates:
        return ()
    choices = compute.next_tokens(facts, reading, off, on_wait)
    return tuple((c.text, c.probability, percent(c.probability, shown.words)) for c in choices)
