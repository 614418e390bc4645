"""How heads formed in training: what was kept of three layouts on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attention.assets import asset
from attention.errors import HeadcountError

FORMING = asset("forming.npz")


class FormingError(HeadcountError):
    """Nothing was kept of a training."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Forming:
    """One training, from random weights on, at ``n`` of its steps.

    Args:
        steps: int ``[n]``; how many the training had taken.
        tokens: int ``[n]``; how many it had read.
        losses: float ``[n]``, nats a token on held-out stories.
        scores: by name ("previous", "induction", "agreement_en" …) ``[n, n_layers, n_heads]``.
        sentences: the texts of the tiles.
        tiles: of each sentence the weights, uint8 ``[n, n_layers, n_heads, tokens, tokens]``: 255
            is 1.
    """

    n_heads: int
    n_kv_heads: int
    steps: np.ndarray
    tokens: np.ndarray
    losses: np.ndarray
    scores: Mapping[str, np.ndarray]
    sentences: tuple[str, ...]
    tiles: tuple[np.ndarray, ...]


def load_forming(path: Path = FORMING) -> tuple[Forming, ...]:
    """Every training that was kept, most KV heads first.

    Raises:
        FormingError: there is no such file.
    """
    if not path.exists():
        raise FormingError(f"No training is kept in {path}: run python -m attention train forming.")
    with np.load(path, allow_pickle=False) as file:
        sentences = tuple(str(text) for text in file["sentences"])
        layouts = [tuple(map(int, layout)) for layout in file["layouts"]]
        return tuple(_read(file, n_heads, kv, sentences) for n_heads, kv in layouts)


def save_forming(runs: Sequence[Forming], path: Path = FORMING) -> None:
    """Write trainings whose sentences are the same; :func:`load_forming` reads them."""
    ordered = sorted(runs, key=lambda run: (run.n_heads, -run.n_kv_heads))
    arrays: dict[str, np.ndarray] = {
        "layouts": np.array([(run.n_heads, run.n_kv_heads) for run in ordered]),
        "sentences": np.array(ordered[0].sentences),
    }
    for run in ordered:
        name = f"{run.n_heads}x{run.n_kv_heads}"
        arrays |= {f"{name}/steps": run.steps, f"{name}/tokens": run.tokens}
        arrays[f"{name}/losses"] = run.losses.astype(np.float32)
        for score, values in run.scores.items():
            arrays[f"{name}/score/{score}"] = values.astype(np.float16)
        for index, tiles in enumerate(run.tiles):
            arrays[f"{name}/tiles/{index}"] = tiles
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _read(
    file: Mapping[str, np.ndarray], n_heads: int, n_kv_heads: int, sentences: tuple[str, ...]
) -> Forming:
    name = f"{n_heads}x{n_kv_heads}"
    scores = f"{name}/score/"
    return Forming(
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        steps=file[f"{name}/steps"],
        tokens=file[f"{name}/tokens"],
        losses=file[f"{name}/losses"],
        scores={key.removeprefix(scores): file[key] for key in file if key.startswith(scores)},
        sentences=sentences,
        tiles=tuple(file[f"{name}/tiles/{index}"] for index in range(len(sentences))),
    )
