"""Every head of a layer at a glance, streamed: no array of ``[n_heads, seq_len, seq_len]`` is held.

Weights come a block of query rows at a time (:mod:`attention.blocks`), and of each block only what
is shown is kept: the head's tile (the largest weight of each square of tokens), its scores and its
mean distance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from attention.blocks import Block, LayerWeights, SurveyError, pooled
from attention.probes import HeadScores, Pairs
from attention.text.pieces import Units, merge_keys, merge_queries

__all__ = ["HeadSurvey", "SurveyError", "head_weights", "pool_to", "survey_heads"]


@dataclass(frozen=True, kw_only=True, eq=False)
class HeadSurvey:
    """What is kept of one layer. A unit is a token, or the tokens that one character is cut into.

    The scores are those of :mod:`attention.probes`. With a sink, which takes weight away from every
    token, they are taken on the weights as they are: rows then sum to less than 1, and a head that
    gives most to the sink has a low spread. Spread is measured against every key that the causal
    mask allows, also where a sliding window or another mask hides some of them.
    """

    tiles: np.ndarray  # float32 [n_heads, tile, tile], the largest of pool x pool weights
    pool: int  # 1: the tiles are the weights themselves
    scores: tuple[HeadScores, ...]
    distance: np.ndarray  # float32 [n_heads], units: mean over queries of Σ weight · |query - key|


def survey_heads(
    q: Tensor,
    k: Tensor,
    *,
    causal: bool,
    ids: Sequence[int],
    scale: float | None = None,
    softcap: float | None = None,
    mask: Tensor | None = None,
    window: int | None = None,
    sinks: Tensor | None = None,
    units: Units | None = None,
    pairs: Pairs | None = None,
    tile: int = 128,
) -> HeadSurvey:
    """Look at every head of a layer.

    Args:
        q, k, causal, scale, softcap, mask, window, sinks: as
            :class:`attention.blocks.LayerWeights` describes them.
        ids: the tokens, as many as queries.
        units: merged on the way: weights are summed over a unit's keys, averaged over its queries.
        pairs: for the agreement score, ``(query, key)`` in tokens.
        tile: no tile has more rows than this.

    Raises:
        SurveyError: heads, lengths, ids, units or pairs do not fit together.
    """
    with torch.inference_mode():
        layer = LayerWeights(
            q, k, causal=causal, scale=scale, softcap=softcap, mask=mask, window=window, sinks=sinks
        )
        tally = _Tally(layer, ids, units, pairs or (), tile)
        for block in layer.blocks(tally.starts, tally.pool, tally.units is not None):
            tally.take(block)
        return tally.survey()


def head_weights(
    q: Tensor,
    k: Tensor,
    head: int,
    *,
    causal: bool,
    scale: float | None = None,
    softcap: float | None = None,
    mask: Tensor | None = None,
    window: int | None = None,
    sinks: Tensor | None = None,
    units: Units | None = None,
) -> np.ndarray:
    """The exact weights of one head, float32 ``[n, n]``; n is the tokens, or the units if given.

    Args: as for :func:`survey_heads`.

    Raises:
        SurveyError: there is no such head, or heads and lengths do not fit together.
    """
    if not 0 <= head < len(q):
        raise SurveyError(f"head {head} does not exist: choose 0 to {len(q) - 1}.")
    with torch.inference_mode():
        layer = LayerWeights(
            q, k, causal=causal, scale=scale, softcap=softcap, mask=mask, window=window, sinks=sinks
        )
        starts, units = _starts(layer, units)
        kept = np.zeros((len(starts) - 1, len(starts) - 1), dtype=np.float32)
        for block in layer.blocks(starts, 1, units is not None):
            weights, _ = layer.weigh(slice(head, head + 1), block, layer.hidden(block))
            merged = _merged(weights, block, units)[0].cpu().numpy()
            first = block.keys.start  # 0 where units are merged
            kept[block.units, first : first + merged.shape[1]] = merged
    return kept


def pool_to(weights: np.ndarray, side: int) -> tuple[np.ndarray, int]:
    """The largest of each square of ``pool x pool`` weights, so that no side exceeds ``side``.

    Returns:
        ``[..., ceil(n / pool), ceil(n / pool)]``, and pool.
    """
    n = weights.shape[-1]
    pool = -(-n // side)
    if pool == 1:
        return weights, 1
    starts = np.arange(0, n, pool)
    rows = np.maximum.reduceat(weights, starts, axis=-2)
    return np.maximum.reduceat(rows, starts, axis=-1), pool


class _Tally:
    """What is kept of the weights while they stream by."""

    def __init__(
        self, layer: LayerWeights, ids: Sequence[int], units: Units | None, pairs: Pairs, tile: int
    ) -> None:
        if len(ids) != layer.seq_len:
            raise SurveyError(f"{len(ids)} ids do not fit {layer.seq_len} queries.")
        self.layer = layer
        self.starts, self.units = _starts(layer, units)
        self.n = n = len(self.starts) - 1
        self.pool = -(-n // tile)
        new = layer.q.new_zeros
        self.tiles = new(layer.n_heads, *[-(-n // self.pool)] * 2)
        self.rows = new(4, layer.n_heads, n)  # weight on itself, the one before, the first; entropy
        self.totals: list[Tensor] = []  # a block: [2, n_heads], distance and induction
        self.pairs = _in_units(pairs, layer.seq_len, self.units)
        self.agreed = new(len(self.pairs), layer.n_heads)
        # Tokens as small numbers; and, of every key, the token before it.
        named = self.units.ids(ids) if self.units else ids
        codes = np.unique(np.asarray(named), return_inverse=True)[1].astype(np.int32)
        self.n_repeats = n - int(codes.max()) - 1
        self.codes = torch.from_numpy(codes).to(layer.q.device)
        self.before = torch.cat((self.codes.new_full((1,), -1), self.codes[:-1]))
        self.places = torch.arange(n, dtype=torch.float32, device=layer.q.device)

    def take(self, block: Block) -> None:
        """Add every head's rows of this block."""
        hidden = self.layer.hidden(block)
        first = block.keys.start
        tables = None
        totals = self.rows.new_zeros(2, self.layer.n_heads)
        for heads in self.layer.chunks(block):
            weights, entropy = self.layer.weigh(heads, block, hidden)
            if self.units is not None:
                weights = _merged(weights, block, self.units)
                entropy = torch.special.entr(weights).sum(-1)
            if tables is None:
                tables = self._tables(block.units, slice(first, first + weights.shape[2]))
            flat = weights.flatten(1)
            for total, table in zip(totals, tables, strict=True):
                if table is not None:
                    torch.mv(flat, table, out=total[heads])
            self._take_rows(weights, entropy, heads, block.units, first)
            self._take_tile(weights, heads, block.units.start, first)
        self.totals.append(totals)

    def _tables(self, rows: slice, keys: slice) -> tuple[Tensor, Tensor | None]:
        """What each weight counts for, flat: its distance, and 1 where it is one of induction."""
        away = self.places[rows, None] - self.places[keys]
        follows = None
        if self.n_repeats:
            follows = self.codes[rows, None] == self.before[keys]
            if not self.layer.causal:  # an earlier occurrence: a causal mask sees to that
                follows &= away >= 0
            follows = follows.float().flatten()
        return away.abs_().flatten(), follows

    def _take_rows(
        self, weights: Tensor, entropy: Tensor, heads: slice, rows: slice, first: int
    ) -> None:
        self.rows[3, heads, rows] = entropy
        offset = rows.start - first
        self.rows[0, heads, rows] = weights.diagonal(offset, 1, 2)
        if rows.start > first:
            self.rows[1, heads, rows] = weights.diagonal(offset - 1, 1, 2)
        else:  # query 0 has none before it; a later row's is hidden by a window of 1
            self.rows[1, heads, rows.start + 1 : rows.stop] = weights.diagonal(-1, 1, 2)
        if first == 0:
            self.rows[2, heads, rows] = weights[:, :, 0]
        for pair, (query, key) in enumerate(self.pairs):
            if rows.start <= query < rows.stop and first <= key < first + weights.shape[2]:
                self.agreed[pair, heads] = weights[:, query - rows.start, key - first]

    def _take_tile(self, weights: Tensor, heads: slice, row: int, key: int) -> None:
        tile = pooled(weights, self.pool)
        row, key = row // self.pool, key // self.pool
        _, rows, keys = tile.shape
        self.tiles[heads, row : row + rows, key : key + keys] = tile

    def survey(self) -> HeadSurvey:
        """Everything that was kept, as numpy arrays and plain numbers."""
        rows = self.rows.cpu().numpy()
        distance, induction = torch.stack(self.totals).sum(0).cpu().numpy()
        n, causal = self.n, self.layer.causal
        columns: dict[str, np.ndarray | None] = dict.fromkeys(HeadScores.__dataclass_fields__)
        if n > 1:
            means = rows[:3, :, 1:].mean(2)
            columns["self_"], columns["previous"], columns["first"] = means
            allowed = np.arange(2, n + 1) if causal else np.full(n, n)
            spread = (rows[3, :, n - len(allowed) :] / np.log(allowed)).mean(1)
            columns["spread"] = spread.clip(0, 1)  # rounding can carry an even row past 1
        if self.n_repeats:
            columns["induction"] = induction / self.n_repeats
        if len(self.pairs):
            n_queries = len(np.unique(self.pairs[:, 0]))
            columns["agreement"] = self.agreed.sum(0).cpu().numpy() / n_queries
        listed = {name: c if c is None else c.tolist() for name, c in columns.items()}
        scores = tuple(
            HeadScores(**{name: c if c is None else c[head] for name, c in listed.items()})
            for head in range(self.layer.n_heads)
        )
        return HeadSurvey(
            tiles=self.tiles.cpu().numpy(), pool=self.pool, scores=scores, distance=distance / n
        )


