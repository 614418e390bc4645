"""A language model's uptrained K and V on disk: the numbers that were trained, and a card."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from attention.interventions.sharing import Sharing
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.model import LanguageModel


def keep(trained: Mapping[str, Tensor], card: dict[str, Any], file: Path) -> None:
    """Write what was trained as float16, and the card beside it.

    Args:
        trained: by the names of the state dict.
        card: has the fields of :class:`attention.interventions.sharing.Sharing`.
        file: ends with ``.safetensors``; the card with ``.json``.
    """
    halved = {name: value.detach().half().cpu().contiguous() for name, value in trained.items()}
    save_file(halved, file)
    file.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def load_card(file: Path) -> dict[str, Any]:
    """What was said of the twin."""
    return json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))


def load_twin(original: LanguageModel, file: Path) -> LanguageModel:
    """The original with the K and V projections of a file; all other weights are its own.

    Raises:
        CheckpointError: the file is of another model.
        SharingError: see :meth:`attention.models.base.Model.shared`.
    """
    card = load_card(file)
    sharing = Sharing(**{each.name: card[each.name] for each in fields(Sharing)})
    twin = with_weights(original, sharing, load_file(file))
    twin.title = f"{original.title} with n_kv_heads {sharing.kv_heads}, uptrained"
    return twin


def with_weights(
    original: LanguageModel, sharing: Sharing, weights: Mapping[str, Tensor]
) -> LanguageModel:
    """The original with fewer KV heads, whose K and V projections are these.

    Raises:
        CheckpointError: they are of another model.
        SharingError: see :meth:`attention.models.base.Model.shared`.
    """
    twin = original.shared(sharing)
    own = dict(twin.model.named_parameters())
    shapes = {name: own[name].shape for name in names_of(twin)}
    if shapes != {name: value.shape for name, value in weights.items()}:
        raise CheckpointError(
            "These K and V projections are of another model than {title}.", title=original.title
        )
    with torch.no_grad():
        for name, value in weights.items():
            own[name].copy_(value)
    return twin


def names_of(fewer: LanguageModel) -> frozenset[str]:
    """What makes keys and values, weights and biases, by the names of the state dict."""
    paths: dict[nn.Module | None, str] = {m: path for path, m in fewer.model.named_modules()}
    found = [
        f"{paths[module]}.{name}"
        for part in fewer.parts
        for module in (part.w_k, part.w_v)
        if module is not None
        for name, _ in module.named_parameters()
    ]
    return frozenset(found)
