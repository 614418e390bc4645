"""The numbers of one head and one token, step by step, out of a trace. Pure; no Streamlit."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from attention.functional import split_heads
from attention.trace import AttentionTrace

# Two ways to the same number agree this well in float32; half precision keeps three digits.
CLOSE = {torch.float32: 1e-3}
CLOSE_IN_HALF = 3e-2
UNSEEN = -80  # e to this is 0 in any sum that is printed; a weight of 0 above it was masked

Scaling = Literal["root", "factor", "capped"]
Change = Literal["", "rotated", "changed"]  # turned by position; normalised too, or unknown


@dataclass(frozen=True)
class KeyStep:
    """What one key token contributes."""

    token: int
    dot: float  # q · k
    score: float  # what the model made of it before the mask; most often q · k / √head_dim
    seen: bool  # False: the mask hides it
    weight: float  # after the softmax


@dataclass(frozen=True)
class HeadSteps:
    """One query of one head, from x to the layer's output. Vectors are whole.

    ``scaling`` is ``"root"`` where scores are q·k / √head_dim, ``"factor"`` where they are
    ``factor`` · q·k, and ``"capped"`` where they are neither (a soft-cap). ``sink`` is what a sink
    adds to the softmax's sum, 0 without one. ``biased``: something was added to the scores by
    distance, so that the weights do not follow from the scores alone.
    """

    kv_head: int
    fused: bool  # q was not projected by a matrix of its own
    changed: Change  # of q and k after the projection
    scaling: Scaling
    factor: float
    sink: float
    biased: bool
    x: tuple[float, ...]  # d_model
    q: tuple[float, ...]  # head_dim
    keys: tuple[KeyStep, ...]  # every token of the text
    largest: float  # the largest score that is seen: the softmax subtracts it
    total: float  # the sum of e^(score − largest) over the tokens that are seen, and the sink
    context: tuple[float, ...]  # width of the values
    merged: tuple[float, ...]  # n_heads * width of the values
    output: tuple[float, ...]  # d_model

    def strongest(self) -> KeyStep:
        """The key that gets the largest weight, the first of equals."""
        return max(self.keys, key=lambda key: key.weight)

    def shown(self, count: int) -> tuple[KeyStep, ...]:
        """The ``count`` keys with the largest weights, in the order of the text."""
        ranked = sorted(self.keys, key=lambda key: (-key.weight, key.token))[:count]
        return tuple(sorted(ranked, key=lambda key: key.token))


def head_steps(row: AttentionTrace, head: int, token: int) -> HeadSteps:
    """Follow the query of ``token`` through ``head``; batch 0.

    The dot products are computed here from q and k, so that a reader can redo every line; that
    they agree with the trace's scores is a test. How scores follow from them, and weights from
    scores, is found out from the numbers: models differ.

    Args:
        row: of this token alone, see :func:`attention.trace.query_row`.
    """
    config = row.config
    kv_head = config.kv_head_of(head)
    close = CLOSE.get(row.q.dtype, CLOSE_IN_HALF)
    q = row.q[0, head, 0].float().cpu()  # [head_dim]
    dots = row.k[0, kv_head].float().cpu() @ q  # [kv_len]
    scores = _whole(row.scores[0, head, 0], len(dots))
    weights = _whole(row.weights[0, head, 0], len(dots))
    seen = torch.ones(len(dots), dtype=torch.bool)
    if config.causal:
        seen[token + 1 :] = False
    largest = scores[seen & (weights > 0)].max()
    seen &= (weights > 0) | (scores - largest < UNSEEN)
    scaling, factor = _scaling(dots[seen], scores[seen], config.head_dim, close)
    powers = (scores[seen] - largest).exp()
    best = int(weights.argmax())
    total = ((scores[best] - largest).exp() / weights[best]).item()
    left = total - powers.sum().item()  # of the sum, by what no token has
    biased = bool(((powers / total - weights[seen]).abs() > close).any())
    scores = torch.where(torch.isfinite(scores), scores, dots / math.sqrt(config.head_dim))
    rows = zip(dots.tolist(), scores.tolist(), seen.tolist(), weights.tolist(), strict=True)
    return HeadSteps(
        kv_head=kv_head,
        fused=row.q_projected is None,
        changed=_change(row, config.n_heads, close),
        scaling=scaling,
        factor=factor,
        sink=left if left > close * total else 0.0,
        biased=biased,
        x=_numbers(row.x[0, 0]),
        q=_numbers(q),
        keys=tuple(KeyStep(index, *each) for index, each in enumerate(rows)),
        largest=largest.item(),
        total=total,
        context=_numbers(row.context[0, head, 0]),
        merged=_numbers(row.merged[0, 0]),
        output=_numbers(row.output[0, 0]),
    )


def _whole(values: Tensor, length: int) -> Tensor:
    """float32 on the CPU, filled up where a causal pass left out the keys after the query."""
    values = values.float().cpu()
    return torch.cat((values, values.new_zeros(length - len(values))))


def _scaling(dots: Tensor, scores: Tensor, head_dim: int, close: float) -> tuple[Scaling, float]:
    """How scores follow from the dot products."""
    size = 1 + scores.abs().max()
    root = 1 / math.sqrt(head_dim)
    if ((dots * root - scores).abs() < close * size).all():
        return "root", root
    factor = ((dots @ scores) / (dots @ dots)).item()
    if ((dots * factor - scores).abs() < close * size).all():
        return "factor", factor
    return "capped", factor


def _change(row: AttentionTrace, n_heads: int, close: float) -> Change:
    """What was made of the projection to get q; unknown where it is fused. A head's vector that is
    another and as long was turned: RoPE turns, a norm before it changes the length.
    """
    if row.q_projected is None:
        return "changed"
    before, after = split_heads(row.q_projected, n_heads).float(), row.q.float()
    if torch.allclose(before, after, atol=close, rtol=close):
        return ""
    is_as_long = torch.allclose(before.norm(dim=-1), after.norm(dim=-1), atol=close, rtol=close)
    return "rotated" if is_as_long else "changed"


def _numbers(vector: Tensor) -> tuple[float, ...]:
    return tuple(vector.tolist())
