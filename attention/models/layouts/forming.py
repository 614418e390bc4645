"""How heads formed in training: what was kept of three layouts on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from attention.assets import asset
from attention.errors import HeadcountError

FORMING = asset("forming.npz")
Text = Literal["letters", "words"]
TEXTS: tuple[Text, ...] = get_args(Text)


class FormingError(HeadcountError):
    """Nothing was kept of a training."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Forming:
    """One training, from random weights on, at ``n`` of its steps.

    Args:
        text: how it read the stories: word by word, as the family does, or letter by letter.
        steps: int ``[n]``; how many the training had taken.
        tokens: int ``[n]``; how many it had read.
        losses: float ``[n]``, nats a token on held-out stories.
        scores: by name ("previous", "induction", "agreement_en" …) ``[n, n_layers, n_heads]``.
        sentences: the texts of the tiles.
        tiles: of each sentence the weights, uint8 ``[n, n_layers, n_heads, tokens, tokens]``: 255
            is 1.
    """

    text: Text
    n_heads: int
    n_kv_heads: int
    steps: np.ndarray
    tokens: np.ndarray
    losses: np.ndarray
    scores: Mapping[str, np.ndarray]
    sentences: tuple[str, ...]
    tiles: tuple[np.ndarray, ...]


def load_forming(path: Path = FORMING) -> tuple[Forming, ...]:
    """Every training that was kept, most KV heads of a text first.

    Raises:
        FormingError: there is no such file.
    """
    if not path.exists():
        raise FormingError(
            "No training is kept in {path}: run python -m attention train letters forming.",
            path=path,
        )
    with np.load(path, allow_pickle=False) as file:
        return tuple(
            _read(file, text, *map(int, layout))
            for text in TEXTS
            if f"{text}/layouts" in file
            for layout in file[f"{text}/layouts"]
        )


def save_forming(runs: Sequence[Forming], path: Path = FORMING) -> None:
    """Write trainings, those of a text with the same sentences; what is kept of others stays."""
    new = {run.text for run in runs}
    others = [run for run in load_forming(path) if run.text not in new] if path.exists() else []
    arrays: dict[str, np.ndarray] = {}
    for text in TEXTS:
        kept = [run for run in (*others, *runs) if run.text == text]
        kept.sort(key=lambda run: (run.n_heads, -run.n_kv_heads))
        if kept:
            layouts = [(run.n_heads, run.n_kv_heads) for run in kept]
            arrays[f"{text}/layouts"] = np.array(layouts)
            arrays[f"{text}/sentences"] = np.array(kept[0].sentences)
        for run in kept:
            arrays |= _arrays(run)
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _arrays(run: Forming) -> dict[str, np.ndarray]:
    arrays = {"steps": run.steps, "tokens": run.tokens, "losses": run.losses.astype(np.float32)}
    arrays |= {f"score/{name}": scores.astype(np.float16) for name, scores in run.scores.items()}
    arrays |= {f"tiles/{index}": tiles for index, tiles in enumerate(run.tiles)}
    return {f"{run.text}/{run.n_heads}x{run.n_kv_heads}/{key}": a for key, a in arrays.items()}


def _read(file: Mapping[str, np.ndarray], text: Text, n_heads: int, n_kv_heads: int) -> Forming:
    name = f"{text}/{n_heads}x{n_kv_heads}"
    scores = f"{name}/score/"
    sentences = tuple(str(sentence) for sentence in file[f"{text}/sentences"])
    return Forming(
        text=text,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        steps=file[f"{name}/steps"],
        tokens=file[f"{name}/tokens"],
        losses=file[f"{name}/losses"],
        scores={key.removeprefix(scores): file[key] for key in file if key.startswith(scores)},
        sentences=sentences,
        tiles=tuple(file[f"{name}/tiles/{index}"] for index in range(len(sentences))),
    )
