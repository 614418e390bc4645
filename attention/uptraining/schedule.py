"""How long a language model is taught, on how much text, and how fast it learns."""

from dataclasses import dataclass

WARM_UP, DECAY = 0.05, 0.7  # of a stage's updates, its first and its last part


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How it is taught.

    Args:
        rows: of the text that the original writes; window: tokens of each.
        portion: rows that are kept in memory as the layers see them: of SmolLM2 140 kB a token.
        passes: over each portion, in the first stage.
        batch: rows of an update of the first stage.
        steps: updates of the second stage, each of step_rows rows; it reads the text from its
            start as often as needed.
        layer_rate, logit_rate: AdamW's, as a share of the root mean square of each matrix.
        seed: of the text.
    """

    rows: int = 192
    window: int = 256
    portion: int = 16
    passes: int = 2
    batch: int = 4
    steps: int = 56
    step_rows: int = 2
    layer_rate: float = 0.06
    logit_rate: float = 0.03
    seed: int = 0

    @property
    def layer_updates(self) -> int:
        """Of the first stage."""
        return self.rows // self.portion * self._updates_of_portion

    @property
    def updates(self) -> int:
        """Of both."""
        return self.layer_updates + self.steps

    @property
    def _updates_of_portion(self) -> int:
        return self.passes * (self.portion // self.batch)

    def portion_of(self, update: int) -> tuple[int, int]:
        """Of an update of the first stage: its portion, and its batch there."""
        portion, within = divmod(update, self._updates_of_portion)
        return portion, within % (self.portion // self.batch)

    def tokens(self, updates: int) -> int:
        """That so many updates read, as often as they do."""
        first = min(updates, self.layer_updates)
        return (first * self.batch + (updates - first) * self.step_rows) * self.window

    def rate(self, update: int) -> float:
        """A short warm-up, constant, then linear decay to 0; in each stage."""
        first = update < self.layer_updates
        done, total = (
            (update, self.layer_updates) if first else (update - self.layer_updates, self.steps)
        )
        most = self.layer_rate if first else self.logit_rate
        return most * min(1.0, (done + 1) / (WARM_UP * total), (total - done) / (DECAY * total))
