"""What the sections of the page "Heads" are handed."""

from collections.abc import Callable
from dataclasses import dataclass

from app.explore.offer import ModelFacts
from app.heads.settings import HeadsSettings
from app.i18n import Words


@dataclass(frozen=True, eq=False)
class Subject:
    """The model that is shown, and how to say it."""

    settings: HeadsSettings
    facts: ModelFacts
    words: Words
    # Tells a visitor who waits how many passes come first; where he has left, it ends the run.
    on_wait: Callable[[int], None]

    @property
    def place(self) -> tuple[int, int] | None:
        """Layer and number of the head that is chosen; None where none is."""
        layer, head = self.settings.layer, self.settings.head
        return None if layer is None or head is None else (layer, head)
