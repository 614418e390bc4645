"""What one run of the page shows: Settings, decided to the last, and what is computed of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from app.explore import compute
from app.explore.examples import Example, find_example, token_of_word
from app.explore.offer import ModelFacts
from app.explore.real import RealChoice
from app.explore.settings import Settings
from app.i18n import Words
from app.parameters import Notice
from attention.config import AttentionConfig
from attention.models.base import Model
from attention.models.look import Look, Reading


@dataclass(frozen=True)
class Place:
    """A layer, a head of it, and a token of what is shown."""

    layer: int
    head: int
    token: int


@dataclass(frozen=True, eq=False)
class Decided:
    """A text that was read, and the settings on it with layer, head and token decided."""

    settings: Settings
    at: Place  # what is shown
    auto: Place  # what the page would choose: a layer; a head in the layer that is shown; a token
    reading: Reading
    example: Example | None
    notices: tuple[Notice, ...]  # about the text and the token


@dataclass(frozen=True, eq=False)
class Shown:
    """What the picture is made of, and the sections below it are handed."""

    settings: Settings  # decided to the last
    at: Place  # what is shown
    auto: Place  # what the page would choose: a layer; a head in the layer that is shown; a token
    reading: Reading
    look: Look
    split_error: float | None  # see :func:`attention.trace.split_error`
    model: Model
    facts: ModelFacts
    real: RealChoice | None  # beside it; None where it is a real model itself
    words: Words
    # Tells a visitor who waits how many passes come first; where he has left, it ends the run.
    on_wait: Callable[[int], None]

    @property
    def tokens(self) -> tuple[str, ...]:
        """The readable pieces that are shown, as many as rows of the picture."""
        return self.reading.shown(self.settings.raw)

    @property
    def followed(self) -> int:
        """The token whose numbers are shown: of several that are one piece the last."""
        units = self.reading.merged(self.settings.raw)
        chosen = self.at.token
        return chosen if units is None else int(units.starts[chosen + 1]) - 1

    @property
    def config(self) -> AttentionConfig:
        """The shape of the layer that is shown."""
        return self.look.configs[self.at.layer]

    @property
    def chosen(self) -> tuple[np.ndarray, int]:
        """The weights of the chosen head, float32 ``[side, side]``, and how they are pooled."""
        look, at = self.look, self.at
        if (at.layer, at.head) != (look.layer, look.head):
            exact = look.weights(at.layer, at.head)
            if exact is not None:
                return exact, 1
        return look.chosen, look.chosen_pool


def decide(settings: Settings, facts: ModelFacts, on_wait: Callable[[int], None]) -> Decided:
    """Read the text; where no layer, head or token is chosen, take telling ones."""
    reading, notices = _read(settings, facts, on_wait)
    example = find_example(compute.examples(), reading.text)
    tokens = reading.shown(settings.raw)
    token, moved = _in_range(settings.token, len(tokens))
    heads, default = compute.telling(facts, reading, settings.raw, example, on_wait)
    layer = default if settings.layer is None else settings.layer
    # Words are found by counting letters, which an encoder's [CLS] would put out.
    known = example if facts.causal else None
    auto = Place(default, heads[layer], _telling_token(known, reading, settings.raw))
    at = Place(
        layer=layer,
        head=auto.head if settings.head is None else settings.head,
        token=auto.token if token is None else token,
    )
    decided = replace(settings, layer=at.layer, head=at.head, token=at.token)
    return Decided(decided, at, auto, reading, example, (*notices, *moved))


def show(
    decided: Decided,
    facts: ModelFacts,
    real: RealChoice | None,
    words: Words,
    on_wait: Callable[[int], None],
) -> Shown:
    """Compute what the decided settings ask for."""
    settings, at, reading = decided.settings, decided.at, decided.reading
    look = compute.look(facts, settings, reading, at.layer, at.head, decided.example, on_wait)
    return Shown(
        settings=settings,
        at=at,
        auto=decided.auto,
        reading=reading,
        look=look,
        split_error=compute.split_error(facts, look, at.layer, on_wait),
        model=compute.model(facts, on_wait),
        facts=facts,
        real=real,
        words=words,
        on_wait=on_wait,
    )


def _read(
    settings: Settings, facts: ModelFacts, on_wait: Callable[[int], None]
) -> tuple[Reading, tuple[Notice, ...]]:
    """The text that is drawn, and what there is to say about it."""
    text = settings.text
    notices: tuple[Notice, ...] = ()
    if not text.strip():
        text, notices = compute.family().default_text, (Notice("notice.empty"),)
    reading = compute.read(facts, text, on_wait)
    shown = reading.shown(settings.raw)
    if reading.cut:
        values = {"total": reading.total, "kept": len(reading.ids)}
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
