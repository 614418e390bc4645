"""A real key-value cache: what a decoder keeps so that old tokens are not projected again."""

import torch
from torch import Tensor


class KVCache:
    """Keys (after RoPE) and values of every token so far, one pair of tensors a layer.

    It holds exactly what it needs, no spare room, so that :attr:`nbytes` is the formula of
    ``kv/equal_layers.py``: 2 · n_layers · n_kv_heads · head_dim · tokens · bytes.
    """

    def __init__(self, n_layers: int) -> None:
        self._keys: list[Tensor | None] = [None] * n_layers
        self._values: list[Tensor | None] = [None] * n_layers

    def append(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add new tokens of one layer and return everything that this layer holds now.

        Args:
            layer: counts from 0.
            k, v: ``[batch, n_kv_heads, new tokens, head_dim]``.

        Returns:
            ``(k, v)``, both ``[batch, n_kv_heads, kv_len, head_dim]``.
        """
        keys, values = _grown(self._keys[layer], k), _grown(self._values[layer], v)
        self._keys[layer], self._values[layer] = keys, values
        return keys, values

    def length(self, layer: int) -> int:
        """Tokens that this layer holds."""
        held = self._keys[layer]
        return 0 if held is None else held.shape[2]

    @property
    def seq_len(self) -> int:
        """Tokens that every layer holds."""
        return min(self.length(layer) for layer in range(len(self._keys)))

    @property
    def nbytes(self) -> int:
        """Bytes truly held: numel × element_size of every tensor."""
        held = [tensor for tensor in self._keys + self._values if tensor is not None]
        return sum(tensor.numel() * tensor.element_size() for tensor in held)


def _grown(held: Tensor | None, new: Tensor) -> Tensor:
    if held is None:
        # A copy of its own: a view would keep a larger tensor alive that nbytes does not count.
        return new.clone(memory_format=torch.contiguous_format)
    return torch.cat((held, new), dim=2)
