"""The caches of the page Explore. Each is bounded, and nothing that they return may be changed."""

import importlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.explore.examples import Example, find_links, load_examples, ordered
from app.explore.offer import Family, Known, ModelFacts, Telling
from app.explore.settings import Settings
from app.glossary import glossary_html
from app.i18n import Words, languages, load_words
from app.i18n import language_names as read_language_names
from app.jobs import OnWait, Passes
from attention.assets import asset
from attention.interventions.off import Off
from attention.models.base import Model
from attention.models.look import Look, Reading
from attention.text.words import token_of_word

if TYPE_CHECKING:
    from app.explore.language import LanguageModels
    from app.explore.shelf import Shelf
    from app.fetching import Fetches
    from attention.models.effect import Effect
    from attention.models.huggingface.difference import WeightChange
    from attention.models.outlook import Choice
    from attention.models.residual import Pushes
    from attention.models.roles import Roles
    from attention.trace import AttentionTrace

LAYOUTS = asset("layouts")
PASSES_BYTES = 512 * 2**20  # of results that are kept for the language models
PROBE = "copied"  # the example on which a model's telling heads are taken: its words come again
NEXT_TOKENS = 5  # that are named of a text
Card = dict[str, Any]


@st.cache_resource(max_entries=8, show_spinner=False)
def words(lang: str) -> Words:
    return load_words(lang)


@st.cache_resource(max_entries=8, show_spinner=False)
def glossary(lang: str) -> str:
    """Every term of the page, as HTML."""
    return glossary_html(words(lang))


@st.cache_resource(max_entries=1, show_spinner=False)
def language_names() -> dict[str, str]:
    """Each language by its own name."""
    return read_language_names()


@st.cache_resource(max_entries=1, show_spinner=False)
def examples() -> tuple[Example, ...]:
    return load_examples()


@st.cache_resource(max_entries=1, show_spinner=False)
def cards() -> dict[tuple[int, int], Card]:
    """The card of every layout on disk, by ``(n_heads, n_kv_heads)``."""
    found = [path for path in LAYOUTS.glob("*.json") if path.with_suffix(".safetensors").exists()]
    read = (json.loads(path.read_text(encoding="utf-8")) for path in found)
    return {(card["n_heads"], card["n_kv_heads"]): card for card in read}


@st.cache_resource(max_entries=1, show_spinner=False)
def sharing_rows() -> list[Card]:
    """Figures of more seeds and of wider MLPs, as they were measured beside the cards."""
    path = LAYOUTS / "sharing.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


