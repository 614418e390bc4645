"""How fast this machine trains, and whether a captured step does what a plain one does."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from attention.training.captured import GpuTraining
from attention.training.recipe import Recipe
from attention.training.tasks import Layout, embedding_task, layout_tasks, name_of
from attention.training.text import open_text
from attention.training.trainer import Trainer, as_text

LAYOUTS = ((8, 2), (32, 8), (1, 1))


def trial(
    recipe: Recipe, tokenizer: Path, work: Path, pool: Executor, device: str
) -> Iterator[tuple[str, dict]]:
    """Short trainings, timed, one by one.

    Yields:
        What was tried, and of it tokens a second, the last loss, on a GPU the memory.
    """
    started = time.monotonic()
    rows = open_text(recipe, tokenizer, work, pool)
    seconds = time.monotonic() - started
    yield "text", {"seconds": round(seconds, 1), "tokens": recipe.tokens}
    text, vocab_size = as_text(rows, device), _vocab_size(tokenizer)
    generator = torch.Generator().manual_seed(0)
    embedding = torch.randn(vocab_size, recipe.d_model, generator=generator) * 0.02

    def trainer(layout: Layout) -> Trainer:
        return Trainer(layout_tasks(recipe, [layout])[0], vocab_size, device, embedding)

    if device != "cuda":
        for layout in LAYOUTS:
            yield name_of(layout), _timed_plain(trainer(layout), text)
        return
    for layout in LAYOUTS:
        for capture in (False, True):
            way = "captured" if capture else "plain"
            yield f"{name_of(layout)}, {way}", _timed([trainer(layout)], text, capture=capture)
    for n in (8, 21):
        trainers = [trainer(LAYOUTS[i % len(LAYOUTS)]) for i in range(n)]
        yield f"{n} beside each other", _timed(trainers, text, capture=True)
    whole = Trainer(embedding_task(recipe), vocab_size, device)
    yield "8x8 and its embedding, captured", _timed([whole], text, capture=True)


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
