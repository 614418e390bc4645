"""What the pages ask of models. Answers are kept, within bounds, and may not be changed."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.explore import registry
from app.explore.examples import Example, find_links, load_examples
from app.explore.offer import ModelFacts, Telling
from app.explore.pictures import Upload
from app.explore.settings import Settings
from app.jobs import OnWait
from attention.interventions.off import Off
from attention.models.look import Look, Reading
from attention.text.words import token_of_word

if TYPE_CHECKING:
    from attention.models.effect import Effect
    from attention.models.huggingface.difference import WeightChange
    from attention.models.outlook import Choice
    from attention.models.residual import Pushes
    from attention.models.roles import Roles
    from attention.trace import AttentionTrace

NEXT_TOKENS = 5  # that are named of a text


def read(facts: ModelFacts, text: str, second: str, on_wait: OnWait) -> Reading:
    """A text as the tokenizer of the model sees it, or two where the model compares them."""
    given = second if facts.pairs and second.strip() else None
    models = registry.asked(replace(facts, part=""))  # of two stacks the encoder reads it
    return models.read(facts.name, text, on_wait, second=given)


def read_target(facts: ModelFacts, source: Reading, target: str, on_wait: OnWait) -> Reading:
    """What the decoder of an encoder–decoder reads beside a source."""
    models = registry.models().of(facts.part, source.ids)
    return models.read_target(facts.name, source, target, on_wait)


def see(facts: ModelFacts, picture: str | Upload, on_wait: OnWait) -> Reading:
    """A picture as the patches of the model.

    Args:
        picture: the name of one that is built in, or a visitor's file.

    Raises:
        ImageError: the file is no picture, or too large.
    """

    def opened() -> Any:
        if isinstance(picture, str):
            return importlib.import_module("attention.models.samples").sample(picture)
        image = importlib.import_module("attention.models.image")
        return image.open_image(picture.content, picture.name)

    return registry.models().see(facts.name, picture, opened, on_wait)


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
    return registry.asked(facts).telling(
        facts, reading, settings.raw, example, on_wait, causal=causal, pairs=pairs
    )


def roles(facts: ModelFacts, on_wait: OnWait) -> "Roles | None":
    """The role of every head; None where they are being measured."""
    return registry.asked(facts).roles(facts.name, on_wait)


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
    return registry.asked(facts).look(
        facts.name, reading, layer, head, settings.raw, on_wait,
        causal=_mask(facts, settings), pairs=pairs, off=off,
    )  # fmt: skip


def split_error(
    facts: ModelFacts, reading: Reading, look: Look, layer: int, on_wait: OnWait
) -> float | None:
    """The check of the split, on this look or once on an example."""
    probe = reading if facts.sees else registry.probe()
    return registry.asked(facts).split_error(facts.name, look, layer, probe, on_wait)


def row(
    facts: ModelFacts, settings: Settings, reading: Reading, layer: int, token: int, on_wait: OnWait
) -> "AttentionTrace":
    """Every intermediate of one query in a layer."""
    causal, off = _mask(facts, settings), settings.off
    return registry.asked(facts).row(
        facts.name, reading, layer, token, on_wait, causal=causal, off=off
    )


def effect(
    facts: ModelFacts, settings: Settings, reading: Reading, token: int, on_wait: OnWait
) -> "Effect":
    """What the text costs with the heads off and as the model is, and what follows a token."""
    return registry.asked(facts).effect(facts.name, reading, token, settings.off, on_wait)


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
    models = registry.asked(facts)
    residual = models.residual(facts.name, reading, token, on_wait, causal=causal, off=off)
    module = importlib.import_module("attention.models.residual")
    return module.pushes(residual, layer, head, registry.model(facts, on_wait).token_texts)


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
    return registry.asked(facts).use(facts.name, key, work, on_wait)


def moved(facts: ModelFacts, reading: Reading, on_wait: OnWait) -> "WeightChange":
    """How far its adapter moves each head's weights on a text, over every query and key."""

    def work(model: Any, _: Callable[[], bool]) -> "WeightChange":
        module = importlib.import_module("attention.models.huggingface.difference")
        return module.weight_change(model, model.base, reading.ids)

    return registry.asked(facts).use(facts.name, ("moved", facts.name, reading.ids), work, on_wait)


def _mask(facts: ModelFacts, settings: Settings) -> bool | None:
    """The mask, where it can be chosen."""
    return settings.causal if facts.layouts else None


def _pairs(facts: ModelFacts, reading: Reading) -> tuple[tuple[int, int], ...]:
    """The text's known dependencies as positions of tokens."""
    links = find_links(load_examples(), reading.text)
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
