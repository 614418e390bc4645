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

from attention.blocks import Block, LayerWeights, pooled
from attention.scores import (
    SCORES,
    HeadScores,
    Layer,
    Pairs,
    Rows,
    SurveyError,
    by_head,
    checked,
    codes_of,
)
from attention.scores.distance import Distance
from attention.text.pieces import Units, merge_keys, merge_queries

TILE = 128  # rows of a tile, where nothing else is asked for

__all__ = [
    "TILE", "HeadSurvey", "SurveyError", "head_of", "head_weights", "pool_to", "survey_heads",
    "survey_layer",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class HeadSurvey:
    """What is kept of one layer. A unit is a token, or the tokens that one character is cut into.

    The scores are those of :mod:`attention.scores`. With a sink, which takes weight away from every
    token, they are taken on the weights as they are: rows then sum to less than 1, and a head that
    gives most to the sink has a low spread. Spread is measured against every key that the causal
    mask allows, also where a sliding window or another mask hides some of them.
    """

    tiles: np.ndarray  # float32 [n_heads, queries, keys], the largest of pool x pool weights
    pool: int  # 1: the tiles are the weights themselves
    scores: tuple[HeadScores, ...]
    # float32 [n_heads], units: mean over queries of Σ weight · |query - key|; None across two texts
    distance: np.ndarray | None


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
    across: bool = False,
    tile: int = TILE,
) -> HeadSurvey:
    """Look at every head of a layer.

    Args:
        q, k, causal, scale, softcap, mask, window, sinks: as
            :class:`attention.blocks.LayerWeights` describes them.
        ids: the tokens, as many as queries.
        units: merged on the way: weights are summed over a unit's keys, averaged over its queries.
        pairs: for the agreement score, ``(query, key)`` in tokens.
        across: queries and keys are tokens of two texts: only scores that know no places are taken.
        tile: no tile has more rows than this.

    Raises:
        SurveyError: heads, lengths, ids, units or pairs do not fit together.
    """
    with torch.inference_mode():
        layer = LayerWeights(
            q, k, causal=causal, scale=scale, softcap=softcap, mask=mask, window=window, sinks=sinks
        )
        return survey_layer(layer, ids=ids, units=units, pairs=pairs, tile=tile, across=across)