@st.cache_resource(max_entries=1, show_spinner=False)
def family() -> Family:
    first = next(iter(cards().values()))
    return Family(
        layouts=tuple(sorted(cards())),
        n_layers=first["n_layers"],
        d_model=first["d_model"],
        languages=languages(),
        openings={lang: ordered(examples(), lang)[0].text for lang in languages()},
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def models() -> "LanguageModels":
    """The language models that all visitors share. Loads torch."""
    module = importlib.import_module("app.explore.language")
    return module.LanguageModels(Passes(PASSES_BYTES), _known(), _probe())


@st.cache_resource(max_entries=1, show_spinner=False)
def _known() -> Known:
    return Known()


@st.cache_resource(max_entries=1, show_spinner=False)
def fetches() -> "Fetches":
    """The downloads that are under way."""

    def from_hub(name: str) -> object:
        return importlib.import_module("attention.models.store.hub").download(name)

    return importlib.import_module("app.fetching").Fetches(from_hub)


def facts(model: str) -> ModelFacts | None:
    """What is known of a language model; None where it was not loaded."""
    return _known().get(model)


def read(facts: ModelFacts, text: str, second: str, on_wait: OnWait) -> Reading:
    """A text as the tokenizer of the model sees it, or two where the model compares them."""
    given = second if facts.pairs and second.strip() else None
    models = asked(replace(facts, part=""))  # of two stacks the encoder reads it
    return models.read(facts.name, text, on_wait, second=given)


def read_target(facts: ModelFacts, source: Reading, target: str, on_wait: OnWait) -> Reading:
    """What the decoder of an encoder–decoder reads beside a source."""
    return models().of(facts.part, source.ids).read_target(facts.name, source, target, on_wait)


def telling(
    facts: ModelFacts,
    settings: Settings,
    reading: Reading,
    example: Example | None,
    on_wait: OnWait,
) -> Telling:
    """Where to open on this text.

    Args:
        example: the one that is shown; it opens where it shows best what it is for.
    """
    causal, pairs = _mask(facts, settings), _pairs(facts, reading)
    return asked(facts).telling(
        facts, reading, settings.raw, example, on_wait, causal=causal, pairs=pairs
    )


def roles(facts: ModelFacts, on_wait: OnWait) -> "Roles | None":
    """The role of every head; None where they are being measured."""
    return asked(facts).roles(facts.name, on_wait)


def link_of(text: str) -> str:
    """The role that the known dependencies of a text show."""
    links = find_links(examples(), text)
    return "subject" if links is None else links.shows


def look(
    facts: ModelFacts,
    settings: Settings,
    reading: Reading,
    layer: int,
    head: int,
    on_wait: OnWait,
) -> Look:
    """What the model did with a text.

    Args:
        layer, head: shown first; of a long text only these may be there in full.
    """
    off, pairs = settings.off, _pairs(facts, reading)
    return asked(facts).look(
        facts.name, reading, layer, head, settings.raw, on_wait,
        causal=_mask(facts, settings), pairs=pairs, off=off,
    )  # fmt: skip


def split_error(facts: ModelFacts, look: Look, layer: int, on_wait: OnWait) -> float | None:
    """The check of the split, on this look or once on an example."""
    return asked(facts).split_error(facts.name, look, layer, _probe(), on_wait)


def row(
    facts: ModelFacts, settings: Settings, reading: Reading, layer: int, token: int, on_wait: OnWait
) -> "AttentionTrace":
    """Every intermediate of one query in a layer."""
    causal, off = _mask(facts, settings), settings.off
    return asked(facts).row(facts.name, reading, layer, token, on_wait, causal=causal, off=off)


def effect(
    facts: ModelFacts, settings: Settings, reading: Reading, token: int, on_wait: OnWait
) -> "Effect":
    """What the text costs with the heads off and as the model is, and what follows a token."""
    return asked(facts).effect(facts.name, reading, token, settings.off, on_wait)


def pushes(
    facts: ModelFacts,
    settings: Settings,
    reading: Reading,
    token: int,
    layer: int,
    head: int,
    on_wait: OnWait,
) -> "Pushes":
    """The next tokens that one head pushes up and down at a token, where it is on."""
    causal, off = _mask(facts, settings), settings.off
    off = off.turned(layer, head) if head in off.within(layer) else off
    models = asked(facts)
    residual = models.residual(facts.name, reading, token, on_wait, causal=causal, off=off)
    module = importlib.import_module("attention.models.residual")
    return module.pushes(residual, layer, head, model(facts, on_wait).token_texts)


def next_tokens(
    facts: ModelFacts, reading: Reading, off: Off, on_wait: OnWait
) -> "tuple[Choice, ...]":
    """The likeliest tokens to follow a text, by a model that generates."""

    def work(model: Any, cancelled: Callable[[], bool]) -> "tuple[Choice, ...]":
        generate = importlib.import_module("attention.models.generate")
        generation = generate.Generation(model.without(off), reading.ids)
        outlook = generation.outlook(cancelled=cancelled)
        return generation.choices(outlook, 0, count=NEXT_TOKENS)

    key = ("next", facts.name, reading.ids, off)
    return asked(facts).use(facts.name, key, work, on_wait)


def moved(facts: ModelFacts, reading: Reading, on_wait: OnWait) -> "WeightChange":
    """How far its adapter moves each head's weights on a text, over every query and key."""

    def work(model: Any, _: Callable[[], bool]) -> "WeightChange":
        module = importlib.import_module("attention.models.huggingface.difference")
        return module.weight_change(model, model.base, reading.ids)

    return asked(facts).use(facts.name, ("moved", facts.name, reading.ids), work, on_wait)


def model(facts: ModelFacts, on_wait: OnWait) -> Model:
    """The model that is shown."""
    return asked(facts).model(facts.name, on_wait)


def asked(facts: ModelFacts) -> "Shelf | LanguageModels":
    """Who has the model. Layouts lie on a shelf, and whoever asks them need not queue."""
    if facts.layouts:
        return _shelf()
    return models().of(facts.part, facts.given) if facts.reads_target else models()


def _mask(facts: ModelFacts, settings: Settings) -> bool | None:
    """The mask, where it can be chosen."""
    return settings.causal if facts.layouts else None


@st.cache_resource(max_entries=1, show_spinner=False)
def _shelf() -> "Shelf":
    # Not at the top: importing torch takes seconds, and the first picture needs none of it.
    shelf = importlib.import_module("app.explore.shelf").Shelf()
    shelf.fill(family().usual)
    return shelf


def _probe() -> str:
    return next(example.text for example in examples() if example.name == PROBE)


def _pairs(facts: ModelFacts, reading: Reading) -> tuple[tuple[int, int], ...]:
    """The text's known dependencies as positions of tokens."""
    links = find_links(examples(), reading.text)
    # Words are found by counting letters: not where tokens split one, nor beside a [CLS] or what a
    # decoder's target begins with.
    plain = facts.causal and not facts.part and reading.units is None
    readable = facts.taught_agreement or plain
    if links is None or not readable:
        return ()
    place = {
        word: token_of_word(reading.tokens, reading.text, word)
        for pair in links.dependencies
        for word in pair
    }
    return tuple((place[later], place[earlier]) for later, earlier in links.dependencies)
