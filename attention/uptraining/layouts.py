"""A layout with fewer KV heads, trained on with the recipe and the text that it was trained with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch

from attention.models.layouts.model import TOKENIZER, LayoutModel
from attention.models.layouts.names import name_of
from attention.steps import Steps
from attention.training.recipe import Recipe
from attention.training.tasks import Task
from attention.training.text import TEXT_SEED, corpus_of
from attention.training.trainer import Trainer

SHARE = 0.05  # of the steps of the training, as Ainslie et al. 2023, section 3.1
ROWS = 6  # of a step, where the recipe has 24: 250 steps take half a minute on two cores
WARM_UP = 0.05  # of the steps; the recipe's 60 would be a quarter of them


@dataclass(frozen=True, eq=False)
class Uptrained:
    """What came of it.

    Args:
        losses: of each step, nats a token of the text that it read.
        tokens: that all steps read.
    """

    model: LayoutModel
    losses: tuple[float, ...]
    tokens: int


def n_steps(model: LayoutModel, share: float = SHARE) -> int:
    """So many steps are this share of its training."""
    return max(1, round(share * model.card["steps"]))


def uptrain(
    fewer: LayoutModel,
    *,
    n_steps: int,
    rows: int = ROWS,
    seed: int = 0,
    steps: Steps,
    told: Callable[[float], None] = lambda loss: None,
) -> Uptrained:
    """Train a layout on; ``fewer`` stays as it is.

    All weights but the embedding, which is the family's, are trained, as they were before: AdamW,
    a short warm-up, and the rate's decay to 0 at the end.

    Args:
        fewer: of :meth:`attention.models.base.Model.shared`.
        rows: of a step, each of 128 tokens.
        seed: of the order of the text.
        steps: counts the steps, ``n_steps`` of them.
        told: the loss of each step, once it is done.

    Raises:
        Cancelled: ``steps`` was told so.
    """
    trainer = _trainer(fewer, n_steps, rows, seed)
    corpus = corpus_of(TOKENIZER, TEXT_SEED)
    losses: list[float] = []
    for step in trainer.order:
        repeats = trainer.recipe.n_repeats(trainer.step)
        text = partial(corpus.rows, int(step), repeats, rows - repeats)
        losses.append(steps.take(partial(_step, trainer, text)))
        told(losses[-1])
    decoder = trainer.decoder.to(fewer.decoder.embedding.weight.dtype)
    card = fewer.card | {"validation_loss": None}
    model = LayoutModel(decoder.eval().requires_grad_(False), card, fewer.device)
    model.title = f"{fewer.title}, uptrained"
    return Uptrained(model, tuple(losses), trainer.recipe.tokens)


def _trainer(fewer: LayoutModel, n_steps: int, rows: int, seed: int) -> Trainer:
    config = fewer.decoder.config
    recipe = replace(
        Recipe(),
        d_model=config.attention.d_model,
        mlp_dim=config.mlp_dim,
        rope_bases=config.rope_bases,
        steps=n_steps,
        rows=rows,
        forming_share=0.0,
        warm_up=max(1, round(n_steps * WARM_UP)),
        look_back=False,
        seed=seed,
    )
    layout = (config.attention.n_heads, config.attention.n_kv_heads)
    task = Task(name=name_of(*layout), layout=layout, recipe=recipe)
    embedding = fewer.decoder.embedding.weight.float()
    with torch.random.fork_rng():  # it begins with random numbers, which are written over
        trainer = Trainer(task, config.vocab_size, fewer.device, embedding)
    trainer.decoder.load_state_dict(fewer.decoder.state_dict())
    return trainer


@torch.inference_mode(False)
def _step(trainer: Trainer, text: Callable[[], np.ndarray]) -> float:
    rows = torch.from_numpy(text()).to(trainer.device)
    trainer.rate.fill_(trainer.recipe.rate(trainer.step))
    trainer.step += 1
    with torch.enable_grad():
        return float(trainer.update(rows))
