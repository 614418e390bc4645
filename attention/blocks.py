"""The weights of one layer, a block of query rows at a time.

    q·k · scale -> softcap -> mask -> softmax (a sink takes its share) -> weights

Memory is that of a block, whatever the length of the text, and keys that no row of a block may see
are left out.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from attention.scores.base import SurveyError

# Finite, for 0 · finite is 0: hidden keys drop out of the entropy by themselves. A row that may see
# nothing at all (padding) becomes even, as it does in transformers.
HIDDEN = -1e30
# A block stays in the caches of a CPU core; a GPU wants few and large calls.
ROWS = {"cpu": 64, "gpu": 512}
SIZE = {"cpu": 2**18, "gpu": 2**24}


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some query rows, and the keys that any of them may see."""

    units: slice  # the rows: units are tokens, or the tokens that one character is cut into
    rows: slice  # the same, in tokens
    keys: slice  # tokens


class LayerWeights:
    """Queries and keys of a layer, and what makes weights of them.

    Args:
        q: ``[n_heads, seq_len, head_dim]``, any number format and device.
        k: ``[n_kv_heads, kv_len, head_dim]``, never repeated; of another text
            (cross-attention) they may be more or fewer than the queries.
        causal: a query sees no later key.
        scale: of the scores, instead of 1/√head_dim.
        softcap: scores become softcap · tanh(scores / softcap) before the mask
            (Gemma 2: arXiv 2408.00118, section 2).
        mask: added to the scores, broadcastable to ``[n_heads, seq_len, kv_len]``.
        window: a key this many tokens away, or more, is hidden (Mistral 7B: arXiv 2310.06825,
            section 2; transformers 5.24, masking_utils.py).
        sinks: ``[n_heads]``, one more logit of the softmax that belongs to no token (gpt-oss:
            transformers 5.24, models/gpt_oss).

    Raises:
        SurveyError: heads or lengths do not fit together.
    """

    def __init__(
        self,
        q: Tensor,
        k: Tensor,
        *,
        causal: bool,
        scale: float | None = None,
        softcap: float | None = None,
        mask: Tensor | None = None,
        window: int | None = None,
        sinks: Tensor | None = None,
    ) -> None:
        self.n_heads, self.seq_len, head_dim = q.shape
        n_kv_heads, self.kv_len, _ = k.shape
        ordered = causal or window is not None
        if not self.seq_len or not self.kv_len or (ordered and self.seq_len != self.kv_len):
            raise SurveyError(
                "{kv_len} keys do not fit {seq_len} queries.",
                kv_len=self.kv_len,
                seq_len=self.seq_len,
            )
        if self.n_heads % n_kv_heads:
            raise SurveyError(
                "{n_heads} heads cannot share {n_kv_heads} KV heads evenly.",
                n_heads=self.n_heads,
                n_kv_heads=n_kv_heads,
            )
        self.group_size = self.n_heads // n_kv_heads
        scaled = 1 / math.sqrt(head_dim) if scale is None else scale
        self.q = q.float() * scaled
        self.k = k.float().transpose(1, 2).contiguous()  # [n_kv_heads, head_dim, kv_len]
        self.causal, self.softcap, self.window = causal, softcap, window
        whole = (self.n_heads, self.seq_len, self.kv_len)
        self.mask = None if mask is None else mask.expand(whole)  # a view
        self.sinks = None if sinks is None else sinks.float().view(-1, 1)
        self._scratch = self.q.new_empty(2, 0)

    @property
    def kind(self) -> str:
        return "cpu" if self.q.device.type == "cpu" else "gpu"

    def blocks(self, starts: np.ndarray, pool: int, whole_keys: bool) -> Iterator[Block]:
        """Every query once, in order.

        Args:
            starts: where each unit begins, and where the last one ends, ``[n_units + 1]``.
            pool: a block holds this many units, or a multiple of it; the last one may hold less.
            whole_keys: leave no keys out before the first that is seen.
        """
        n_units = len(starts) - 1
        step = pool * max(1, ROWS[self.kind] // pool)
        if self.kind == "cpu" and max(self.seq_len, self.kv_len) <= 2 * ROWS["cpu"]:
            step = pool * -(-n_units // pool)
        for first in range(0, n_units, step):
            last = min(first + step, n_units)
            rows = slice(int(starts[first]), int(starts[last]))
            stop = rows.stop if self.causal else self.kv_len
            start = 0
            if self.window is not None and not whole_keys:
                start = max(0, rows.start - self.window + 1) // pool * pool
                if not self.causal:
                    stop = min(self.seq_len, -(-(rows.stop + self.window - 1) // pool) * pool)
            yield Block(units=slice(first, last), rows=rows, keys=slice(start, stop))

    def chunks(self, block: Block) -> Iterator[slice]:
        """Every head once: as many together as fit the size of a block.

        They share one KV head, or are all that read several.
        """
        cells = (block.rows.stop - block.rows.start) * (block.keys.stop - block.keys.start)
        fits = max(1, SIZE[self.kind] // max(1, cells))  # units may have no rows
        if fits < self.group_size:
            step = max(d for d in range(1, fits + 1) if self.group_size % d == 0)
        else:
            step = self.group_size * (fits // self.group_size)
        for first in range(0, self.n_heads, step):
            yield slice(first, min(first + step, self.n_heads))

    def hidden(self, block: Block) -> Tensor | None:
        """What causal mask and window add to the last columns of a block, ``[rows, columns]``.

        :data:`HIDDEN` or 0: adding takes a fifth of the time of filling by a bool mask.
        """
        if not self.causal and self.window is None:
            return None
        first = block.rows.start if self.window is None else block.keys.start
        n_rows, here = block.rows.stop - block.rows.start, block.rows.start - first
        whole = self.q.new_full((n_rows, block.keys.stop - first), HIDDEN)
        if self.window is None:
            return whole.triu_(here + 1)
        far = whole.tril(here - self.window)
        return far.add_(whole.triu_(here + (1 if self.causal else self.window)))

    def weigh(self, heads: slice, block: Block, hidden: Tensor | None) -> tuple[Tensor, Tensor]:
        """Weights ``[heads, rows, keys]`` and the entropy of each row, ``[heads, rows]``.

        The weights are overwritten by the next call.
        """
        q = self.q[heads, block.rows]
        n_heads, n_rows, _ = q.shape
        shared = slice(heads.start // self.group_size, (heads.stop - 1) // self.group_size + 1)
        k = self.k[shared, :, block.keys]
        folded = q.reshape(len(k), -1, q.shape[2])
        scores, weights = self._buffers(n_heads * n_rows * k.shape[2])
        torch.bmm(folded, k, out=scores.view(len(k), folded.shape[1], -1))
        scores, weights = scores.view(n_heads, n_rows, -1), weights.view(n_heads, n_rows, -1)
        self._shape_scores(scores, heads, block, hidden)
        largest = scores.amax(-1)
        torch.softmax(scores, -1, out=weights)
        # log Σ e^s, for the largest weight is e^(largest - that).
        total = largest.sub_(weights.amax(-1).log_())
        mean_score = scores.mul_(weights).sum(-1)
        if self.sinks is None:
            return weights, total.sub_(mean_score)
        with_sink = torch.logaddexp(total, self.sinks[heads])
        kept = (total - with_sink).exp_()
        weights.mul_(kept[..., None])
        return weights, kept * (with_sink - mean_score)

    def _shape_scores(
        self, scores: Tensor, heads: slice, block: Block, hidden: Tensor | None
    ) -> None:
        if self.softcap is not None:
            scores.div_(self.softcap).tanh_().mul_(self.softcap)
        if self.mask is not None:
            scores.add_(self.mask[heads, block.rows, block.keys]).clamp_(min=HIDDEN)
        if hidden is not None:
            scores[..., -hidden.shape[1] :].add_(hidden)

    def _buffers(self, size: int) -> tuple[Tensor, Tensor]:
        if self._scratch.shape[1] < size:
            self._scratch = self.q.new_empty(2, size)
        return self._scratch[0, :size], self._scratch[1, :size]


class GivenWeights(LayerWeights):
    """Weights that a model handed over: nothing is computed, they only stream by.

    Args:
        weights: ``[n_heads, seq_len, seq_len]``, any number format and device.
        causal: no later key has any.
    """

    def __init__(self, weights: Tensor, *, causal: bool) -> None:
        self.n_heads, self.seq_len, self.kv_len = weights.shape
        self.group_size, self.causal, self.window = 1, causal, None
        self.q = weights  # whatever is made beside them goes to their device

    def hidden(self, block: Block) -> Tensor | None:
        """Nothing: what a query may not see has the weight 0 already."""
        return None

    def weigh(self, heads: slice, block: Block, hidden: Tensor | None) -> tuple[Tensor, Tensor]:
        """Weights ``[heads, rows, keys]`` and the entropy of each row, ``[heads, rows]``."""
        weights = self.q[heads, block.rows, block.keys].float()
        return weights, torch.special.entr(weights).sum(-1)


def pooled(weights: Tensor, pool: int) -> Tensor:
    """The largest of each square: ``[heads, rows, keys]`` to ``[heads, rows/pool, keys/pool]``."""
    if pool == 1:
        return weights
    n_rows, n_keys = weights.shape[1:]
    whole = n_rows // pool * pool
    rows = weights[:, :whole].unflatten(1, (-1, pool)).amax(2)
    if whole < n_rows:
        rows = torch.cat((rows, weights[:, whole:].amax(1, keepdim=True)), 1)
    if n_keys % pool:
        rows = torch.nn.functional.pad(rows, (0, -n_keys % pool))
    return rows.unflatten(2, (-1, pool)).amax(3)
