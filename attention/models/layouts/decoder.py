"""The small decoder of the trained family: embedding, a few layers, tied output."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attention import functional
from attention.config import AttentionConfig
from attention.interventions.change import Changes, HeadChange
from attention.kv_cache import KVCache
from attention.trace import AttentionTrace, trace_attention


@dataclass(frozen=True, kw_only=True)
class DecoderConfig:
    """Shape of the network.

    Args:
        vocab_size: tokens that the tokenizer knows.
        attention: heads, KV heads, width.
        mlp_dim: width of the MLP's hidden layer.
        rope_bases: one entry a layer; None is a layer without position encoding
            (NoPE: Kazemnejad et al. 2023, arXiv 2305.19466).
    """

    vocab_size: int
    attention: AttentionConfig
    mlp_dim: int
    rope_bases: tuple[float | None, ...]

    @property
    def n_layers(self) -> int:
        return len(self.rope_bases)


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelTrace:
    """Every layer's :class:`AttentionTrace`, and what the last one gave.

    ``hidden`` is ``[batch, seq_len, d_model]``; :meth:`Decoder.logits` makes the logits of it.
    """

    layers: tuple[AttentionTrace, ...]
    hidden: Tensor


class Decoder(nn.Module):
    """Pre-norm decoder: RMSNorm, attention with q and k biases, GELU MLP, tied embedding.

    Its weights are for whoever makes one: to load, or to draw (``initial.py``).
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        width = config.attention.d_model
        # Undrawn: drawing on the device "meta", to load, would load torch's compiler, for 2 s.
        self.embedding = nn.Embedding(
            config.vocab_size, width, _weight=torch.empty(config.vocab_size, width)
        )
        layers = [
            DecoderLayer(config.attention, config.mlp_dim, base) for base in config.rope_bases
        ]
        self.layers = cast(Sequence[DecoderLayer], nn.ModuleList(layers))  # it is one, but untyped
        self.norm = nn.RMSNorm(width, eps=1e-5)

    def forward(self, ids: Tensor, changes: Changes | None = None) -> Tensor:
        """Next-token logits, keeping no intermediate: what training uses.

        Args:
            ids: ``[batch, seq_len]``.
            changes: what is done to the heads of each layer.

        Returns:
            ``[batch, seq_len, vocab_size]``.
        """
        return self.logits(self.hidden(ids, changes))

    def hidden(self, ids: Tensor, changes: Changes | None = None) -> Tensor:
        """What :meth:`logits` is given, ``[batch, seq_len, d_model]``; else as :meth:`forward`."""
        x = self.embedding(ids)  # [b, t, d_model]
        for layer, change in zip(self.layers, changes or repeat(None), strict=False):
            x = layer(x, change)
        return x

    def trace(
        self,
        ids: Tensor,
        *,
        causal: bool = True,
        cache: KVCache | None = None,
        changes: Changes | None = None,
    ) -> ModelTrace:
        """The same pass with every intermediate of attention kept.

        Args:
            ids: ``[batch, seq_len]``; with a cache, the tokens that follow those it holds.
            causal: the weights were trained causal; False lets every token see every other.
            cache: filled with this pass's keys and values.
            changes: what is done to the heads of each layer.
        """
        x = self.embedding(ids)
        traces = []
        each = zip(self.layers, changes or repeat(None), strict=False)
        for index, (layer, change) in enumerate(each):
            x, trace = layer.trace(x, causal=causal, cache=cache, index=index, change=change)
            traces.append(trace)
        return ModelTrace(layers=tuple(traces), hidden=x)

    def logits(self, hidden: Tensor) -> Tensor:
        """``[batch, seq_len, d_model]`` to next-token logits, ``[batch, seq_len, vocab_size]``."""
        return F.linear(self.norm(hidden), self.embedding.weight)


