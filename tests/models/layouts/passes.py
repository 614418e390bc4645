"""A pass of a layout with every layer's intermediates, for tests."""

from collections.abc import Sequence

import torch

from attention.kv_cache import KVCache
from attention.models.layouts.decoder import ModelTrace
from attention.models.layouts.model import LayoutModel


@torch.inference_mode()
def whole_pass(
    model: LayoutModel, ids: Sequence[int], *, causal: bool = True, cache: KVCache | None = None
) -> ModelTrace:
    """Every layer at once; with a cache the tokens that follow those it holds."""
    batch = torch.tensor([list(ids)], device=model.device)
    return model.decoder.trace(batch, causal=causal, cache=cache)
