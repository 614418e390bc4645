"""What one run of the page shows: Settings, decided to the last, and what is computed of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app import compute
from app.address import Notice, Settings
from app.examples import Example, find_example, token_of_word
from app.i18n import Words
from app.look import Look, Reading
from app.offer import ModelFacts
from app.real import RealChoice


@dataclass(frozen=True, eq=False)
class Decided:
    """A text that was read, and the settings on it; nothing is computed of them yet.

    ``settings`` have head and token decided; ``auto`` are those that the page would choose.
    """

    settings: Settings
    auto: tuple[int, int]
    reading: Reading
    example: Example | None
    notices: tuple[Notice, ...]  # about the text and the token


@dataclass(frozen=True, eq=False)
class Shown:
    """What the sections below the picture are handed."""

    settings: Settings
    auto: tuple[int, int]
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
    """Read the text; where no head or token is chosen, take telling ones."""
    reading, notices = _read(settings, on_wait)
    example = find_example(compute.examples(), reading.text)
    if facts is None:
        head = compute.telling_head(settings.layout, settings.layer, example)
    else:
        head = facts.telling[settings.layer]
    tokens = reading.shown(settings.raw)
    token, moved = _in_range(settings.token, len(tokens))
    auto = head, _telling_token(example if facts is None else None, tokens)
    decided = replace(
        settings,
        head=auto[0] if settings.head is None else settings.head,
        token=auto[1] if token is None else token,
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


def _telling_token(example: Example | None, tokens: tuple[str, ...]) -> int:
    if example is None or example.word is None:
        return len(tokens) - 1
    return token_of_word(list(tokens), example.text, example.word)
