"""The stack of blocks of a model, watched during a pass: in which of them attention is called."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel

from attention.models.blocks import Block
from attention.models.huggingface.limits import named_in

# A block's parts by what their names, without that of the architecture, have in them.
NAMED = {
    "mamba": ("mamba",),
    "conv": ("conv",),
    "recurrent": ("recurrent",),
    "linear": ("delta", "lightning", "linear_attn"),
}
TYPED = {"linear_attention": "linear", "conv": "conv", "mlp": "mlp", "moe": "moe"}


class Stack:
    """Which block is at work.

    Args:
        n_blocks: of the whole stack; the list of so many modules that the pass enters is the stack.
    """

    def __init__(self, model: PreTrainedModel, n_blocks: int) -> None:
        self._config, self._n_blocks = model.config.get_text_config(), n_blocks
        lists = (each for each in model.modules() if isinstance(each, nn.ModuleList))
        self._lists = [each for each in lists if len(each) == n_blocks]
        self._entered: list[nn.Module] = []
        self.calls: list[nn.Module | None] = []  # the block of each attention call

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """Look during a pass."""
        with ExitStack() as hooks:
            for block in {block for each in self._lists for block in each}:
                hooks.callback(block.register_forward_pre_hook(self._enter).remove)
            yield

    def attention(self) -> None:
        """It is called now."""
        self.calls.append(self._entered[-1] if self._entered else None)

    def numbers(self) -> list[int] | None:
        """The number of each call's block; None where they are not one after the other."""
        blocks, seen = self._modules(), [block for block in self.calls if block is not None]
        known = len(seen) == len(self.calls) and set(seen) <= set(blocks)
        if not known or len(set(blocks)) < len(blocks):
            return None
        found = [blocks.index(block) for block in seen]
        return found if found == sorted(set(found)) else None

    def blocks(self) -> tuple[Block, ...]:
        """All of them; none where each is an attention layer and nothing else."""
        numbers = self.numbers()
        if not numbers:
            return ()
        modules = self._modules()
        layers = {number: layer for layer, number in enumerate(numbers)}
        types: Sequence[str] = named_in(self._config, "layer_types") or [""] * len(modules)
        found = tuple(
            Block(_kind(module, types[i], self._config, i in layers), layers.get(i))
            for i, module in enumerate(modules)
        )
        return found if any(block.kind for block in found) else ()

    def _modules(self) -> list[nn.Module]:
        """The stack: of the lists that are as long the one that the pass enters."""
        return next((list(each) for each in self._lists if each[0] in self._entered), [])

    def _enter(self, module: nn.Module, args: Any) -> None:
        self._entered.append(module)


def _kind(block: nn.Module, of_config: str, config: PreTrainedConfig, attends: bool) -> str:
    """What a block has beside attention, or instead of it."""
    own = type(config).__name__.removesuffix("Config").removesuffix("Text")
    names = [
        f"{name} {type(part).__name__.removeprefix(own)}".lower()
        for name, part in block.named_children()
    ]
    for kind, signs in NAMED.items():
        if any(sign in name for name in names for sign in signs):
            return kind
    return "" if attends else TYPED.get(of_config, of_config or type(block).__name__)
