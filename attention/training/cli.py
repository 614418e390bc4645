"""``python -m attention train``: reproduce any layout, or the whole family."""

import argparse
import json
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import torch

from attention.devices import pick_device
from attention.errors import HeadcountError
from attention.models.layouts.load import LAYOUTS
from attention.training.recipe import Recipe
from attention.training.trial import trial

WORK = Path("training-checkpoints")
CPU_ROWS = 8  # of a step: a quarter of the recipe's text, in as many steps


class TrainError(HeadcountError):
    """Arguments that name nothing that can be trained."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="*", default=["layouts"], help="layouts or trial")
    parser.add_argument(
        "--layouts", default="all", metavar="8x2,4x1", help="n_heads x n_kv_heads, or all"
    )
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--rows", type=int, default=None, help="of 128 tokens, a step")
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu")
    parser.add_argument("--jobs", type=int, default=None, help="layouts at a time")
    parser.add_argument("--out", type=Path, default=LAYOUTS, help="folder for weights and cards")
    parser.add_argument("--checkpoints", type=Path, default=WORK, help="to go on after a break")


def run(arguments: argparse.Namespace) -> int:
    """Train what was asked for; layouts whose checkpoint is there go on where they stopped."""
    device = pick_device(arguments.device)
    if device == "cuda":
        torch.set_float32_matmul_precision("high")  # TF32: ten bits of mantissa in products
    rows = arguments.rows or (CPU_ROWS if device == "cpu" else Recipe.rows)
    recipe = replace(Recipe(), seed=arguments.seed, steps=arguments.steps, rows=rows)
    # Spawned: CUDA and torch's threads do not live on in a forked process.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn) as pool:
        tokenizer = arguments.out.parent / "tokenizer.json"
        found = trial(recipe, tokenizer, arguments.checkpoints, pool, device)
        json.dump(found, sys.stdout, indent=1)
        print()
    return 0
