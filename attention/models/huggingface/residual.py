"""The parts of a language model's residual stream, found by looking at a pass, not by its name.

A pass shows what each layer was given and gave. It can be split where that is its input, W_O's
output and the output of one more of its modules, and where the logits are a matrix times a norm of
the last layer's output. Whatever is built otherwise (norms behind W_O, scaled branches, capped
logits) is refused.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NoReturn, TypeGuard, cast

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from attention.models.huggingface.anatomy import LayerParts
from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.tracing import projection
from attention.models.residual import Residual, through_w_o, wide

# Of what is compared; rounding stays far below, another formula does not.
TOLERANCE = {torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 5e-2}


class ResidualReader:
    """Looks at every layer of one pass, at one token.

    Args:
        model: whose pass it is; nobody else's passes go through it meanwhile.
        parts: of :func:`.anatomy.dissect`.
        token: the position that is looked at.
        name: of the architecture, for the messages.

    Raises:
        CheckpointError: it has no layers that are modules of their own, each with a W_O.
    """

    def __init__(
        self, model: PreTrainedModel, parts: Sequence[LayerParts], token: int, name: str
    ) -> None:
        self._model, self._parts, self._token, self._name = model, parts, token, name
        self._tolerance = TOLERANCE.get(model.dtype, 5e-2)
        self._layers = _layers(model, parts)
        if len(set(self._layers)) < len(parts) or any(
            projection(part.w_o) is None for part in parts
        ):
            self._refuse(0)
        self._head = cast(nn.Linear, model.get_output_embeddings())
        self._given: dict[nn.Module, Tensor] = {}
        self._gave: dict[nn.Module, Tensor] = {}

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """Look during a pass."""
        within = {module for layer in self._layers for module in layer.modules()}
        outside = {module for module in self._model.modules() if module not in within}
        children = {child for layer in self._layers for child in layer.children()}
        w_os = {part.w_o for part in self._parts if part.w_o is not None}
        with ExitStack() as hooks:
            for module in outside | children | w_os | set(self._layers):
                hook = module.register_forward_hook(self._keep, with_kwargs=True)
                hooks.callback(hook.remove)
            yield

    def residual(self, logits: Tensor) -> Residual:
        """What was seen, once the pass is over.

        Args:
            logits: of the token, ``[vocab_size]``, as the model gave them out.

        Raises:
            CheckpointError: its parts cannot be told apart.
        """
        heads, biases, mlps = [], [], []
        for index, (layer, part) in enumerate(zip(self._layers, self._parts, strict=True)):
            w_o = cast(nn.Module, part.w_o)
            of_heads, bias = through_w_o(
                self._given[w_o], part.config.n_heads, cast(tuple, projection(w_o))
            )
            heads.append(of_heads)
            biases.append(bias)
            mlps.append(self._mlp(index, layer, of_heads.sum(0) + bias))
        norm, offset = self._ending(logits)
        return Residual(
            heads=tuple(heads),
            biases=torch.stack(biases),
            mlps=torch.stack(mlps),
            embedding=self._given[self._layers[0]],
            frozen_norm=norm,
            unembedding=wide(self._head.weight),
            offset=offset,
        )

    def _keep(self, module: nn.Module, args: tuple, kwargs: dict, out: object) -> None:
        given = args[0] if args else kwargs.get("hidden_states")
        gave = out[0] if isinstance(out, tuple) else out
        if module in self._gave or not (_is_stream(given) and _is_stream(gave)):
            return
        self._given[module], self._gave[module] = self._row(given), self._row(gave)

    def _row(self, seen: Tensor) -> Tensor:
        rows = seen.flatten(0, -2)  # of one text; of its last rows alone behind the last layer
        return wide(rows[self._token if len(rows) > self._token else -1])

    def _mlp(self, index: int, layer: nn.Module, attention: Tensor) -> Tensor:
        """The output of the layer's module that, with its input and attention's, is its output."""
        gave = self._gave[layer]
        missing = gave - self._given[layer] - attention
        for child in layer.children():
            out = self._gave.get(child)
            if out is not None and out.shape == gave.shape and self._same(out, missing, gave):
                return out
        self._refuse(index)

    def _ending(self, logits: Tensor) -> tuple[Callable[[Tensor], Tensor], Tensor]:
        """The frozen final norm, and what of the logits is no part's."""
        last, before = self._gave[self._layers[-1]], self._given.get(self._head)
        own = self._gave.get(self._head)
        for module, given in self._given.items():
            if before is None or own is None or not self._same(own, wide(logits), own):
                break
            reads, writes = torch.equal(given, last), torch.equal(self._gave[module], before)
            if reads and writes and (found := self._frozen(module, last, before)):
                norm, bias = found
                weight, own_bias = wide(self._head.weight), self._head.bias
                offset = weight @ bias
                return norm, offset if own_bias is None else offset + wide(own_bias)
        raise CheckpointError(
            "{name} makes its logits by more than one norm and one matrix: they cannot be split "
            "into parts.",
            name=self._name,
        )

    def _frozen(
        self, module: nn.Module, x: Tensor, out: Tensor
    ) -> tuple[Callable[[Tensor], Tensor], Tensor] | None:
        """A norm with its divisor frozen where it was, and its bias; None if it is no such norm.

        Its bias is what it makes of zeros. Its gain shows on 1, -1, 1 …, whose mean is 0 and whose
        root mean square is 1. Whether it takes off the mean shows on x itself.
        """
        weight = next(module.parameters(), self._head.weight)

        def norm(part: Tensor) -> Tensor:
            return wide(module(part.to(weight.device, self._model.dtype)[None, None])[0, 0])

        signs = torch.ones_like(x)
        signs[1::2] = -1
        bias = norm(torch.zeros_like(x))
        gain = (norm(signs) - bias) * signs
        for frozen in (lambda part: part * gain, lambda part: _centred(part) * gain):
            shape = frozen(x)
            divided = (out - bias) @ shape / shape.square().sum()
            if self._same(shape * divided, out - bias, out):
                return partial(_times, frozen, divided), bias
        return None

    def _same(self, a: Tensor, b: Tensor, of: Tensor) -> bool:
        return a.shape == b.shape and bool((a - b).norm() <= self._tolerance * of.norm())

    def _refuse(self, layer: int) -> NoReturn:
        raise CheckpointError(
            "{name} puts more into its residual stream than heads and an MLP, or scales them "
            "(layer {layer}): its logits cannot be split into parts.",
            name=self._name,
            layer=layer,
        )


def _is_stream(seen: object) -> TypeGuard[Tensor]:
    return isinstance(seen, Tensor) and seen.is_floating_point()


def _times(frozen: Callable[[Tensor], Tensor], factor: Tensor, part: Tensor) -> Tensor:
    return frozen(part) * factor


def _centred(part: Tensor) -> Tensor:
    return part - part.mean(-1, keepdim=True)


def _layers(model: nn.Module, parts: Sequence[LayerParts]) -> list[nn.Module]:
    """The module around each attention that stands in a list of its like."""
    modules = dict(model.named_modules())
    names = {module: path for path, module in modules.items()}
    found = []
    for part in parts:
        path = names[part.attention].split(".")
        above = (".".join(path[:n]) for n in range(len(path), 0, -1))
        in_list = (
            modules[each]
            for each in above
            if isinstance(modules.get(each.rpartition(".")[0]), nn.ModuleList)
        )
        found.append(next(in_list, model))
    return found
