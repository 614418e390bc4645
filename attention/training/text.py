"""The whole training text as one file of rows, made once and read by every layout."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from attention.training.corpus import ROW_LEN, Corpus, TrainingText
from attention.training.encoding import Encoder
from attention.training.letters import Letters
from attention.training.recipe import Recipe

TEXT_SEED = 0  # every recipe reads the same text, whatever its own seed
PIECE = 50  # steps that a process makes at a time


def open_text(recipe: Recipe, tokenizer: Path, folder: Path, pool: Executor) -> np.memmap:
    """The rows of every step, ``[steps, rows, ROW_LEN + 1]`` as :meth:`TrainingText.rows` makes
    them, mapped from a file in ``folder``; made by the processes of ``pool`` if it is not there.
    """
    path = folder / f"text-{_digest(recipe, tokenizer)}.int16"
    shape = (recipe.steps, recipe.rows, ROW_LEN + 1)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        starts = range(0, recipe.steps, PIECE)
        with partial.open("wb") as file:
            tasks = [pool.submit(_piece, recipe, tokenizer, start) for start in starts]
            for task in tasks:
                file.write(task.result())
        partial.replace(path)
    return np.memmap(path, np.int16, "c", shape=shape)  # a tensor of it must be writable


def corpus_of(tokenizer: Path, seed: int) -> Corpus:
    """A corpus in the tokens of this tokenizer."""
    read = Tokenizer.from_file(str(tokenizer))
    encoder = Encoder(lambda text: read.encode(text).ids)
    return Corpus(encoder, read.get_vocab_size(), seed)


def source_of(recipe: Recipe, tokenizer: Path, seed: int) -> TrainingText:
    """The text that a recipe reads; ``tokenizer`` cuts it where it is read word by word."""
    return Letters(seed) if recipe.text == "letters" else corpus_of(tokenizer, seed)


def make_rows(corpus: TrainingText, recipe: Recipe, steps: range) -> Iterator[np.ndarray]:
    """The rows of some steps of a recipe, step by step."""
    for step in steps:
        repeats = recipe.n_repeats(step)
        forming = step < recipe.forming_steps
        yield corpus.rows(step, repeats, recipe.rows - repeats, forming=forming)


def _piece(recipe: Recipe, tokenizer: Path, start: int) -> bytes:
    corpus = source_of(recipe, tokenizer, TEXT_SEED)
    steps = range(start, min(start + PIECE, recipe.steps))
    return b"".join(rows.tobytes() for rows in make_rows(corpus, recipe, steps))


def _digest(recipe: Recipe, tokenizer: Path) -> str:
    """Changes with recipe, tokenizer and grammar: it is taken from a sample of the text itself."""
    corpus = source_of(recipe, tokenizer, TEXT_SEED)
    said = hashlib.sha256(repr((recipe.steps, recipe.rows, recipe.forming_steps)).encode())
    for step in (0, recipe.steps // 2, recipe.steps - 1):
        for rows in make_rows(corpus, recipe, range(step, step + 1)):
            said.update(rows.tobytes())
    return said.hexdigest()[:12]
