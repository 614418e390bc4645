"""Adapters of the package peft: small matrices beside those of a model, or a folder of them."""

import json
from pathlib import Path
from typing import Any

from attention.models.huggingface.errors import CheckpointError

ADAPTER = "adapter_config.json"


def refuse_adapter(folder: Path, shown: str) -> None:
    """Raises CheckpointError: the folder holds what goes onto a model, and no model."""
    if not (folder / ADAPTER).is_file():
        return
    try:
        base = str(json.loads((folder / ADAPTER).read_text("utf-8"))["base_model_name_or_path"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        base = "its base model"
    raise CheckpointError(
        "{shown!r} holds an adapter for {base} and no model of its own: load it with peft "
        "(PeftModel.from_pretrained) and show that, or save what merge_and_unload() gives.",
        shown=shown,
        base=base[:120],
    )


def under_adapter(model: Any) -> Any:
    """A PeftModel's network, whose matrices have the adapter's beside them; others as they are.

    Raises:
        CheckpointError: the adapter is put before the text, and the network knows nothing of it.
    """
    if not hasattr(model, "get_base_model"):
        return model
    if getattr(getattr(model, "active_peft_config", None), "is_prompt_learning", False):
        raise CheckpointError(
            "The adapter puts vectors of its own before the text, which are no tokens: only those "
            "that change the model's matrices can be shown, such as LoRA."
        )
    return model.get_base_model()
