"""The numbers of one head and one token, step by step, out of a trace. Pure; no Streamlit."""

import math
from dataclasses import dataclass

import torch

from attention.functional import split_heads
from attention.trace import AttentionTrace


@dataclass(frozen=True)
class KeyStep:
    """What one key token contributes."""

    token: int
    dot: float  # q · k
    score: float  # q · k / √head_dim
    seen: bool  # False: the mask hides it
    weight: float  # after the softmax


@dataclass(frozen=True)
class HeadSteps:
    """One query of one head, from x to the layer's output. Vectors are whole."""

    kv_head: int
    rotated: bool  # q and k were turned by their positions (RoPE)
    x: tuple[float, ...]  # d_model
    q: tuple[float, ...]  # head_dim
    keys: tuple[KeyStep, ...]  # every token of the sentence
    largest: float  # the largest score that is seen: the softmax subtracts it
    total: float  # the sum of e^(score − largest) over the tokens that are seen
    context: tuple[float, ...]  # head_dim
    merged: tuple[float, ...]  # n_heads * head_dim
    output: tuple[float, ...]  # d_model

    def strongest(self) -> KeyStep:
        """The key that gets the largest weight, the first of equals."""
        return max(self.keys, key=lambda key: key.weight)

    def shown(self, count: int) -> tuple[KeyStep, ...]:
        """The ``count`` keys with the largest weights, in the order of the sentence."""
        ranked = sorted(self.keys, key=lambda key: (-key.weight, key.token))[:count]
        return tuple(sorted(ranked, key=lambda key: key.token))


def head_steps(trace: AttentionTrace, head: int, token: int) -> HeadSteps:
    """Follow the query of ``token`` through ``head``; batch 0 of the trace.

    The dot products are computed here from q and k, so that a reader can redo every line; that
    they agree with the trace's scores is a test.
    """
    config = trace.config
    kv_head = config.kv_head_of(head)
    q = trace.q[0, head, token].float().cpu()  # [head_dim]
    keys = trace.k[0, kv_head].float().cpu()  # [kv_len, head_dim]
    before = split_heads(trace.q_projected, config.n_heads)
    dots = keys @ q  # [kv_len]
    scores = dots / math.sqrt(config.head_dim)
    seen = torch.ones(len(keys), dtype=torch.bool)
    if config.causal:
        seen[token + 1 :] = False
    largest = scores[seen].max()
    rows = zip(
        dots.tolist(), scores.tolist(), seen.tolist(), trace.weights[0, head, token].tolist(),
        strict=True,
    )  # fmt: skip
    return HeadSteps(
        kv_head=kv_head,
        rotated=not torch.equal(before, trace.q),
        x=_numbers(trace.x[0, token]),
        q=_numbers(q),
        keys=tuple(KeyStep(index, *row) for index, row in enumerate(rows)),
        largest=largest.item(),
        total=(scores[seen] - largest).exp().sum().item(),
        context=_numbers(trace.context[0, head, token]),
        merged=_numbers(trace.merged[0, token]),
        output=_numbers(trace.output[0, token]),
    )


def _numbers(vector: torch.Tensor) -> tuple[float, ...]:
    return tuple(vector.tolist())
