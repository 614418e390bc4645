"""Each layer's attention by itself: what it gives out is to be what the original's gave out.

The original reads the text once; what came into each attention module and what came out is kept,
and the one with fewer KV heads is put in the same place. No layer waits for another one, and no
pass through the rest of the network is needed: a step costs a sixth of one through all of it.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attention.models.huggingface.model import LanguageModel


@dataclass(frozen=True, eq=False)
class Seen:
    """One call of one layer's attention module: what it was given, and its output."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    output: Tensor

    def error(self, module: nn.Module) -> Tensor:
        """Squared distance of another module's output, as a share of the output's square."""
        given = module(*self.args, **self.kwargs)
        output = given[0] if isinstance(given, tuple) else given
        return (output - self.output).square().sum() / self.output.square().sum()


@torch.no_grad()
def seen(original: LanguageModel, rows: Tensor) -> list[Seen]:
    """What each layer's attention does with these rows, one a layer.

    Args:
        rows: token ids ``[windows, window]``.
    """
    found: list[Seen] = []

    def keep(_: nn.Module, args: tuple, kwargs: dict[str, Any], output: Any) -> None:
        found.append(Seen(args, kwargs, output[0] if isinstance(output, tuple) else output))

    with ExitStack() as hooks:
        for part in original.parts:
            handle = part.attention.register_forward_hook(keep, with_kwargs=True)
            hooks.callback(handle.remove)
        through(original, rows, logits=False)
    return found


def through(model: LanguageModel, rows: Tensor, *, logits: bool = True) -> Tensor:
    """Logits ``[windows, window, vocab_size]``, or where they are not wanted some of them."""
    given = {} if logits else {"logits_to_keep": 1}
    rows = rows.to(model.model.device)
    return model.model(input_ids=rows, use_cache=False, **given).logits
