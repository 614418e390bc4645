"""What one run of the page shows: Settings, decided to the last, and what is computed of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.explore import compute
from app.explore.examples import Example, find_example, token_of_word
from app.explore.look import Look, Reading
from app.explore.offer import ModelFacts
from app.explore.real import RealChoice
from app.explore.settings import Settings
from app.i18n import Words
from app.parameters import Notice


@dataclass(frozen=True)
class Auto:
    """What the page would choose: layer, a head of the layer that is shown, and token."""

    layer: int
    head: int
    token: int


@dataclass(frozen=True, eq=False)
class Decided:
    """A text that was read, and the settings on it with layer, head and token decided."""

    settings: Settings
    auto: Auto
    reading: Reading
    example: Example | None
    notices: tuple[Notice, ...]  # about the text and the token


@dataclass(frozen=True, eq=False)
class Shown:
    """What the sections below the picture are handed."""

    settings: Settings
    auto: Auto
    reading: Reading
    look: Look
    real: RealChoice
    words: Words
    facts: ModelFacts | None  # of the language model; None for the trained family
    # Tells a visitor who waits how many passes come first; where he has left, it ends the run.
    on_wait: Callable[[int], None]

    @property
    def tokens(self) -> tuple[str, ...]:
        """The readable pieces that are shown, as many as rows of the picture."""
        return self.reading.shown(self.settings.raw)


def decide(settings: Settings, facts: ModelFacts | None, on_wait: Callable[[int], None]) -> Decided:
    """Read the text; where no layer, head or token is chosen, take telling ones."""
    reading, notices = _read(settings, on_wait)
    example = find_example(compute.examples(), reading.text)
    tokens = reading.shown(settings.raw)
    token, moved = _in_range(settings.token, len(tokens))
    if facts is None:
        layer = settings.layer
        head = compute.telling_head(settings.layout, layer, example)
        auto = Auto(layer, head, _telling_token(example, reading, settings.raw))
    else:
        heads, default = compute.models().telling(facts.name, reading, settings.raw, on_wait)
        layer = default if settings.layer is None else settings.layer
        # Words are found by counting letters, which an encoder's [CLS] would put out.
        known = example if facts.causal else None
        auto = Auto(default, heads[layer], _telling_token(known, reading, settings.raw))
    decided = replace(
        settings,
        layer=layer,
        head=auto.head if settings.head is None else settings.head,
        token=auto.token if token is None else token,
    )
    return Decided(decided, auto, reading, example, (*notices, *moved))


def show(
    decided: Decided,
    real: RealChoice,
    words: Words,
    facts: ModelFacts | None,
    on_wait: Callable[[int], None],
) -> Shown:
    """Compute what the decided settings ask for."""
    settings, reading = decided.settings, decided.reading
    if facts is None:
        pairs = compute.token_pairs(decided.example, reading.shown(settings.raw))
        look = compute.look(reading, settings, pairs)
    else:
        look = compute.models().look(
            facts.name, reading, settings.layer, settings.head, settings.raw, on_wait
        )
    return Shown(settings, decided.auto, reading, look, real, words, facts, on_wait)


def _read(settings: Settings, on_wait: Callable[[int], None]) -> tuple[Reading, tuple[Notice, ...]]:
    """The text that is drawn, and what there is to say about it."""
    text, notices = settings.text, ()
    if not text.strip():
        text, notices = compute.family().default_text, (Notice("notice.empty"),)
    reading = compute.read(settings.model, text, on_wait)
    shown = reading.shown(settings.raw)
    if reading.cut:
        values = {"total": f"{reading.total:,}", "kept": f"{len(reading.ids):,}"}
        notices = (Notice("notice.cut", values),)
    elif len(shown) == 1:
        notices = (Notice("notice.one_token"),)
    return reading, notices


def _in_range(token: int | None, n_tokens: int) -> tuple[int | None, tuple[Notice, ...]]:
    """A chosen token that the sentence does not have becomes its last."""
    if token is None or token < n_tokens:
        return token, ()
    values = {"given": token, "value": n_tokens - 1}
    return n_tokens - 1, (Notice("notice.token_moved", values),)


def _telling_token(example: Example | None, reading: Reading, raw: bool) -> int:
    if example is None or example.word is None:
        return reading.last(raw)
    return token_of_word(list(reading.shown(raw)), example.text, example.word)