def _starts(layer: LayerWeights, units: Units | None) -> tuple[np.ndarray, Units | None]:
    """Where each unit begins; and the units, None where each is one token."""
    if units is None:
        return np.arange(layer.seq_len + 1), None
    if units.starts[-1] != layer.seq_len:
        raise SurveyError(f"units of {units.starts[-1]} tokens do not fit {layer.seq_len} queries.")
    return units.starts, units if units.merged else None


def _in_units(pairs: Pairs, seq_len: int, units: Units | None) -> np.ndarray:
    """``[n_pairs, 2]``; pairs that fall into the same two units are one."""
    if not len(pairs):
        return np.empty((0, 2), dtype=int)
    places = np.asarray(pairs)
    if places.min() < 0 or places.max() >= seq_len:
        raise SurveyError(f"pairs {list(pairs)} leave the {seq_len} tokens.")
    return places if units is None else np.unique(units.units_of_tokens[places], axis=0)


def _merged(weights: Tensor, block: Block, units: Units | None) -> Tensor:
    """``[heads, rows, keys]`` of tokens as those of units: every unit of the block is whole."""
    if units is None:
        return weights
    stop = int(np.searchsorted(units.starts, block.keys.stop))
    keys, rows = units.starts[: stop + 1], units.starts[block.units.start : block.units.stop + 1]
    by_key = merge_keys(weights.cpu().numpy(), keys)
    return torch.from_numpy(merge_queries(by_key, rows)).to(weights.device)
