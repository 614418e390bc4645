"""What heads do at some steps of a training, measured from the weights that were kept there."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from attention.models.layouts.decoder import Decoder
from attention.models.layouts.forming import Forming
from attention.scores import ALL, of_weights
from attention.training.corpus import ROW_LEN
from attention.training.forming.stories import SENTENCES, VOCAB_SIZE, Stories
from attention.training.sentences import Chooser
from attention.training.tasks import Task
from attention.training.trainer import config_of, loss_of

HELD_OUT_SEED = 1_000_003  # far from every training seed
TEXTS = 32  # of which scores are the mean
ON_STORIES, ON_REPEATS = ("previous", "first"), ("induction", "duplicate")  # what is scored where


def snapshot_path(folder: Path, task: Task, step: int) -> Path:
    """Where the weights of a step are kept."""
    return folder / f"{task.name}-step{step}.safetensors"


def measure(task: Task, folder: Path, tokenizer: Path) -> Forming:
    """Every snapshot of a task, measured."""
    text = Stories(tokenizer, HELD_OUT_SEED)
    n_repeats = task.recipe.n_repeats(0)
    rows = text.rows(0, n_repeats, task.recipe.rows - n_repeats)
    stories = text.rows(1, 0, TEXTS)[:, :-1].tolist()
    sentences = [text.ids(sentence) for sentence in SENTENCES]
    loss, scores, tiles = [], [], []
    for step in task.snapshots:
        decoder = _decoder(task, snapshot_path(folder, task, step))
        with torch.no_grad():
            loss.append(loss_of(decoder, torch.from_numpy(rows)).item())
        on_repeats = _scores(decoder, repeats(), ON_REPEATS)
        scores.append(_scores(decoder, stories, ON_STORIES) | on_repeats)
        tiles.append([_tiles(decoder, ids) for ids in sentences])
    n_heads, n_kv_heads = task.layout
    steps = np.array(task.snapshots)
    return Forming(
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        steps=steps,
        tokens=steps * task.recipe.rows * ROW_LEN,
        losses=np.array(loss),
        scores={name: np.stack([each[name] for each in scores]) for name in scores[0]},
        sentences=SENTENCES,
        tiles=tuple(np.stack(each) for each in zip(*tiles, strict=True)),
    )


def repeats() -> list[list[int]]:
    """Random tokens, 12–24 of them, said twice."""
    choose = Chooser(f"repeats:{HELD_OUT_SEED}").random
    return [[choose.randrange(VOCAB_SIZE) for _ in range(choose.randint(12, 24))] * 2
            for _ in range(TEXTS)]  # fmt: skip


def _decoder(task: Task, path: Path) -> Decoder:
    weights = load_file(path)
    decoder = Decoder(config_of(task, len(weights["embedding.weight"])))
    decoder.load_state_dict({name: value.float() for name, value in weights.items()})
    return decoder.eval().requires_grad_(False)


def _scores(
    decoder: Decoder, texts: Sequence[Sequence[int]], names: Sequence[str]
) -> dict[str, np.ndarray]:
    """By name ``[n_layers, n_heads]``, the mean over the texts."""
    kinds = [kind for kind in ALL if kind.name in names]
    found = []  # [texts][layers][heads] of scores
    for ids in texts:
        layers = decoder.trace(torch.tensor([list(ids)])).layers
        found.append([of_weights(layer.weights[0].numpy(), ids, True, kinds=kinds)
                      for layer in layers])  # fmt: skip
    return {
        name: np.mean([[[head[name] or 0.0 for head in heads] for heads in layers]
                       for layers in found], axis=0)
        for name in names
    }  # fmt: skip


def _tiles(decoder: Decoder, ids: Sequence[int]) -> np.ndarray:
    """uint8 ``[n_layers, n_heads, tokens, tokens]``."""
    layers = decoder.trace(torch.tensor([list(ids)])).layers
    weights = torch.stack([layer.weights[0] for layer in layers])
    return (weights * 255).round().to(torch.uint8).numpy()
