"""What heads do at some steps of a training, measured from the weights that were kept there."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from attention.models.layouts.decoder import Decoder
from attention.models.layouts.forming import Forming
from attention.training import evaluation, letters, probes
from attention.training.corpus import ROW_LEN
from attention.training.encoding import Encoder
from attention.training.evaluation import ask, induction_scores, losses, scores_of, text_scores
from attention.training.gate import HELD_OUT_SEED, referent_probes
from attention.training.languages import LANGUAGES
from attention.training.probes import Probe
from attention.training.sentences import Chooser
from attention.training.tasks import Task
from attention.training.text import source_of
from attention.training.trainer import config_of

VERBS_A_FORM, PAIRS = 20, 40  # probes: each snapshot asks them all
SEGMENT = 12, 24  # letters of a segment that is said twice, for induction


class Checks(ABC):
    """What is asked of every snapshot besides its loss and its previous-token heads.

    Args:
        sentences: of the tiles.
    """

    sentences: Sequence[str]

    @abstractmethod
    def ids(self, text: str) -> list[int]:
        """A sentence as the model reads it."""

    @abstractmethod
    def scores(self, decoder: Decoder) -> Mapping[str, np.ndarray]:
        """By name ``[n_layers, n_heads]``."""


class OfWords(Checks):
    """Induction on words, and the links of sentences."""

    sentences = (
        "The keys near the old cabinet are lost.",
        "The animal did not cross the street because it was too tired. So the animal slept.",
        "Maya bought bread, milk and rice. Tom bought bread, milk and rice.",
    )

    def __init__(self, tokenizer: Path) -> None:
        read = Tokenizer.from_file(str(tokenizer))
        self._encoder = Encoder(lambda text: read.encode(text).ids)
        self._probes = _probes(self._encoder)

    def ids(self, text: str) -> list[int]:
        return [i for word in self._encoder.words(probes.words_of(text)) for i in word]

    def scores(self, decoder: Decoder) -> Mapping[str, np.ndarray]:
        return {
            "induction": induction_scores(decoder, self._encoder, HELD_OUT_SEED).heads,
            **{name: ask(decoder, some).weights for name, some in self._probes.items()},
        }


class OfLetters(Checks):
    """Induction on letters in no order."""

    sentences = (
        "The cat sat. The cat sat.",
        "kXq7vJbzWkXq7vJbzWkXq7vJbzW",
        "Maya saw Tom. Maya saw To",
    )

    def __init__(self) -> None:
        choose = Chooser(f"induction:{HELD_OUT_SEED}")
        self._texts = [
            letters.disorder(choose, choose.random.randint(*SEGMENT)) * 2
            for _ in range(evaluation.INDUCTION_TEXTS)
        ]

    def ids(self, text: str) -> list[int]:
        return letters.ids_of_text(text)

    def scores(self, decoder: Decoder) -> Mapping[str, np.ndarray]:
        return {"induction": scores_of(decoder, self._texts, ("induction",))["induction"].heads}


def snapshot_path(folder: Path, task: Task, step: int) -> Path:
    """Where the weights of a step are kept."""
    return folder / f"{task.name}-step{step}.safetensors"


def measure(task: Task, folder: Path, tokenizer: Path) -> Forming:
    """Every snapshot of a task, measured."""
    recipe, (n_heads, n_kv_heads) = task.recipe, task.layout
    checks = OfLetters() if recipe.text == "letters" else OfWords(tokenizer)
    texts = [checks.ids(text) for text in checks.sentences]
    held_out = source_of(recipe, tokenizer, HELD_OUT_SEED)
    loss, scores, tiles = [], [], []
    for step in task.snapshots:
        decoder = _decoder(task, snapshot_path(folder, task, step))
        loss.append(losses(decoder, held_out, n_stories=32)[0])
        previous = text_scores(decoder, held_out, ("previous",))["previous"].heads
        scores.append({"previous": previous, **checks.scores(decoder)})
        tiles.append([_tiles(decoder, ids) for ids in texts])
    steps = np.array(task.snapshots)
    return Forming(
        text=recipe.text,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        steps=steps,
        tokens=steps * recipe.rows * ROW_LEN,
        losses=np.array(loss),
        scores={name: np.stack([each[name] for each in scores]) for name in scores[0]},
        sentences=tuple(checks.sentences),
        tiles=tuple(np.stack(each) for each in zip(*tiles, strict=True)),
    )


def _decoder(task: Task, path: Path) -> Decoder:
    weights = load_file(path)
    decoder = Decoder(config_of(task, len(weights["embedding.weight"])))
    decoder.load_state_dict({name: value.float() for name, value in weights.items()})
    return decoder.eval().requires_grad_(False)


def _probes(encoder: Encoder) -> dict[str, list[Probe]]:
    asked: dict[str, list[Probe]] = {}
    for language in LANGUAGES:
        asked[f"agreement_{language}"] = probes.agreement(
            language, "combinations", VERBS_A_FORM, encoder, HELD_OUT_SEED, None
        )
        for kind, some in referent_probes(language, "combinations", encoder).items():
            asked[f"{kind}_{language}"] = some[:PAIRS]
    return asked


def _tiles(decoder: Decoder, ids: list[int]) -> np.ndarray:
    """uint8 ``[n_layers, n_heads, tokens, tokens]``."""
    layers = decoder.trace(torch.tensor([ids])).layers
    weights = torch.stack([layer.weights[0] for layer in layers])
    return (weights * 255).round().to(torch.uint8).numpy()
