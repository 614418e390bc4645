"""Trains one layout, on a CPU or a GPU."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from attention.config import AttentionConfig
from attention.models.layouts.decoder import Decoder, DecoderConfig
from attention.models.layouts.initial import initialise
from attention.training.cross_entropy import cross_entropy
from attention.training.tasks import Task

NOT_COUNTED = -100  # what cross entropy leaves out


class Trainer:
    """One training; :attr:`step` and :attr:`seconds` say how far it is.

    Args:
        vocab_size: tokens that the tokenizer knows.
        embedding: ``[vocab_size, d_model]``, the family's; None where the recipe trains its own.
    """

    def __init__(
        self, task: Task, vocab_size: int, device: str, embedding: Tensor | None = None
    ) -> None:
        recipe = task.recipe
        self.task, self.recipe, self.device = task, recipe, device
        self.step, self.seconds = 0, 0.0
        self.order = recipe.order()
        self.decoder = Decoder(config_of(task, vocab_size))
        generator = torch.Generator().manual_seed(recipe.seed)
        initialise(self.decoder, generator, look_back=recipe.look_back)
        if embedding is not None:
            self.decoder.embedding.weight.requires_grad_(False).copy_(embedding)
        self.decoder.to(device)
        # A tensor, so that a captured step reads what is written into it.
        self.rate = torch.tensor(recipe.learning_rate, device=device)
        self.optimiser = self._optimiser()

    def _optimiser(self) -> torch.optim.AdamW:
        trained = [p for p in self.decoder.parameters() if p.requires_grad]
        return torch.optim.AdamW(
            [{"params": [p for p in trained if p.dim() == 2],
              "weight_decay": self.recipe.weight_decay},
             {"params": [p for p in trained if p.dim() == 1], "weight_decay": 0.0}],
            lr=self.rate,
            betas=self.recipe.betas,
            fused=True,
            capturable=self.device == "cuda",
        )  # fmt: skip

    @property
    def is_done(self) -> bool:
        return self.step >= self.recipe.steps

    def rows_of(self, text: Tensor) -> Tensor:
        """The rows that the next step reads, of ``[steps, rows, ROW_LEN + 1]``."""
        return text[int(self.order[self.step])]

    def train_step(self, text: Tensor) -> Tensor:
        """One step; returns the loss, the mean over the tokens that count, in nats."""
        self.rate.fill_(self.recipe.rate(self.step))
        loss = self.update(self.rows_of(text))
        self.step += 1
        return loss

    def update(self, rows: Tensor) -> Tensor:
        """Forward, backward and the optimiser's step: what a CUDA graph holds."""
        self.optimiser.zero_grad()
        loss = loss_of(self.decoder, rows)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.decoder.parameters(), self.recipe.clip)
        self.optimiser.step()
        return loss.detach()

    def state(self) -> dict:
        """Everything that a training goes on from."""
        return {
            "step": self.step,
            "seconds": self.seconds,
            "task": _told(self.task),
            "decoder": self.decoder.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }

    def restore(self, state: dict) -> None:
        self.decoder.load_state_dict(state["decoder"])
        self.optimiser.load_state_dict(state["optimiser"])
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate
        self.step, self.seconds = state["step"], state["seconds"]

    def save(self, path: Path) -> None:
        """Write a checkpoint; whole or not at all."""
        partial = path.with_suffix(".partial")
        torch.save(self.state(), partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of the same task; one of another is left alone."""
        if not path.exists():
            return
        saved = torch.load(path, map_location=self.device, weights_only=True)
        if saved["task"] == _told(self.task):
            self.restore(saved)


def config_of(task: Task, vocab_size: int) -> DecoderConfig:
    """The network that a task trains."""
    recipe, (n_heads, n_kv_heads) = task.recipe, task.layout
    return DecoderConfig(
        vocab_size=vocab_size,
        attention=AttentionConfig(d_model=recipe.d_model, n_heads=n_heads, n_kv_heads=n_kv_heads),
        mlp_dim=recipe.mlp_dim,
        rope_bases=recipe.rope_bases,
    )


def loss_of(decoder: Decoder, rows: Tensor) -> Tensor:
    """Mean loss in nats over the tokens that count.

    Args:
        rows: int16 ``[n, ROW_LEN + 1]`` as :meth:`attention.training.corpus.Corpus.rows` makes
            them: ``~id`` is not counted.
    """
    ids = torch.where(rows < 0, ~rows, rows)[:, :-1].long()
    targets = rows[:, 1:].long()
    targets = targets.masked_fill(targets < 0, NOT_COUNTED)
    hidden = decoder.hidden(ids)
    if hidden.is_cpu and hidden.requires_grad:
        counted = targets != NOT_COUNTED
        weight = decoder.embedding.weight
        return cross_entropy(decoder.norm(hidden)[counted], weight, targets[counted])
    logits = decoder.logits(hidden).flatten(0, 1)
    return F.cross_entropy(logits, targets.flatten(), ignore_index=NOT_COUNTED)


def as_text(rows: np.ndarray, device: str) -> Tensor:
    """The whole text where it is read from; on a GPU it is copied there, some tens of MB."""
    text = torch.from_numpy(rows)
    return text.to(device) if device == "cuda" else text


def _told(task: Task) -> dict:
    return {"layout": list(task.layout), "recipe": repr(asdict(task.recipe))}
