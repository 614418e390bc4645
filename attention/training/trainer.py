"""One recipe for every layout; see ``Recipe`` for the whole of it."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from attention.config import AttentionConfig
from attention.models.layouts.decoder import Decoder, DecoderConfig, initialise
from attention.training.corpus import REPEAT_LEN, STORY_LEN, Corpus


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that is the same for all layouts.

    A step reads rows of 128 tokens with repeated segments and rows of 64 with stories. While
    heads form, half of the tokens are repeats of one segment; then a sixth, of several.
    """

    d_model: int = 192
    mlp_dim: int = 192
    rope_bases: tuple[float | None, ...] = (100.0, None)
    steps: int = 5000
    warm_up: int = 60
    decay_share: float = 0.4  # the last part of the steps, in which the rate falls to 0
    learning_rate: float = 2e-3
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.01  # on matrices
    clip: float = 1.0
    forming_share: float = 0.45  # the first part of the steps
    forming_rows: tuple[int, int] = (4, 8)  # repeats, stories
    later_rows: tuple[int, int] = (1, 10)
    seed: int = 0

    @property
    def forming_steps(self) -> int:
        return int(self.steps * self.forming_share)

    def rows(self, step: int) -> tuple[int, int]:
        """How many rows of repeats and of stories a step reads."""
        return self.forming_rows if step < self.forming_steps else self.later_rows

    def rate(self, step: int) -> float:
        """Learning rate: warm-up, constant, then linear decay to 0."""
        left = (self.steps - step) / (self.steps * self.decay_share)
        return self.learning_rate * min(1.0, (step + 1) / self.warm_up, left)

    @property
    def tokens(self) -> int:
        """Tokens that the whole training reads."""
        rows = [self.rows(step) for step in range(self.steps)]
        repeats, stories = (sum(kind) for kind in zip(*rows, strict=True))
        return repeats * REPEAT_LEN + stories * STORY_LEN


class Trainer:
    """Trains one layout; :attr:`step` and :attr:`seconds` say how far it is."""

    def __init__(
        self, recipe: Recipe, n_heads: int, n_kv_heads: int, corpus: Corpus, vocab_size: int,
        device: str,
    ) -> None:  # fmt: skip
        self.recipe, self.corpus, self.device = recipe, corpus, device
        self.step, self.seconds = 0, 0.0
        attention = AttentionConfig(d_model=recipe.d_model, n_heads=n_heads, n_kv_heads=n_kv_heads)
        self.decoder = Decoder(
            DecoderConfig(
                vocab_size=vocab_size,
                attention=attention,
                mlp_dim=recipe.mlp_dim,
                rope_bases=recipe.rope_bases,
            )
        )
        initialise(self.decoder, torch.Generator().manual_seed(recipe.seed))
        self.decoder.to(device)
        matrices = [p for p in self.decoder.parameters() if p.dim() == 2]
        vectors = [p for p in self.decoder.parameters() if p.dim() == 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": recipe.weight_decay},
             {"params": vectors, "weight_decay": 0.0}],
            lr=recipe.learning_rate,
            betas=recipe.betas,
            fused=True,
        )  # fmt: skip

    def train_step(self) -> float:
        """One step; returns the loss, the mean over the tokens that count, in nats."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate(self.step)
        forming = self.step < self.recipe.forming_steps
        batch = self.corpus.batch(self.step, *self.recipe.rows(self.step), forming=forming)
        counted = batch.repeated[:, 1:].sum() + batch.stories[:, 1:].size
        loss = self._loss(batch.repeats, batch.repeated) + self._loss(batch.stories)
        loss = loss / int(counted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.decoder.parameters(), self.recipe.clip)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.step += 1
        return loss.item()

    def _loss(self, rows: np.ndarray, counts: np.ndarray | None = None) -> Tensor:
        """Summed over the tokens that count."""
        ids = torch.from_numpy(rows).to(self.device)
        logits, targets = self.decoder(ids[:, :-1]), ids[:, 1:]
        if counts is not None:
            counted = torch.from_numpy(counts[:, 1:]).to(self.device)
            logits, targets = logits[counted], targets[counted]
        return F.cross_entropy(logits.flatten(0, -2), targets.flatten(), reduction="sum")

    def save(self, path: Path) -> None:
        """Write a checkpoint; whole or not at all."""
        partial = path.with_suffix(".partial")
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "recipe": asdict(self.recipe),
            "decoder": self.decoder.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        torch.save(state, partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of the same recipe; one of another recipe is left alone."""
        if not path.exists():
            return
        saved = torch.load(path, map_location=self.device, weights_only=True)
        if saved["recipe"] != asdict(self.recipe):
            return
        self.decoder.load_state_dict(saved["decoder"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.step, self.seconds = saved["step"], saved["seconds"]
