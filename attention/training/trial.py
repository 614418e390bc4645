"""How fast this machine trains, and whether a captured step does what a plain one does."""

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from attention.training.captured import GpuTraining
from attention.training.recipe import Recipe
from attention.training.tasks import Task
from attention.training.text import open_text
from attention.training.trainer import Trainer, as_text

LAYOUTS = ((8, 2), (32, 8), (1, 1))


def trial(recipe: Recipe, tokenizer: Path, work: Path, pool: Executor, device: str) -> dict:
    """Short trainings, timed.

    Returns:
        Seconds that the text took; then for each way of training: tokens a second, the last loss,
        and on a GPU the memory.
    """
    started = time.monotonic()
    rows = open_text(recipe, tokenizer, work, pool)
    found: dict = {"text_seconds": round(time.monotonic() - started, 1), "tokens": recipe.tokens}
    text = as_text(rows, device)
    vocab_size = _vocab_size(tokenizer)

    embedding = torch.randn(vocab_size, recipe.d_model) * 0.02

    def frozen(layout: tuple[int, int]) -> Trainer:
        task = Task(name="{}x{}".format(*layout), layout=layout, recipe=recipe)
        return Trainer(task, vocab_size, device, embedding)

    if device != "cuda":
        for layout in LAYOUTS:
            found["{}x{}".format(*layout)] = _timed_plain(frozen(layout), text)
        return found
    own = Task(name="8x8", layout=(8, 8), recipe=replace(recipe, own_embedding=True))
    whole = Trainer(own, vocab_size, device)
    found["8x8 with its embedding, captured"] = _timed([whole], text, capture=True)
    for layout in LAYOUTS:
        name = "{}x{}".format(*layout)
        for capture in (False, True):
            way = "captured" if capture else "plain"
            found[f"{name}, {way}"] = _timed([frozen(layout)], text, capture=capture)
    for n in (8, 21):
        trainers = [frozen(LAYOUTS[i % 3]) for i in range(n)]
        found[f"{n} beside each other"] = _timed(trainers, text, capture=True)
    return found


def _vocab_size(tokenizer: Path) -> int:
    # Never fewer than the family's are to be: the cost of a step hangs on it.
    return max(9000, Tokenizer.from_file(str(tokenizer)).get_vocab_size())


def _timed_plain(trainer: Trainer, text: Tensor) -> dict:
    started = time.monotonic()
    while not trainer.is_done:
        loss = trainer.train_step(text)
    seconds = time.monotonic() - started
    return {"tokens_a_second": round(trainer.recipe.tokens / seconds), "loss": loss.item()}


def _timed(trainers: Sequence[Trainer], text: Tensor, *, capture: bool) -> dict:
    torch.cuda.reset_peak_memory_stats()
    begun = time.monotonic()
    trainings = [GpuTraining(trainer, text, capture=capture) for trainer in trainers]
    started = time.monotonic()
    while not trainers[0].is_done:
        for training in trainings:
            training.advance()
    losses = [training.wait() for training in trainings]
    seconds = time.monotonic() - started
    tokens = sum(trainer.recipe.tokens for trainer in trainers)
    return {
        "tokens_a_second": round(tokens / seconds),
        "step_ms": round(1000 * seconds / trainers[0].recipe.steps, 3),
        "capture_seconds": round(started - begun, 1),
        "captured": all(training.is_captured for training in trainings) == capture,
        "losses": [round(loss, 4) for loss in losses[:3]],
        "memory_gb": round(torch.cuda.max_memory_allocated() / 1e9, 1),
    }
