"""The 21 layouts: trained one by one, each kept as weights and a card."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import safetensors
import tokenizers
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from attention.config import divisors
from attention.training.card import build_card
from attention.training.corpus import Corpus
from attention.training.make_tokenizer import make_tokenizer
from attention.training.trainer import Recipe, Trainer

HEAD_COUNTS = (1, 2, 4, 8, 16, 32)
FAMILY = tuple((n_heads, kv) for n_heads in HEAD_COUNTS for kv in divisors(n_heads))
CHECKPOINT_EVERY = 250  # steps
Progress = Callable[[int, float, float], None]  # step, loss, seconds left


def train_layout(
    layout: tuple[int, int], recipe: Recipe, *, device: str, out: Path, work: Path,
    progress: Progress,
) -> dict:  # fmt: skip
    """Train one layout, or go on where a checkpoint in ``work`` stopped, and write it to ``out``.

    Args:
        layout: ``(n_heads, n_kv_heads)``.
        out: gets ``{H}x{G}.safetensors`` (float16) and ``{H}x{G}.json`` (the card).
        progress: called every now and then.

    Returns:
        The card.
    """
    name = "{}x{}".format(*layout)
    tokenizer = load_tokenizer(out.parent / "tokenizer.json")
    corpus = Corpus(
        lambda text: tokenizer.encode(text).ids, tokenizer.get_vocab_size(), recipe.seed
    )
    trainer = Trainer(recipe, *layout, corpus, tokenizer.get_vocab_size(), device)
    checkpoint = work / f"{name}-seed{recipe.seed}.pt"
    work.mkdir(parents=True, exist_ok=True)
    trainer.resume(checkpoint)
    _run(trainer, checkpoint, progress)

    weights = {k: v.half().contiguous() for k, v in trainer.decoder.state_dict().items()}
    # The card is measured on what the app will load: the weights after rounding.
    trainer.decoder.load_state_dict({k: v.float() for k, v in weights.items()})
    card = build_card(trainer, tokenizer, versions())
    out.mkdir(parents=True, exist_ok=True)
    save_file(weights, out / f"{name}.safetensors")
    text = json.dumps(card, indent=1, ensure_ascii=False)
    (out / f"{name}.json").write_text(text + "\n", "utf-8")
    return card


def _run(trainer: Trainer, checkpoint: Path, progress: Progress) -> None:
    begun_at, begun = trainer.step, time.monotonic()
    seconds_before = trainer.seconds
    while trainer.step < trainer.recipe.steps:
        loss = trainer.train_step()
        spent = time.monotonic() - begun
        trainer.seconds = seconds_before + spent
        if trainer.step % CHECKPOINT_EVERY == 0:
            trainer.save(checkpoint)
        if trainer.step % 50 == 0:
            left = (trainer.recipe.steps - trainer.step) * spent / (trainer.step - begun_at)
            progress(trainer.step, loss, left)


def load_tokenizer(path: Path) -> Tokenizer:
    """The family's tokenizer; trained and kept the first time."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        make_tokenizer().save(str(path), pretty=False)
    return Tokenizer.from_file(str(path))


def versions() -> dict[str, str]:
    """What the weights were made with."""
    return {
        "torch": torch.__version__,
        "tokenizers": tokenizers.__version__,
        "safetensors": safetensors.__version__,
    }
