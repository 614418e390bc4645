"""A model of transformers of the same shape with random weights."""

from copy import deepcopy

import torch
from torch import nn
from transformers import PreTrainedModel

from attention.models.huggingface.quiet import quiet

MOST_NUMBERS = 2 * 10**9  # weights: beyond, a second model would not fit beside the first


def shaped_like(model: PreTrainedModel, seed: int) -> PreTrainedModel | None:
    """Built by the model's own class, whose way to begin it has; on its device, in its format.

    Returns:
        None where the model is large, quantised or spread over devices.
    """
    numbers = sum(weight.numel() for weight in model.parameters())
    spread = len({weight.device for weight in model.parameters()}) > 1
    if numbers > MOST_NUMBERS or spread or getattr(model.config, "quantization_config", None):
        return None
    config = deepcopy(model.config)
    with torch.random.fork_rng(), quiet():
        torch.manual_seed(seed)
        made = type(model)(config)
    nn.Module.to(made, device=model.device, dtype=model.dtype)
    return made.eval().requires_grad_(False)
