"""A model with a LoRA in its weights, beside the model without it."""

import copy
import math
import re
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from attention.models.huggingface.adapter import Adapter
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.rebuilt import filled
from attention.models.huggingface.tracing import PLAIN

# (A, B, bias of B) of a matrix, and of an embedding (peft 0.21, tuners/lora/layer.py).
OF_MATRIX = (".lora_A.weight", ".lora_B.weight", ".lora_B.bias")
OF_EMBEDDING = (".lora_embedding_A", ".lora_embedding_B")
OURS = (*OF_MATRIX, *OF_EMBEDDING)


@torch.no_grad()
def with_lora(
    model: PreTrainedModel, adapter: Adapter, matrices: Mapping[str, Tensor]
) -> PreTrainedModel:
    """A model of the same class whose weights are ``model``'s own memory, but for those changed.

    Args:
        matrices: of :func:`.adapter.read_matrices`.

    Raises:
        CheckpointError: they do not fit the model, or its weights are quantised or not all here.
    """
    _require_whole(model)
    state = model.state_dict()
    new = _replaced(model, state, adapter, matrices)
    for path in sorted({_module_of(key) for key in matrices if key.endswith(OURS)}):
        new |= _changed(model, state | new, adapter, matrices, path)
    with torch.device("meta"):
        built = type(model)(copy.deepcopy(model.config))
    return filled(built, state | new, model)


def _replaced(
    model: PreTrainedModel,
    state: Mapping[str, Tensor],
    adapter: Adapter,
    matrices: Mapping[str, Tensor],
) -> dict[str, Tensor]:
    """Weights that the adapter has whole, by their names in the model.

    Those of a head for another task, which reads the last layer, are left out.
    """
    new = {}
    for key, value in matrices.items():
        if key.endswith(OURS):
            continue
        path, _, name = key.rpartition(".")
        found = _found(model, path)
        if found is None and path.split(".")[0] in adapter.whole:
            continue
        weight = state.get(f"{found}.{name}")
        if weight is None:
            raise _unknown(key)
        _require_shape(value, weight.shape, key)
        new[f"{found}.{name}"] = value.to(weight)
    return new


def _changed(
    model: PreTrainedModel,
    state: Mapping[str, Tensor],
    adapter: Adapter,
    matrices: Mapping[str, Tensor],
    path: str,
) -> dict[str, Tensor]:
    """Weight and bias of one module, ``W + scaling · B A``, by their names in the model."""
    found = _found(model, path)
    module = None if found is None else model.get_submodule(found)
    kind = OF_EMBEDDING if isinstance(module, nn.Embedding) else OF_MATRIX
    a, b = (matrices.get(path + name) for name in kind[:2])
    if a is None or b is None or not isinstance(module, nn.Linear | Conv1D | nn.Embedding):
        raise _unknown(path)
    weight = state[f"{found}.weight"]
    across = not isinstance(module, nn.Linear)  # kept as [in, out]
    n_out, n_in = weight.T.shape if across else weight.shape
    _require_shape(a, (len(a), n_in), path)
    _require_shape(b, (n_out, len(a)), path)
    scaling = _scaling(adapter, path, len(a))
    delta = scaling * (b.to(weight.device).float() @ a.to(weight.device).float())
    delta = delta.T if across else delta
    new = {f"{found}.weight": (weight.float() + delta).to(weight.dtype)}
    if (added := matrices.get(path + OF_MATRIX[2])) is not None:
        bias = state.get(f"{found}.bias")
        if bias is None:
            raise _unknown(path + OF_MATRIX[2])
        _require_shape(added, bias.shape, path)
        new[f"{found}.bias"] = (bias.float() + scaling * added.to(bias.device)).to(bias.dtype)
    return new


def _scaling(adapter: Adapter, path: str, r: int) -> float:
    """Of one module; the first pattern that fits the end of its path holds (peft 0.21,
    utils/other.py, ``get_pattern_key``)."""
    fitting = (own for key, own in adapter.alphas.items() if re.match(rf"(.*\.)?({key})$", path))
    alpha = next(fitting, adapter.alpha)
    return alpha / (math.sqrt(r) if adapter.rslora else r)


def _found(model: PreTrainedModel, path: str) -> str | None:
    """The module's path here: the adapter may be of the class with another head, or none."""
    first = model.base_model_prefix + "."
    for name in (path, path.removeprefix(first), first + path):
        try:
            model.get_submodule(name)
        except AttributeError:
            continue
        return name
    return None


def _module_of(key: str) -> str:
    return next(key.removesuffix(end) for end in OURS if key.endswith(end))


def _unknown(key: str) -> CheckpointError:
    return CheckpointError(
        "The adapter changes {key}, which its base has not: it is for another model.", key=key[:120]
    )


def _require_whole(model: PreTrainedModel) -> None:
    """Every weight is a plain number on one device."""
    spread = len(set(getattr(model, "hf_device_map", {}).values())) > 1
    odd = any(w.device.type == "meta" or w.dtype not in PLAIN for w in model.parameters())
    if spread or odd or getattr(model.config, "quantization_config", None):
        raise CheckpointError(
            "The adapter's base is quantised, or too large for one device, so that nothing can be "
            "added to its weights: name the plain model as base_model_name_or_path, or take a "
            "larger device."
        )


def _require_shape(value: Tensor, shape: tuple[int, ...], key: str) -> None:
    if value.shape != shape:
        raise CheckpointError(
            "The adapter has {found} for {key} where its base has {wanted}: it is for another "
            "model, or the vocabulary was enlarged (save what merge_and_unload() gives).",
            found=" × ".join(map(str, value.shape)),
            key=key[:120],
            wanted=" × ".join(map(str, shape)),
        )
