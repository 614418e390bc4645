"""A logit as the sum of what each head, each MLP and the embedding put into the residual stream.

Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits", transformer-circuits.pub:
every part is added to one stream, and with the scale of the final norm frozen at what it was, the
logits are linear in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from attention.models.base import Matrix

NAMED = 5  # tokens that a head is said to push up, and down


@dataclass(frozen=True, kw_only=True, eq=False)
class Residual:
    """What stood in the residual stream at one token before the final norm, part by part.

    Everything is float64 on the CPU.
    """

    heads: tuple[Tensor, ...]  # a layer each, [n_heads, d_model]: context through its slice of W_O
    biases: Tensor  # [n_layers, d_model], of W_O
    mlps: Tensor  # [n_layers, d_model]
    embedding: Tensor  # [d_model], with the position's where it is added
    frozen_norm: Callable[[Tensor], Tensor]  # linear: the final norm with its scale as it was here
    unembedding: Tensor  # [vocab_size, d_model]
    offset: Tensor  # [vocab_size], of the final norm's bias and of the unembedding's own

    def logits(self, part: Tensor) -> Tensor:
        """``[..., d_model]`` to its share of the logits, ``[..., vocab_size]``."""
        return self.frozen_norm(part) @ self.unembedding.T

    def total(self) -> Tensor:
        """The shares of all parts together, ``[vocab_size]``: the model's logits."""
        heads = torch.stack([layer.sum(0) for layer in self.heads]).sum(0)
        whole = heads + self.biases.sum(0) + self.mlps.sum(0) + self.embedding
        return self.logits(whole) + self.offset


@dataclass(frozen=True)
class Push:
    """One next token that a head makes more or less probable."""

    id: int
    text: str
    logit: float  # added to it, less what is added to every token on average


@dataclass(frozen=True)
class Pushes:
    """The next tokens that a head alone pushes most."""

    up: tuple[Push, ...]  # the most first
    down: tuple[Push, ...]


def pushes(
    residual: Residual,
    layer: int,
    head: int,
    token_texts: Callable[[Sequence[int]], list[str]],
    k: int = NAMED,
) -> Pushes:
    """What one head does to the next token; a constant on every logit does nothing, and is left.

    Args:
        residual: at the chosen token.
        token_texts: of the model, see :class:`attention.models.base.Model`.
        k: tokens each way.
    """
    share = residual.logits(residual.heads[layer][head])
    values, ids = (share - share.mean()).sort(descending=True, stable=True)

    def named(values: Tensor, ids: Tensor) -> tuple[Push, ...]:
        return tuple(
            Push(id=i, text=token_texts([i])[0], logit=value)
            for i, value in zip(ids.tolist(), values.tolist(), strict=True)
        )

    return Pushes(up=named(values[:k], ids[:k]), down=named(values.flip(0)[:k], ids.flip(0)[:k]))


def through_w_o(merged: Tensor, n_heads: int, w_o: Matrix) -> tuple[Tensor, Tensor]:
    """Each head's context through its own slice of W_O, and the bias that is nobody's.

    Args:
        merged: ``[n_heads * v_head_dim]``, the contexts of one token side by side.

    Returns:
        float64 ``[n_heads, d_model]`` and ``[d_model]``, on the CPU.
    """
    weight, bias = w_o
    slices = wide(weight).unflatten(1, (n_heads, -1))  # [d_model, n_heads, v_head_dim]
    parts = torch.einsum("hv,dhv->hd", wide(merged).unflatten(0, (n_heads, -1)), slices)
    return parts, torch.zeros_like(parts[0]) if bias is None else wide(bias)


def wide(tensor: Tensor) -> Tensor:
    """float64 on the CPU: parts are a thousand times their sum in some models."""
    return tensor.detach().double().cpu()