@torch.inference_mode()
def survey_layer(
    layer: LayerWeights,
    *,
    ids: Sequence[int],
    units: Units | None = None,
    pairs: Pairs | None = None,
    tile: int = TILE,
    across: bool = False,
) -> HeadSurvey:
    """The same of weights that are made, or were given, in whatever way."""
    tally = _Tally(layer, ids, units, pairs or (), tile, across)
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
    Keys of another text are as many as they are there.

    Args: as for :func:`survey_heads`.

    Raises:
        SurveyError: there is no such head, or heads and lengths do not fit together.
    """
    with torch.inference_mode():
        layer = LayerWeights(
            q, k, causal=causal, scale=scale, softcap=softcap, mask=mask, window=window, sinks=sinks
        )
        return head_of(layer, head, units=units)


@torch.inference_mode()
def head_of(layer: LayerWeights, head: int, *, units: Units | None = None) -> np.ndarray:
    """The same of weights that are made, or were given, in whatever way."""
    if not 0 <= head < layer.n_heads:
        raise SurveyError(
            "head {head} does not exist: choose 0 to {n_q}.", head=head, n_q=layer.n_heads - 1
        )
    starts, units = _starts(layer, units)
    n_keys = layer.kv_len if units is None else len(starts) - 1
    kept = np.zeros((len(starts) - 1, n_keys), dtype=np.float32)
    for block in layer.blocks(starts, 1, units is not None):
        weights, _ = layer.weigh(slice(head, head + 1), block, layer.hidden(block))
        merged = _merged(weights, block, units)[0].cpu().numpy()
        first = block.keys.start  # 0 where units are merged
        kept[block.units, first : first + merged.shape[1]] = merged
    return kept


def pool_to(weights: np.ndarray, side: int) -> tuple[np.ndarray, int]:
    """The largest of each square of ``pool x pool`` weights, so that no side exceeds ``side``.

    Returns:
        ``[..., ceil(queries / pool), ceil(keys / pool)]``, and pool.
    """
    n_queries, n_keys = weights.shape[-2:]
    pool = -(-max(n_queries, n_keys) // side)
    if pool == 1:
        return weights, 1
    rows = np.maximum.reduceat(weights, np.arange(0, n_queries, pool), axis=-2)
    return np.maximum.reduceat(rows, np.arange(0, n_keys, pool), axis=-1), pool


class _Tally:
    """What is kept of the weights while they stream by."""

    def __init__(
        self, layer: LayerWeights, ids: Sequence[int], units: Units | None, pairs: Pairs, tile: int,
        across: bool,
    ) -> None:  # fmt: skip
        if len(ids) != layer.seq_len:
            raise SurveyError(
                "{n_ids} ids do not fit {seq_len} queries.", n_ids=len(ids), seq_len=layer.seq_len
            )
        self.layer = layer
        self.starts, self.units = _starts(layer, units)
        n = len(self.starts) - 1
        sides = (n, layer.kv_len if across else n)
        self.pool = -(-max(sides) // tile)
        self.tiles = layer.q.new_zeros(layer.n_heads, *[-(-side // self.pool) for side in sides])
        told = Layer(
            n_heads=layer.n_heads,
            codes=codes_of(self.units.ids(ids) if self.units else ids).to(layer.q.device),
            causal=layer.causal,
            pairs=_in_units(checked(pairs, layer.seq_len), self.units),
            n_keys=layer.kv_len if across else None,
        )
        self.scores = [kind(told) for kind in SCORES if kind.across or not across]
        self.distance = None if across else Distance(told)

    def take(self, block: Block) -> None:
        """Add every head's rows of this block."""
        hidden = self.layer.hidden(block)
        first = block.keys.start
        for heads in self.layer.chunks(block):
            weights, entropy = self.layer.weigh(heads, block, hidden)
            if self.units is not None:
                weights = _merged(weights, block, self.units)
                entropy = torch.special.entr(weights).sum(-1)
            keys = slice(first, first + weights.shape[2])
            rows = Rows(
                weights=weights, entropy=entropy, heads=heads, queries=block.units, keys=keys
            )
            for score in filter(None, (*self.scores, self.distance)):
                score.take(rows)
            self._take_tile(rows)

    def _take_tile(self, rows: Rows) -> None:
        tile = pooled(rows.weights, self.pool)
        query, key = rows.queries.start // self.pool, rows.keys.start // self.pool
        _, n_queries, n_keys = tile.shape
        self.tiles[rows.heads, query : query + n_queries, key : key + n_keys] = tile

    def survey(self) -> HeadSurvey:
        """Everything that was kept, as numpy arrays and plain numbers."""
        return HeadSurvey(
            tiles=self.tiles.cpu().numpy(),
            pool=self.pool,
            scores=by_head(self.scores, self.layer.n_heads),
            distance=None if self.distance is None else self.distance.value().cpu().numpy(),
        )


def _starts(layer: LayerWeights, units: Units | None) -> tuple[np.ndarray, Units | None]:
    """Where each unit begins; and the units, None where each is one token."""
    if units is None:
        return np.arange(layer.seq_len + 1), None
    if units.starts[-1] != layer.seq_len:
        raise SurveyError(
            "units of {starts} tokens do not fit {seq_len} queries.",
            starts=units.starts[-1],
            seq_len=layer.seq_len,
        )
    return units.starts, units if units.merged else None


def _in_units(pairs: np.ndarray, units: Units | None) -> np.ndarray:
    """Of units instead of tokens; pairs that fall into the same two units are one."""
    if units is None or not len(pairs):
        return pairs
    return np.unique(units.units_of_tokens[pairs], axis=0)


def _merged(weights: Tensor, block: Block, units: Units | None) -> Tensor:
    """``[heads, rows, keys]`` of tokens as those of units: every unit of the block is whole."""
    if units is None:
        return weights
    # Keys end with the rows, as causal ones do, or with the text.
    stop = block.units.stop if block.keys.stop == block.rows.stop else len(units)
    keys, rows = units.starts[: stop + 1], units.starts[block.units.start : block.units.stop + 1]
    by_key = merge_keys(weights.cpu().numpy(), keys)
    return torch.from_numpy(merge_queries(by_key, rows)).to(weights.device)
