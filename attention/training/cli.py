"""``python -m attention train``: reproduce any layout, or the whole family."""

import argparse
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

import torch

from attention.devices import pick_device
from attention.errors import HeadcountError
from attention.models.layouts.load import LAYOUTS
from attention.training.family import FAMILY, train_layout
from attention.training.trainer import Recipe

WORK = Path("training-checkpoints")


class TrainError(HeadcountError):
    """Arguments that name nothing that can be trained."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--layouts", default="all", metavar="8x2,4x1", help="n_heads x n_kv_heads, or all"
    )
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu")
    parser.add_argument("--jobs", type=int, default=None, help="layouts at a time")
    parser.add_argument("--out", type=Path, default=LAYOUTS, help="folder for weights and cards")
    parser.add_argument("--checkpoints", type=Path, default=WORK, help="to go on after a break")


def run(arguments: argparse.Namespace) -> int:
    """Train what was asked for; layouts whose checkpoint is there go on where they stopped."""
    layouts = parse_layouts(arguments.layouts)
    if arguments.steps < 1:
        raise TrainError(f"steps {arguments.steps} is too few: choose 1 or more.")
    device = pick_device(arguments.device)
    recipe = replace(Recipe(), seed=arguments.seed, steps=arguments.steps)
    # A thread for each layout serves small matrices better than threads that share one.
    jobs = arguments.jobs or (os.cpu_count() or 1 if device == "cpu" else 1)
    # Spawned: CUDA and torch's threads do not live on in a forked process.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(layouts)), mp_context=spawn) as pool:
        started = {
            pool.submit(
                _train_alone, layout, recipe, device, arguments.out, arguments.checkpoints
            ): layout
            for layout in layouts
        }
        for done in as_completed(started):
            print(summary(done.result()), flush=True)
    return 0


def parse_layouts(text: str) -> tuple[tuple[int, int], ...]:
    """``"8x2,4x1"`` or ``"all"``.

    Raises:
        TrainError: a layout that is not in the family.
    """
    if text == "all":
        return FAMILY
    known = {f"{n_heads}x{n_kv_heads}": (n_heads, n_kv_heads) for n_heads, n_kv_heads in FAMILY}
    for name in text.split(","):
        if name not in known:
            raise TrainError(f"layout {name!r} is not in the family: choose {', '.join(known)}.")
    return tuple(known[name] for name in text.split(","))


def _train_alone(
    layout: tuple[int, int], recipe: Recipe, device: str, out: Path, work: Path
) -> dict:
    if device == "cpu":
        torch.set_num_threads(1)
    name = "{}x{}".format(*layout)

    def progress(step: int, loss: float, left: float) -> None:
        print(
            f"{name}  step {step:,} of {recipe.steps:,}  loss {loss:.3f}  {left / 60:.0f} min left",
            file=sys.stderr,
            flush=True,
        )

    return train_layout(layout, recipe, device=device, out=out, work=work, progress=progress)


def summary(card: dict) -> str:
    """A card in one line."""
    verbs = card["agreement"]
    return (
        f"{card['n_heads']}/{card['n_kv_heads']}  loss {card['validation_loss']:.3f}  "
        f"previous {card['previous_token']['score']:.2f}  "
        f"induction {card['induction']['score']:.2f}  "
        f"agreement en {verbs['en']['accuracy']:.2f} hi {verbs['hi']['accuracy']:.2f}"
    )