class DecoderLayer(nn.Module):
    """x + attention(norm(x)), then x + MLP(norm(x))."""

    def __init__(self, attention: AttentionConfig, mlp_dim: int, rope_base: float | None) -> None:
        super().__init__()
        self.attention, self.rope_base = attention, rope_base
        width, head_dim = attention.d_model, attention.head_dim
        self.attention_norm = nn.RMSNorm(width, eps=1e-5)
        self.w_q = nn.Linear(width, attention.n_heads * head_dim)
        self.w_k = nn.Linear(width, attention.n_kv_heads * head_dim)
        self.w_v = nn.Linear(width, attention.n_kv_heads * head_dim, bias=False)
        self.w_o = nn.Linear(attention.n_heads * head_dim, width, bias=False)
        self.mlp_norm = nn.RMSNorm(width, eps=1e-5)
        self.up = nn.Linear(width, mlp_dim, bias=False)
        self.down = nn.Linear(mlp_dim, width, bias=False)

    def forward(self, x: Tensor, change: HeadChange | None = None) -> Tensor:
        _, _, q, k, v = self.project(x)
        if x.is_cuda:
            # In float32 torch's only attention there that keeps no weights takes no shared heads.
            size = self.attention.group_size
            k, v = (part[:, :, None].expand(-1, -1, size, -1, -1).flatten(1, 2) for part in (k, v))
        return self.close(x, self.mix(q, k, v, causal=True, change=change))

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """What attention takes from ``[batch, seq_len, d_model]``.

        Returns:
            x normalised; q before it is cut into heads, ``[batch, seq_len, n_heads * head_dim]``;
            then q, k, v, ``[batch, heads or KV heads, seq_len, head_dim]``, q and k after RoPE.
        """
        normed = self.attention_norm(x)
        q_projected = self.w_q(normed)
        q = functional.split_heads(q_projected, self.attention.n_heads)
        k = functional.split_heads(self.w_k(normed), self.attention.n_kv_heads)
        v = functional.split_heads(self.w_v(normed), self.attention.n_kv_heads)
        if self.rope_base is not None:
            positions = torch.arange(x.shape[1], device=x.device)
            q = functional.rope(q, positions, self.rope_base)
            k = functional.rope(k, positions, self.rope_base)
        return normed, q_projected, q, k, v

    def mix(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        causal: bool,
        change: HeadChange | None = None,
    ) -> Tensor:
        """The context ``[batch, n_heads, seq_len, head_dim]``, by torch's fused attention, which
        keeps no weights.

        Narrow heads are filled up to 16 numbers with zeros, which changes the time alone: 32 heads
        of 6 took 31 ms at 1,024 tokens on a CPU core, and 50 ms as they are.
        """
        head_dim = q.shape[-1]
        if missing := max(0, 16 - head_dim):
            q, k, v = (F.pad(part, (0, missing)) for part in (q, k, v))
        shared = q.shape[1] != k.shape[1]
        context = F.scaled_dot_product_attention(
            q, k, v, is_causal=causal, enable_gqa=shared, scale=1 / math.sqrt(head_dim)
        )
        context = context[..., :head_dim]
        return context if change is None else change(context)

    def close(self, x: Tensor, context: Tensor) -> Tensor:
        """The next layer's x. Only before W_O does each head's context have a place of its own."""
        x = x + self.w_o(functional.merge_heads(context))
        return x + self.mlp(x)

    def query(
        self, x: Tensor, token: int, *, causal: bool, change: HeadChange | None = None
    ) -> AttentionTrace:
        """Every intermediate of one query of ``[1, seq_len, d_model]``: no other row is made."""
        normed, q_projected, q, k, v = self.project(x)
        row = slice(token, token + 1)
        scores = functional.scores(q[:, :, row], k)
        masked = scores.clone()
        if causal:
            masked[..., token + 1 :] = -math.inf
        weights = functional.softmax(masked)
        context = functional.context(weights, v)
        if change is not None:
            context = change(context)
        merged = functional.merge_heads(context)
        return AttentionTrace(
            config=replace(self.attention, causal=causal),
            x=normed[:, row],
            q_projected=q_projected[:, row],
            k_projected=self.w_k(normed[:, row]),
            v_projected=self.w_v(normed[:, row]),
            q=q[:, :, row],
            k=k,
            v=v,
            scores=scores,
            weights=weights,
            context=context,
            merged=merged,
            output=self.w_o(merged),
        )

    def trace(
        self,
        x: Tensor,
        *,
        causal: bool,
        cache: KVCache | None,
        index: int,
        change: HeadChange | None = None,
    ) -> tuple[Tensor, AttentionTrace]:
        trace = trace_attention(
            self.attention_norm(x),
            self.w_q.weight,
            self.w_k.weight,
            self.w_v.weight,
            self.w_o.weight,
            replace(self.attention, causal=causal),
            b_q=self.w_q.bias,
            b_k=self.w_k.bias,
            rope_base=self.rope_base,
            cache=cache,
            layer=index,
            change=change,
        )
        x = x + trace.output
        return x + self.mlp(x), trace

    def mlp(self, x: Tensor) -> Tensor:
        """What the MLP adds to x."""
        return self.down(F.gelu(self.up(self.mlp_norm(x))))
