"""One recipe for every layout, and one in which heads are watched as they form."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from attention.training.corpus import ROW_LEN


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that is the same for all layouts.

    Args:
        text: how the stories are read; see :mod:`attention.training.letters`.
        rope_bases: one a layer, see :class:`attention.models.layouts.decoder.DecoderConfig`.
        rows: of a step, each of 128 tokens.
        forming_share: the first part of the steps, in which heads form.
        forming_repeats, later_repeats: the part of the rows that are repeated segments, of one
            segment while heads form, of several later; the others are stories.
        decay_share: the last part of the steps, in which the rate falls to 0.
        weight_decay: on matrices.
        look_back: whether layer 0 begins with heads that look one token back.
        own_embedding: whether the embedding is trained too; else it is the family's, and stays.
        seed: of the first weights and of the order of the steps. The text is always the same.
    """

    text: Literal["words", "letters"] = "words"
    d_model: int = 192
    mlp_dim: int = 192
    rope_bases: tuple[float | None, ...] = (100.0, None, None)
    steps: int = 5000
    rows: int = 24
    forming_share: float = 0.45
    forming_repeats: float = 0.5
    later_repeats: float = 0.125
    warm_up: int = 60
    decay_share: float = 0.4
    learning_rate: float = 2e-3
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.01
    clip: float = 1.0
    look_back: bool = True
    own_embedding: bool = False
    seed: int = 0

    @property
    def forming_steps(self) -> int:
        return int(self.steps * self.forming_share)

    def n_repeats(self, step: int) -> int:
        """How many of a step's rows are repeated segments."""
        share = self.forming_repeats if step < self.forming_steps else self.later_repeats
        return round(self.rows * share)

    def rate(self, step: int) -> float:
        """Learning rate: warm-up, constant, then linear decay to 0."""
        left = (self.steps - step) / (self.steps * self.decay_share)
        return self.learning_rate * min(1.0, (step + 1) / self.warm_up, left)

    def order(self) -> np.ndarray:
        """Which step of the text is read at each step: shuffled within its part."""
        shuffle = np.random.default_rng(self.seed).permutation
        later = self.forming_steps + shuffle(self.steps - self.forming_steps)
        return np.concatenate((shuffle(self.forming_steps), later))

    @property
    def tokens(self) -> int:
        """Tokens that the whole training reads."""
        return self.steps * self.rows * ROW_LEN


#: Two plain layers on letters, with nothing installed and the same text from first to last.
LETTERS = Recipe(
    text="letters",
    d_model=128,
    mlp_dim=256,
    rope_bases=(10_000.0, 10_000.0),
    rows=8,
    forming_share=1.0,
    look_back=False,
    own_embedding=True,
)
