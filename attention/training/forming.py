"""What heads do at some steps of a training, measured from the weights that were kept there."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from attention.models.layouts.decoder import Decoder
from attention.models.layouts.forming import Forming
from attention.training import probes
from attention.training.corpus import ROW_LEN, Corpus
from attention.training.encoding import Encoder
from attention.training.evaluation import ask, induction_scores, losses, text_scores
from attention.training.gate import HELD_OUT_SEED, referent_probes
from attention.training.languages import LANGUAGES
from attention.training.probes import Probe
from attention.training.tasks import Task
from attention.training.trainer import config_of

SENTENCES = (
    "The keys near the old cabinet are lost.",
    "The animal did not cross the street because it was too tired. So the animal slept.",
    "Maya bought bread, milk and rice. Tom bought bread, milk and rice.",
)
VERBS_A_FORM, PAIRS = 20, 40  # probes: each snapshot asks them all


def snapshot_path(folder: Path, task: Task, step: int) -> Path:
    """Where the weights of a step are kept."""
    return folder / f"{task.name}-step{step}.safetensors"


def measure(task: Task, folder: Path, encoder: Encoder) -> Forming:
    """Every snapshot of a task, measured."""
    asked = _probes(encoder)
    texts = [_ids(text, encoder) for text in SENTENCES]
    loss, scores, tiles = [], [], []
    for step in task.snapshots:
        weights = load_file(snapshot_path(folder, task, step))
        decoder = Decoder(config_of(task, len(weights["embedding.weight"])))
        decoder.load_state_dict({name: value.float() for name, value in weights.items()})
        decoder.eval().requires_grad_(False)
        corpus = Corpus(encoder, decoder.config.vocab_size, HELD_OUT_SEED)
        loss.append(losses(decoder, corpus, n_stories=32)[0])
        scores.append(
            {
                "previous": text_scores(decoder, corpus, ("previous",))["previous"].heads,
                "induction": induction_scores(decoder, encoder, HELD_OUT_SEED).heads,
                **{name: ask(decoder, some).weights for name, some in asked.items()},
            }
        )
        tiles.append([_tiles(decoder, ids) for ids in texts])
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


def _probes(encoder: Encoder) -> dict[str, list[Probe]]:
    asked: dict[str, list[Probe]] = {}
    for language in LANGUAGES:
        asked[f"agreement_{language}"] = probes.agreement(
            language, "combinations", VERBS_A_FORM, encoder, HELD_OUT_SEED, None
        )
        for kind, some in referent_probes(language, "combinations", encoder).items():
            asked[f"{kind}_{language}"] = some[:PAIRS]
    return asked


def _ids(text: str, encoder: Encoder) -> list[int]:
    return [i for word in encoder.words(probes.words_of(text)) for i in word]


def _tiles(decoder: Decoder, ids: list[int]) -> np.ndarray:
    """uint8 ``[n_layers, n_heads, tokens, tokens]``."""
    layers = decoder.trace(torch.tensor([ids])).layers
    weights = torch.stack([layer.weights[0] for layer in layers])
    return (weights * 255).round().to(torch.uint8).numpy()
