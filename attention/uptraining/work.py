"""What an uptraining is, of whatever kind: updates one after another, and what each said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from attention.models.predictor import Predictor


@dataclass(frozen=True)
class Point:
    """An update.

    Args:
        stage: "text", whose loss is that of the text that was read, in nats a token; "layers", the
            mean of the layers' relative squared errors; or "logits", KL(original ‖ fewer) in nats
            a token.
        tokens: that were read so far, as often as they were.
        loss: before the update.
    """

    stage: str
    tokens: int
    loss: float


class Uptraining(Protocol):
    """A model with fewer KV heads that is trained on.

    Attributes:
        total: updates, of which ``done`` are done; seconds: that these took.
        curve: a point for each.
    """

    total: int
    done: int
    seconds: float
    curve: list[Point]

    def updates(self) -> Iterator[Callable[[], Point]]:
        """What is left to do, one update after another, each once it is called."""

    def save(self) -> None:
        """Write a checkpoint, where one is kept."""

    def how(self) -> dict[str, Any]:
        """What was done, for JSON."""

    def model(self) -> Predictor:
        """As :meth:`keep` keeps it, its numbers rounded to float16; no update changes it."""

    def keep(self, card: dict[str, Any], file: Path) -> None:
        """Write what was trained as float16, and beside it (``.json``) what is said of it.

        Args:
            file: ends with ``.safetensors``.
        """
