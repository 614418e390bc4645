"""Trains tasks beside each other: in processes on CPU cores, on streams of one GPU."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from safetensors.torch import save_file

from attention.sweep import sweep
from attention.training.captured import GpuTraining
from attention.training.finish import finish, shared_embedding
from attention.training.forming import snapshot_path
from attention.training.tasks import Task
from attention.training.text import TEXT_SEED, source_of
from attention.training.trainer import Trainer, as_text

CHECKPOINT_EVERY = 60.0  # seconds
LOOK_EVERY = 50  # steps
Progress = Callable[[Task, int, float, float], None]  # step, loss, seconds left


@dataclass(frozen=True)
class Places:
    """Files and folders of a training.

    Args:
        tokenizer: its file.
        out: gets weights, cards and the embedding.
        work: checkpoints and text.
    """

    tokenizer: Path
    out: Path
    work: Path

    def checkpoint(self, task: Task) -> Path:
        return self.work / f"{task.name}.pt"


def train(
    tasks: Sequence[Task], text: np.memmap, places: Places, device: str, n_beside: int,
    pool: Executor, progress: Progress, done: Callable[[Task, object], None],
) -> None:  # fmt: skip
    """Train every task, or go on where its checkpoint stopped, and keep what it is for.

    Args:
        text: see :func:`attention.training.text.open_text`.
        n_beside: how many at a time; on a CPU see :func:`attention.sweep.sweep`.
        pool: processes, which on a GPU measure what was trained.
        done: called with each task and what :func:`finish` gave.
    """
    if device == "cuda":
        measured = _on_gpu(tasks, text, places, n_beside, pool, progress)
        for future in as_completed(measured):
            done(measured[future], future.result())
        return
    # A process maps the file itself.
    given = (Path(str(text.filename)), text.shape, places, device, progress)
    found = sweep(partial(_alone, given), tasks, n_beside)
    for task, left in zip(tasks, found, strict=True):
        done(task, left)


def _alone(given: tuple[Path, tuple[int, ...], Places, str, Progress], task: Task) -> object:
    """One task in this process, by plain steps.

    Args:
        given: the file of the text and its shape, and what :func:`train` was told.
    """
    path, shape, places, device, progress = given
    text = as_text(np.memmap(path, np.int16, "c", shape=shape), device)
    trainer = make_trainer(task, places, device)
    begun, clock = trainer.step, _Clock(trainer)
    _snapshot(trainer, places)
    while not trainer.is_done:
        loss = trainer.train_step(text)
        _snapshot(trainer, places)
        if trainer.step % LOOK_EVERY == 0:
            clock.look(places.checkpoint(task))
            left = clock.spent * (trainer.recipe.steps - trainer.step) / (trainer.step - begun)
            progress(task, trainer.step, loss.item(), left)
    clock.stop(places.checkpoint(task))
    return finish(task, places.checkpoint(task), places.tokenizer, places.out, device)


def _on_gpu(
    tasks: Sequence[Task], text: np.memmap, places: Places, n_beside: int, pool: Executor,
    progress: Progress,
) -> dict[Future, Task]:  # fmt: skip
    """All tasks in this process, ``n_beside`` at a time; what is done is measured meanwhile."""
    on_device, queue = as_text(text, "cuda"), list(tasks)
    running: list[tuple[GpuTraining, _Clock]] = []
    measured: dict[Future, Task] = {}
    while queue or running:
        while queue and len(running) < n_beside:
            trainer = make_trainer(queue.pop(0), places, "cuda")
            running.append((GpuTraining(trainer, on_device), _Clock(trainer)))
            _snapshot(trainer, places)
        for training, clock in running:
            trainer = training.trainer
            if not trainer.is_done:
                training.advance()
            if trainer.step in trainer.task.snapshots:
                training.wait()
                _snapshot(trainer, places)
            if trainer.step % LOOK_EVERY == 0:  # waiting also keeps the queue of launches short
                loss = training.wait()
                clock.look(places.checkpoint(trainer.task))
                left = clock.spent * (trainer.recipe.steps / trainer.step - 1)
                progress(trainer.task, trainer.step, loss, left)
        for training, clock in [each for each in running if each[0].trainer.is_done]:
            training.wait()
            running.remove((training, clock))
            task = training.trainer.task
            clock.stop(places.checkpoint(task))
            given = (task, places.checkpoint(task), places.tokenizer, places.out, "cuda")
            measured[pool.submit(finish, *given)] = task
    return measured


class _Clock:
    """Counts a training's seconds, and saves it now and then."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer, self._before = trainer, trainer.seconds
        self._begun = self._saved = time.monotonic()

    @property
    def spent(self) -> float:
        return time.monotonic() - self._begun

    def look(self, checkpoint: Path) -> None:
        if time.monotonic() - self._saved > CHECKPOINT_EVERY:
            self.stop(checkpoint)

    def stop(self, checkpoint: Path) -> None:
        self._trainer.seconds = self._before + self.spent
        self._trainer.save(checkpoint)
        self._saved = time.monotonic()


def make_trainer(task: Task, places: Places, device: str) -> Trainer:
    """A trainer at the step of its checkpoint, with the embedding that its recipe says."""
    vocab_size = source_of(task.recipe, places.tokenizer, TEXT_SEED).vocab_size
    embedding = None if task.recipe.own_embedding else shared_embedding(places.out)
    trainer = Trainer(task, vocab_size, device, embedding)
    trainer.resume(places.checkpoint(task))
    return trainer


def _snapshot(trainer: Trainer, places: Places) -> None:
    if trainer.step in trainer.task.snapshots:
        weights = trainer.decoder.state_dict().items()
        halved = {name: value.half().cpu().contiguous() for name, value in weights}
        save_file(halved, snapshot_path(places.work, trainer.task, trainer.step))
