"""The recipe of the trainings in which heads are watched as they form."""

import math
from dataclasses import dataclass

from attention.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class FormingRecipe(Recipe):
    """Two layers, nothing installed, text that is the same in kind from the first step to the last.

    The rate warms up and then falls along half a cosine (Loshchilov & Hutter 2017, arXiv
    1608.03983).
    """

    d_model: int = 128
    mlp_dim: int = 512
    rope_bases: tuple[float | None, ...] = (10_000.0, 10_000.0)
    steps: int = 800
    rows: int = 32
    forming_share: float = 1.0
    forming_repeats: float = 0.4
    look_back: bool = False
    own_embedding: bool = True

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        fall = (1 + math.cos(math.pi * step / self.steps)) / 2
        return self.learning_rate * min((step + 1) / self.warm_up, 1.0) * fall
