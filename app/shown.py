"""What one run of the page shows: Settings, decided to the last, and what is computed of them."""

from dataclasses import dataclass, replace

from app import compute
from app.address import Notice, Settings
from app.examples import Example, find_example, token_of_word
from app.i18n import Words
from app.look import Look, Reading
from app.real import RealChoice


@dataclass(frozen=True, eq=False)
class Shown:
    """``settings`` with head and token decided; ``auto`` are those that the page would choose."""

    settings: Settings
    auto: tuple[int, int]
    reading: Reading
    look: Look
    real: RealChoice
    words: Words
    notices: tuple[Notice, ...]  # about the text and the token


def show(settings: Settings, real: RealChoice, words: Words) -> Shown:
    """Read the text and trace the layout; where no head or token is chosen, take telling ones."""
    reading, notices = _read(settings.text)
    example = find_example(compute.examples(), reading.text)
    pairs = compute.token_pairs(example, reading)
    look = compute.look(reading.ids, settings.layout, settings.causal, settings.layer, pairs)
    head = compute.telling_head(settings.layout, settings.layer, example)
    token, moved = _in_range(settings.token, len(reading.ids))
    auto = head, _telling_token(example, reading)
    decided = replace(
        settings,
        head=auto[0] if settings.head is None else settings.head,
        token=auto[1] if token is None else token,
    )
    return Shown(decided, auto, reading, look, real, words, (*notices, *moved))


def _read(text: str) -> tuple[Reading, tuple[Notice, ...]]:
    """The text that is drawn, and what there is to say about it."""
    if not text.strip():
        return compute.read(compute.family().default_text), (Notice("notice.empty"),)
    reading = compute.read(text)
    if reading.cut:
        values = {"total": f"{reading.total:,}", "kept": f"{len(reading.ids):,}"}
        return reading, (Notice("notice.cut", values),)
    if len(reading.ids) == 1:
        return reading, (Notice("notice.one_token"),)
    return reading, ()


def _in_range(token: int | None, n_tokens: int) -> tuple[int | None, tuple[Notice, ...]]:
    """A chosen token that the sentence does not have becomes its last."""
    if token is None or token < n_tokens:
        return token, ()
    values = {"given": token, "value": n_tokens - 1}
    return n_tokens - 1, (Notice("notice.token_moved", values),)


def _telling_token(example: Example | None, reading: Reading) -> int:
    if example is None or example.word is None:
        return len(reading.ids) - 1
    return token_of_word(list(reading.tokens), reading.text, example.word)
