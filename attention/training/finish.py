"""What is kept of a training that is done: weights, card, figures."""

import json
from collections.abc import Sequence
from pathlib import Path

import safetensors
import tokenizers
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from attention import atlas
from attention.models.layouts.decoder import Decoder
from attention.models.layouts.forming import Forming
from attention.models.layouts.load import EMBEDDING, load_layout
from attention.models.layouts.model import LayoutModel
from attention.models.layouts.names import name_of
from attention.training import forming
from attention.training.card import Questions, build_card, figures_card, measured, roles_card
from attention.training.encoding import Encoder
from attention.training.tasks import Task
from attention.training.trainer import config_of

SHARING = "sharing.json"


def finish(task: Task, checkpoint: Path, tokenizer: Path, out: Path, device: str) -> dict | Forming:
    """Measure what a checkpoint holds and keep it in ``out``.

    Args:
        device: that the task was trained on; what is measured here is measured on the CPU.

    Returns:
        The card; of a task of another kind what it is kept as.
    """
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    out.mkdir(parents=True, exist_ok=True)
    # What is measured is what will be loaded: the weights after rounding.
    weights = {name: value.half() for name, value in state["decoder"].items()}
    if task.kept == "embedding":
        save_file({"embedding.weight": weights["embedding.weight"]}, out / EMBEDDING)
        return {"vocab_size": len(weights["embedding.weight"])}
    if task.kept == "forming":
        return forming.measure(task, checkpoint.parent, tokenizer)
    read = Tokenizer.from_file(str(tokenizer))
    encoder = Encoder(lambda text: read.encode(text).ids)
    card = build_card(
        decoder_of(task, weights), task, encoder,
        device=device, seconds=state["seconds"], versions=versions(),
    )  # fmt: skip
    if task.kept == "figures":
        return figures_card(card)
    card |= roles_of(LayoutModel(decoder_of(task, weights), card, "cpu"), read)
    del weights["embedding.weight"]
    save_file(weights, out / f"{task.name}.safetensors")
    (out / f"{task.name}.json").write_text(as_json(card), "utf-8")
    return card


def measure_again(layouts: Sequence[tuple[int, int]], out: Path, tokenizer: Path) -> None:
    """What is measured of layouts, anew, from the weights beside the cards; nothing is trained."""
    read = Tokenizer.from_file(str(tokenizer))
    encoder = Encoder(lambda text: read.encode(text).ids)
    asked = Questions.of(encoder)
    for layout in layouts:
        model = load_layout(*layout, device="cpu", folder=out)
        card = model.card | measured(model.decoder, encoder, asked) | roles_of(model, read)
        (out / f"{name_of(*layout)}.json").write_text(as_json(card), "utf-8")


def roles_of(model: LayoutModel, tokenizer: Tokenizer) -> dict:
    """What a card says of every head: its role in the atlas that the page Heads shows."""
    model.tokenizer = tokenizer
    return roles_card(atlas.measure(model))


def decoder_of(task: Task, weights: dict[str, Tensor]) -> Decoder:
    """The network with these weights, in float32."""
    decoder = Decoder(config_of(task, len(weights["embedding.weight"])))
    decoder.load_state_dict({name: value.float() for name, value in weights.items()})
    return decoder.eval().requires_grad_(False)


def keep_figures(rows: list[dict], path: Path) -> None:
    """Put rows into ``sharing.json``; those of the same layout, seed and width are replaced."""

    def key(row: dict) -> tuple:
        return row["n_heads"], row["n_kv_heads"], row["mlp_dim"], row["seed"]

    before = json.loads(path.read_text("utf-8")) if path.exists() else []
    merged = {key(row): row for row in (*before, *rows)}
    path.write_text(as_json([merged[each] for each in sorted(merged)]), "utf-8")


def shared_embedding(out: Path) -> Tensor:
    """The family's embedding, float32 ``[vocab_size, d_model]``."""
    return load_file(out / EMBEDDING)["embedding.weight"].float()


def as_json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def versions() -> dict[str, str]:
    """What the weights were made with."""
    return {
        "torch": torch.__version__,
        "tokenizers": tokenizers.__version__,
        "safetensors": safetensors.__version__,
    }
