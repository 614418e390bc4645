"""A second model whose weights are the first one's own memory, but for those that are new."""

from collections.abc import Mapping

from torch import Tensor
from transformers import PreTrainedModel


def filled(
    built: PreTrainedModel, state: Mapping[str, Tensor], model: PreTrainedModel
) -> PreTrainedModel:
    """``built``, made on the meta device, with the weights of ``state``, which are not copied.

    Args:
        model: of the same class; gives what no state dict has, such as RoPE's frequencies.
    """
    built.load_state_dict(state, assign=True)
    for old, new in zip(model.modules(), built.modules(), strict=True):
        for key, buffer in old._buffers.items():
            new._buffers[key] = buffer
        for key, value in vars(old).items():
            if isinstance(value, Tensor):
                setattr(new, key, value)
    return built.eval().requires_grad_(False)
