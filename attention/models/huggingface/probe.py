"""The short pass: a few tokens are let through a model, and all that they meet is written down."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.cache_utils import Cache
from transformers.pytorch_utils import Conv1D
from transformers.utils import ModelOutput

from attention.models.huggingface.call import AttentionCall, attend
from attention.models.huggingface.capture import IMPLEMENTATION, WITH_ADDED_MASKS, record
from attention.models.huggingface.errors import BypassError, CheckpointError
from attention.models.huggingface.limits import named_in
from attention.models.huggingface.stack import Stack

T = TypeVar("T")
PROBE_LEN = 8


@dataclass(frozen=True, eq=False)
class Product:
    """A matrix at work in the short pass."""

    module: nn.Module
    x: Tensor
    out: Tensor


class Watch:
    """The short pass: every matrix and every attention call, in order."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.events: list[Product | AttentionCall] = []
        self.weights: list[Tensor] = []
        self.merged: list[Tensor] = []

    @property
    def calls(self) -> list[AttentionCall]:
        """Of attention, in order."""
        return [event for event in self.events if isinstance(event, AttentionCall)]

    def attention(self, call: AttentionCall) -> Tensor:
        _, weights, context = attend(call)
        self.stack.attention()
        self.events.append(call)
        self.weights.append(weights)
        self.merged.append(context.transpose(1, 2).flatten(2))
        return context

    def matrix(self, module: nn.Module, args: tuple, out: Tensor) -> None:
        if args and isinstance(args[0], Tensor) and isinstance(out, Tensor):
            self.events.append(Product(module, args[0], out))


def probe_ids(model: PreTrainedModel) -> Tensor:
    """Eight tokens from the middle of the vocabulary, away from those with a special part.

    Raises:
        CheckpointError: the model reads something else than tokens.
    """
    n = named_in(model.config.get_text_config(), "vocab_size")
    if not n:
        raise CheckpointError(
            "{name} reads no tokens: only models of text can be shown.", name=type(model).__name__
        )
    start = n // 2 if n >= 2 * PROBE_LEN else 0
    return torch.arange(start, start + PROBE_LEN)[None] % n


def agreeing(look: Callable[[str], T]) -> T:
    """What is found with that implementation of ours which gives what the model's own gives.

    Args:
        look: takes its name.

    Raises:
        CheckpointError: none does.
    """
    try:
        return look(IMPLEMENTATION)
    except BypassError:
        raise
    except Exception as refused:  # code of any architecture, which may do sums with its masks
        try:
            return look(WITH_ADDED_MASKS)
        except Exception:
            raise refused from None


def let_through(
    model: PreTrainedModel,
    asked: dict[str, Any],
    cache: Cache | None,
    implementation: str,
    n_blocks: int = 0,
) -> tuple[Watch, ModelOutput, ModelOutput]:
    """What one pass showed, what the model gave with its own attention, and with ours.

    Args:
        asked: the tokens; what else the model is told is added.
        cache: filled on the way, where there is one.
        implementation: of our attention.
        n_blocks: of the stack whose blocks are told apart; 0: nobody asks.
    """
    model.set_attn_implementation("eager")
    asked = {"return_dict": True, **asked}
    if "use_cache" in inspect.signature(model.forward).parameters:
        asked["use_cache"] = False
    eager = model(output_attentions=True, **asked)
    model.set_attn_implementation(implementation)
    watch = Watch(Stack(model, n_blocks))
    hooks = [
        module.register_forward_hook(watch.matrix)
        for module in model.modules()
        if isinstance(module, nn.Linear | Conv1D)
    ]
    try:
        with record(watch.attention), watch.stack.hooked():
            ours = model(**asked | ({} if cache is None else {"cache": cache, "use_cache": True}))
    finally:
        for hook in hooks:
            hook.remove()
    return watch, eager, ours
