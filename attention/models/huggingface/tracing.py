"""One layer of a pass with every intermediate kept by name."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn

from attention import functional
from attention.models.huggingface.anatomy import LayerParts
from attention.models.huggingface.call import AttentionCall, attend
from attention.trace import AttentionTrace

PLAIN = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


class Tracer:
    """Keeps what one layer computes during one pass, in the thread that made it.

    Args:
        part: the layer's modules.
        layer: which it is, from 0. Modules may be shared by several layers (ALBERT), so that what
            they do is kept only in this layer's turn.
    """

    def __init__(self, part: LayerParts, layer: int) -> None:
        self._part, self._layer = part, layer
        self._thread = threading.get_ident()
        self._passed = 0  # attention calls so far
        self._kept: dict[str, Tensor] = {}
        self._call: AttentionCall | None = None

    def receive(self, call: AttentionCall) -> Tensor | None:
        """For :func:`attention.models.huggingface.capture.record`."""
        self._passed += 1
        if call.layer != self._layer:
            return None
        self._call = call
        names = ("scores", "weights", "context")
        self._kept |= dict(zip(names, attend(call), strict=True))
        return self._kept["context"]

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """Look at the layer's matrices during a pass."""
        part = self._part
        wanted = {"q_projected": part.w_q, "k_projected": part.w_k, "v_projected": part.w_v}
        hooks = [part.attention.register_forward_hook(self._module, with_kwargs=True)]
        if part.entry is not None:
            hooks.append(part.entry.register_forward_hook(self._entry))
        if part.w_o is not None:
            hooks.append(part.w_o.register_forward_hook(self._output))
        for name, module in wanted.items():
            if module is not None:
                hooks.append(module.register_forward_hook(self._projection(name)))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def trace(self) -> AttentionTrace:
        """What was kept, once the pass is over."""
        kept, call = self._kept, self._call
        if call is None:
            raise RuntimeError(f"layer {self._layer} has not been passed")
        return AttentionTrace(
            config=self._part.config,
            x=kept["x"],
            q_projected=kept.get("q_projected"),
            k_projected=kept.get("k_projected"),
            v_projected=kept.get("v_projected"),
            q=call.q,
            k=call.k,
            v=call.v,
            scores=kept["scores"],
            weights=kept["weights"],
            context=kept["context"],
            merged=functional.merge_heads(kept["context"]),
            output=kept["output"],
        )

    def _keep(self, name: str, value: Tensor, after: int) -> None:
        """Keep the first such value of this layer, ``after`` so many attention calls."""
        mine = threading.get_ident() == self._thread and self._passed == after
        if mine and name not in self._kept:
            self._kept[name] = value.clone()  # some clip it in place afterwards (OLMo)

    def _entry(self, module: nn.Module, args: tuple, out: Tensor) -> None:
        self._keep("x", args[0], self._layer)

    def _output(self, module: nn.Module, args: tuple, out: Tensor) -> None:
        self._keep("output", out, self._layer + 1)

    def _projection(self, name: str) -> Callable[[nn.Module, tuple, Tensor], None]:
        def hook(module: nn.Module, args: tuple, out: Tensor) -> None:
            self._keep(name, out, self._layer)

        return hook

    def _module(self, module: nn.Module, args: tuple, kwargs: dict, out: Any) -> None:
        """Where no matrix is the first or the last: the attention module's own input and output."""
        given = args[0] if args else kwargs["hidden_states"]
        if self._part.entry is None:
            self._keep("x", given, self._layer + 1)
        if self._part.w_o is None:
            self._keep("output", out[0] if isinstance(out, tuple) else out, self._layer + 1)


def projection(module: nn.Module | None) -> tuple[Tensor, Tensor | None] | None:
    """Weight ``[out, in]`` and bias of a matrix.

    None where there is none, it waits on disk, or it is quantised: packed into fewer numbers or
    kept in eight bits, with scales beside them.
    """
    if module is None:
        return None
    matrix = cast(nn.Linear, module)  # or a Conv1D, which keeps its weight the other way round
    weight = matrix.weight if isinstance(module, nn.Linear) else matrix.weight.T
    if weight.device.type == "meta" or weight.dtype not in PLAIN:
        return None
    return weight, matrix.bias
