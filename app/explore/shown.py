"""What one run of the page shows: Settings, decided to the last, and what is computed of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.explore import compute, layouts, registry
from app.explore.examples import find_example, link_of, load_examples
from app.explore.offer import ModelFacts
from app.explore.pictures import OWN
from app.explore.real import RealChoice
from app.explore.settings import Settings
from app.i18n import Words
from app.parameters import Notice
from attention.config import AttentionConfig
from attention.errors import HeadcountError, sentence_of
from attention.models.base import Model
from attention.models.look import Look, Reading
from attention.models.patches import SAMPLES

if TYPE_CHECKING:
    from attention.models.roles import Roles


@dataclass(frozen=True)
class Place:
    """A layer, a head of it, and a token of what is shown."""

    layer: int
    head: int
    token: int
    also: tuple[int, ...] = ()  # tokens that are chosen beside it


@dataclass(frozen=True, eq=False)
class Decided:
    """A text that was read, and the settings on it with layer, head and token decided."""

    settings: Settings
    at: Place  # what is shown
    auto: Place  # what the page would choose: a layer; a head in the layer that is shown; a token
    facts: ModelFacts  # with the source, where it is an attention of a target
    source: Reading  # of the sentence that was typed
    reading: Reading  # of what is looked at: the source, or the target
    notices: tuple[Notice, ...]  # about the texts and the token

    @property
    def target(self) -> Reading | None:
        """What was typed beside the source; None where the model answered it by itself."""
        return None if self.reading is self.source or self.reading.is_own else self.reading


@dataclass(frozen=True, eq=False)
class Shown:
    """What the picture is made of, and the sections below it are handed."""

    settings: Settings  # decided to the last
    at: Place  # what is shown
    auto: Place  # what the page would choose: a layer; a head in the layer that is shown; a token
    reading: Reading
    look: Look
    roles: "Roles | None"  # of every head; None where they are still being measured
    link: str  # the role that the text's known dependencies show
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
        """The token whose numbers are shown."""
        return self.reading.followed(self.at.token, self.settings.raw)

    @property
    def keys(self) -> Reading:
        """The text that is looked at: another one in cross-attention."""
        return self.reading if self.reading.over is None else self.reading.over

    @property
    def layer_number(self) -> int:
        """What the layer that is shown is called."""
        return self.facts.number_of(self.at.layer)

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
    source, notices = (_see if facts.sees else _read)(settings, facts, on_wait)
    reading = source
    if facts.reads_target:
        facts = replace(facts, given=source.ids)
        reading, said = _read_target(settings, facts, source, on_wait)
        notices = (*notices, *said)
    example = find_example(load_examples(), reading.text)
    tokens = reading.shown(settings.raw)
    token, moved = _in_range(settings.token, len(tokens))
    telling = compute.telling(facts, settings, reading, example, on_wait)
    layer = telling.layer if settings.layer is None else settings.layer
    opening = reading.opening(settings.raw)
    auto = Place(
        telling.layer, telling.heads[layer], opening if telling.token is None else telling.token
    )
    at = Place(
        layer=layer,
        head=auto.head if settings.head is None else settings.head,
        token=auto.token if token is None else token,
        also=_others(settings.also, auto.token if token is None else token, len(tokens)),
    )
    decided = replace(settings, layer=at.layer, head=at.head, token=at.token, also=at.also)
    return Decided(decided, at, auto, facts, source, reading, (*notices, *moved))


def show(
    decided: Decided,
    real: RealChoice | None,
    words: Words,
    on_wait: Callable[[int], None],
) -> Shown:
    """Compute what the decided settings ask for."""
    settings, at, reading = decided.settings, decided.at, decided.reading
    facts = decided.facts
    look = compute.look(facts, settings, reading, at.layer, at.head, on_wait)
    return Shown(
        settings=settings,
        at=at,
        auto=decided.auto,
        reading=reading,
        look=look,
        roles=compute.roles(facts, on_wait),
        link=link_of(reading.text),
        split_error=compute.split_error(facts, reading, look, at.layer, on_wait),
        model=registry.model(facts, on_wait),
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
        text, notices = layouts.family().openings[settings.lang], (Notice("notice.empty"),)
    reading = compute.read(facts, text, settings.text_b, on_wait)
    reading = replace(reading, in_words=settings.pieces == "words")
    shown = reading.shown(settings.raw)
    if reading.cut:
        notices = (_cut("notice.cut", reading),)
    elif len(shown) == 1 and not facts.reads_target:
        notices = (Notice("notice.one_token"),)
    return reading, notices


def _see(
    settings: Settings, facts: ModelFacts, on_wait: Callable[[int], None]
) -> tuple[Reading, tuple[Notice, ...]]:
    """The picture that is drawn. A file that is none is said, and one of ours is shown."""
    if settings.image != OWN or settings.upload is None:
        return compute.see(facts, settings.image, on_wait), ()
    try:
        return compute.see(facts, settings.upload, on_wait), (Notice("notice.own_picture"),)
    except HeadcountError as error:
        told = Notice("notice.no_picture", {"reason": sentence_of(error)})
        return compute.see(facts, SAMPLES[0], on_wait), (told,)


def _others(also: tuple[int, ...], token: int, n_tokens: int) -> tuple[int, ...]:
    """Those that the sentence has, beside the chosen one, each once."""
    return tuple(dict.fromkeys(each for each in also if each < n_tokens and each != token))


def _read_target(
    settings: Settings, facts: ModelFacts, source: Reading, on_wait: Callable[[int], None]
) -> tuple[Reading, tuple[Notice, ...]]:
    """What the decoder reads beside the source, and what there is to say about it."""
    reading = compute.read_target(facts, source, settings.target, on_wait)
    reading = replace(reading, in_words=settings.pieces == "words")
    if reading.is_own:
        return reading, (Notice("pair.generated"),)
    return reading, (_cut("notice.cut_target", reading),) if reading.cut else ()


def _cut(key: str, reading: Reading) -> Notice:
    return Notice(key, {"total": reading.total, "kept": len(reading.ids)})


def _in_range(token: int | None, n_tokens: int) -> tuple[int | None, tuple[Notice, ...]]:
    """A chosen token that the sentence does not have becomes its last."""
    if token is None or token < n_tokens:
        return token, ()
    values = {"given": token, "value": n_tokens - 1}
    return n_tokens - 1, (Notice("notice.token_moved", values),)
