"""A layout with fewer KV heads, trained on with its own recipe and text."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from safetensors.torch import save_file

from attention.interventions.sharing import Sharing
from attention.models.layouts.model import TOKENIZER, LayoutModel
from attention.models.layouts.names import name_of
from attention.training.corpus import ROW_LEN
from attention.training.recipe import Recipe
from attention.training.tasks import Task
from attention.training.text import TEXT_SEED, corpus_of
from attention.training.trainer import Trainer
from attention.uptraining.work import Point

SHARE = 0.05  # of the steps of its training, as Ainslie et al. 2023, section 3.1
ROWS = 6  # of a step, where the recipe has 24: so 250 steps take half a minute on two cores
WARM_UP = 0.05  # of the steps; the recipe's 60 would be a quarter of them


def n_steps(original: LayoutModel) -> int:
    """:data:`SHARE` of the steps of its training."""
    return max(1, round(SHARE * original.card["steps"]))


class LayoutUptraining:
    """One uptraining; see :class:`attention.uptraining.work.Uptraining`.

    All weights but the embedding, which is the family's, are trained, as they were before: AdamW,
    a short warm-up, and the rate's decay to 0 at the end.

    Args:
        original: stays as it is.
        steps: left out, :data:`SHARE` of those of its training.
        rows: of a step, each of 128 tokens.
        seed: of the order of the text.

    Raises:
        SharingError: its KV heads do not divide so.
    """

    def __init__(
        self,
        original: LayoutModel,
        sharing: Sharing,
        *,
        steps: int | None = None,
        rows: int = ROWS,
        seed: int = 0,
    ) -> None:
        self.original, self.sharing = original, sharing
        self.total = steps or n_steps(original)
        self.done, self.seconds, self.curve = 0, 0.0, list[Point]()
        self._fewer = original.shared(sharing)
        self._trainer = _trainer(self._fewer, self.total, rows, seed)
        self._corpus = corpus_of(TOKENIZER, TEXT_SEED)

    def updates(self) -> Iterator[Callable[[], Point]]:
        """See :meth:`attention.uptraining.work.Uptraining.updates`."""
        while self.done < self.total:
            yield self._update

    @torch.inference_mode(False)
    def _update(self) -> Point:
        started, trainer = perf_counter(), self._trainer
        recipe, step = trainer.recipe, int(trainer.order[self.done])
        repeats = recipe.n_repeats(self.done)
        rows = self._corpus.rows(step, repeats, recipe.rows - repeats)
        trainer.rate.fill_(recipe.rate(self.done))
        with torch.enable_grad():
            loss = trainer.update(torch.from_numpy(rows).to(trainer.device)).item()
        self.done, self.seconds = self.done + 1, self.seconds + perf_counter() - started
        self.curve.append(Point("text", self.done * recipe.rows * ROW_LEN, loss))
        return self.curve[-1]

    def save(self) -> None:
        """It takes half a minute: there is no checkpoint."""

    def how(self) -> dict[str, Any]:
        """The recipe."""
        return {"recipe": asdict(self._trainer.recipe)}

    def model(self) -> LayoutModel:
        """See :meth:`attention.uptraining.work.Uptraining.model`."""
        decoder = deepcopy(self._trainer.decoder).half()
        ready = decoder.to(self._fewer.decoder.embedding.weight.dtype).eval().requires_grad_(False)
        found = LayoutModel(ready, self._fewer.card, self.original.device)
        found.title = f"{self._fewer.title}, uptrained"
        return found

    def keep(self, card: dict[str, Any], file: Path) -> None:
        """All weights but the embedding, which is the family's."""
        weights = self._trainer.decoder.state_dict()
        del weights["embedding.weight"]
        save_file({name: value.half().cpu().contiguous() for name, value in weights.items()}, file)
        file.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _trainer(fewer: LayoutModel, steps: int, rows: int, seed: int) -> Trainer:
    config = fewer.decoder.config
    recipe = replace(
        Recipe(),
        d_model=config.attention.d_model,
        mlp_dim=config.mlp_dim,
        rope_bases=config.rope_bases,
        steps=steps,
        rows=rows,
        forming_share=0.0,
        warm_up=max(1, round(steps * WARM_UP)),
        look_back=False,
        seed=seed,
    )
    layout = (config.attention.n_heads, config.attention.n_kv_heads)
    task = Task(name=name_of(*layout), layout=layout, recipe=recipe)
    with torch.random.fork_rng():  # it begins with random numbers, which are written over
        embedding = fewer.decoder.embedding.weight.float()
        trainer = Trainer(task, config.vocab_size, fewer.device, embedding)
    trainer.decoder.load_state_dict(fewer.decoder.state_dict())
    return trainer
