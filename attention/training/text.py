"""The whole training text as one file of rows, made once and read by every layout."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Protocol

import numpy as np
from tokenizers import Tokenizer

from attention.training.corpus import ROW_LEN, Corpus
from attention.training.encoding import Encoder
from attention.training.recipe import Recipe

TEXT_SEED = 0  # every recipe reads the same text, whatever its own seed
PIECE = 50  # steps that a process makes at a time


class Rows(Protocol):
    """What makes the rows of a step: :meth:`attention.training.corpus.Corpus.rows`."""

    def rows(
        self, step: int, n_repeats: int, n_stories: int, *, forming: bool = ...
    ) -> np.ndarray: ...


Source = Callable[[Path, int], Rows]  # of a tokenizer's file and a seed


def corpus_of(tokenizer: Path, seed: int) -> Corpus:
    """A corpus in the tokens of this tokenizer."""
    read = Tokenizer.from_file(str(tokenizer))
    encoder = Encoder(lambda text: read.encode(text).ids)
    return Corpus(encoder, read.get_vocab_size(), seed)


def open_text(
    recipe: Recipe, tokenizer: Path, folder: Path, pool: Executor, source: Source = corpus_of
) -> np.memmap:
    """The rows of every step, ``[steps, rows, ROW_LEN + 1]`` as :meth:`Corpus.rows` makes them,
    mapped from a file in ``folder``; made by the processes of ``pool`` if it is not there.

    Args:
        source: makes the rows; at the top of its module, for it goes to other processes.
    """
    path = folder / f"text-{_digest(recipe, source(tokenizer, TEXT_SEED))}.int16"
    shape = (recipe.steps, recipe.rows, ROW_LEN + 1)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        starts = range(0, recipe.steps, PIECE)
        with partial.open("wb") as file:
            tasks = [pool.submit(_piece, recipe, tokenizer, start, source) for start in starts]
            for task in tasks:
                file.write(task.result())
        partial.replace(path)
    return np.memmap(path, np.int16, "c", shape=shape)  # a tensor of it must be writable


def make_rows(corpus: Rows, recipe: Recipe, steps: range) -> Iterator[np.ndarray]:
    """The rows of some steps of a recipe, step by step."""
    for step in steps:
        repeats = recipe.n_repeats(step)
        forming = step < recipe.forming_steps
        yield corpus.rows(step, repeats, recipe.rows - repeats, forming=forming)


def _piece(recipe: Recipe, tokenizer: Path, start: int, source: Source) -> bytes:
    corpus = source(tokenizer, TEXT_SEED)
    steps = range(start, min(start + PIECE, recipe.steps))
    return b"".join(rows.tobytes() for rows in make_rows(corpus, recipe, steps))


def _digest(recipe: Recipe, corpus: Rows) -> str:
    """Changes with recipe, tokenizer and grammar: it is taken from a sample of the text itself."""
    said = hashlib.sha256(repr((recipe.steps, recipe.rows, recipe.forming_steps)).encode())
    for step in (0, recipe.steps // 2, recipe.steps - 1):
        for rows in make_rows(corpus, recipe, range(step, step + 1)):
            said.update(rows.tobytes())
    return said.hexdigest()[:12]
