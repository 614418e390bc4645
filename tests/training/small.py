"""A small training that every test of it shares: few tokens, few steps, narrow layers."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from attention.models.layouts.model import TOKENIZER
from attention.training.corpus import Corpus
from attention.training.encoding import Encoder
from attention.training.recipe import Recipe
from attention.training.tasks import Task
from attention.training.text import TEXT_SEED, corpus_of, make_rows
from attention.training.trainer import Trainer

RECIPE = replace(
    Recipe(),
    d_model=32, mlp_dim=32, rope_bases=(100.0, None), steps=40, rows=4, warm_up=4,
    own_embedding=True,
)  # fmt: skip
LAYOUT = (4, 2)


@cache
def corpus(seed: int = TEXT_SEED) -> Corpus:
    return corpus_of(Path(TOKENIZER), seed)


def encoder() -> Encoder:
    return corpus().encoder


def vocab_size() -> int:
    return corpus().vocab_size


@cache
def text(recipe: Recipe = RECIPE) -> torch.Tensor:
    rows = make_rows(corpus(), recipe, range(recipe.steps))
    return torch.from_numpy(np.stack(list(rows)))


def task(recipe: Recipe = RECIPE, **changes: object) -> Task:
    return Task(**{"name": "4x2", "layout": LAYOUT, "recipe": recipe} | changes)


def trainer(recipe: Recipe = RECIPE, device: str = "cpu") -> Trainer:
    return Trainer(task(recipe), vocab_size(), device)
