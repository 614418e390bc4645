"""q and k of a layer, and what makes weights of them: any head's weights without another pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import torch
from torch import Tensor

from attention import functional
from attention.blocks import Block, GivenWeights, LayerWeights
from attention.interventions.change import HeadChange
from attention.models.base import Matrix
from attention.models.look import JoinedHeads
from attention.scores import Pairs
from attention.survey import TILE, HeadSurvey, head_of, head_weights, survey_heads, survey_layer
from attention.text.pieces import Units


@dataclass(frozen=True, eq=False)
class Kept:
    """One layer of a pass.

    Args:
        q: ``[n_heads, seq_len, head_dim]``; k: ``[n_kv_heads, seq_len, head_dim]``.
        rules: what else :class:`attention.blocks.LayerWeights` is told: causal, scale, mask …
        units: tokens that are shown as one.
        v: ``[n_kv_heads, seq_len, width of a value]``, where it is kept as well.
        x: the layer's input, ``[1, seq_len, d_model]``, and q_projected, what W_Q made of it, where
            they cost little to keep.
        change: what was done to the contexts.
        across: queries and keys are tokens of two texts, and k is the other one's.
        tile: a head's tile has no more rows than this.
    """

    q: Tensor
    k: Tensor
    rules: dict[str, Any]
    units: Units | None
    v: Tensor | None = None
    x: Tensor | None = None
    q_projected: Tensor | None = None
    change: HeadChange | None = None
    across: bool = False
    tile: int = TILE

    def weights(self, head: int) -> np.ndarray:
        """float32 ``[n, n]``; across two texts ``[queries, keys]``."""
        return head_weights(self.q, self.k, head, units=self.units, **self.rules)

    @torch.inference_mode()
    def every_weight(self) -> Tensor:
        """Of all heads, float32 ``[n_heads, seq_len, kv_len]``, tokens never merged."""
        layer = LayerWeights(self.q, self.k, **self.rules)
        whole = slice(0, layer.seq_len)
        block = Block(units=whole, rows=whole, keys=slice(0, layer.kv_len))
        return layer.weigh(slice(0, layer.n_heads), block, layer.hidden(block))[0].clone()

    @torch.inference_mode()
    def written(self, weights: Tensor, w_o: Matrix | None) -> Tensor | None:
        """How much each head writes: the mean norm of its context times its slice of W_O.

        Args:
            weights: of :meth:`every_weight`.

        Returns:
            float32 ``[n_heads]``; None where v is not kept, or there is no W_O by itself.
        """
        if self.v is None or w_o is None:
            return None
        n_heads, n, kv_len = weights.shape
        contexts = weights.view(len(self.v), -1, kv_len) @ self.v.float()
        contexts = contexts.view(n_heads, n, -1)  # [n_heads, seq_len, width of a value]
        if self.change is not None:
            contexts = self.change(contexts[None])[0]
        slices = w_o[0].float().to(contexts.device).unflatten(1, (n_heads, -1)).permute(1, 2, 0)
        return (contexts @ slices).norm(dim=-1).mean(1)

    @torch.inference_mode()
    def joined(self, tokens: Sequence[int], w_o: Matrix | None) -> list[JoinedHeads]:
        """What every head gathers for each of some tokens, and what W_O makes of that.

        Args:
            tokens: in the order of the text; they count tokens, not units.

        Returns:
            one a token; none where v is not kept, or there is no W_O by itself.
        """
        if self.v is None or w_o is None:
            return []
        layer = LayerWeights(self.q, self.k, **self.rules)
        rows = slice(tokens[0], tokens[-1] + 1)
        block = Block(units=rows, rows=rows, keys=slice(0, layer.kv_len))
        weights, _ = layer.weigh(slice(0, layer.n_heads), block, layer.hidden(block))
        # [n_kv_heads, queries of all its heads, kv_len] @ [n_kv_heads, kv_len, width of a value]
        shared = weights.view(len(self.v), -1, layer.kv_len) @ self.v.float()
        by_head = shared.view(layer.n_heads, -1, shared.shape[-1])
        if self.change is not None:
            by_head = self.change(by_head[None])[0]
        contexts = by_head.transpose(0, 1)[[token - rows.start for token in tokens]]
        merged = contexts.flatten(1).to(w_o[0].device, w_o[0].dtype)  # [tokens, n_heads * width]
        outputs = functional.output(merged, *w_o).float().cpu().numpy()
        pairs = zip(contexts.cpu().numpy(), outputs, strict=True)
        return [JoinedHeads(contexts=context, output=output) for context, output in pairs]

    def survey(self, ids: Sequence[int], pairs: Pairs | None = None) -> HeadSurvey:
        """Every head at a glance."""
        return survey_heads(
            self.q,
            self.k,
            ids=ids,
            units=self.units,
            pairs=pairs,
            across=self.across,
            tile=self.tile,
            **self.rules,
        )

    @property
    def nbytes(self) -> int:
        parts = (self.q, self.k, self.v, self.x, self.q_projected)
        return sum(part.nbytes for part in parts if part is not None)


@dataclass(frozen=True, eq=False)
class Given:
    """One layer of a pass of which the model handed over the weights, and nothing else.

    Args:
        given: ``[n_heads, seq_len, seq_len]``.
        causal: no query sees a later key.
        units: tokens that are shown as one.
    """

    given: Tensor
    causal: bool
    units: Units | None
    x: None = None  # see :class:`Kept`
    q_projected: None = None

    def weights(self, head: int) -> np.ndarray:
        """float32 ``[n, n]``."""
        return head_of(self._layer, head, units=self.units)

    def every_weight(self) -> Tensor:
        """Of all heads, float32 ``[n_heads, seq_len, seq_len]``, tokens never merged."""
        return self.given.float()

    def written(self, weights: Tensor, w_o: Matrix | None) -> None:
        """Nobody knows: there are no values."""

    def joined(self, tokens: Sequence[int], w_o: Matrix | None) -> list[JoinedHeads]:
        """None."""
        return []

    def survey(self, ids: Sequence[int], pairs: Pairs | None = None) -> HeadSurvey:
        """Every head at a glance."""
        return survey_layer(self._layer, ids=ids, units=self.units, pairs=pairs)

    @property
    def nbytes(self) -> int:
        return self.given.nbytes

    @property
    def _layer(self) -> GivenWeights:
        return GivenWeights(self.every_weight(), causal=self.causal)


class Surveys(Sequence[HeadSurvey]):
    """One survey a layer: made during the pass, or where q and k are kept when it is asked for.

    Args:
        ids: the tokens of the pass.
        kept: by layer; none where the text was too long to keep them.
        made: those made already, by layer.
        pairs: for the agreement score, ``(query, key)`` in tokens.
    """

    def __init__(
        self,
        ids: Sequence[int],
        kept: Sequence[Kept | Given],
        made: Sequence[HeadSurvey] = (),
        pairs: Pairs | None = None,
    ) -> None:
        self._ids, self._kept, self._pairs = ids, kept, pairs
        self._made = dict(enumerate(made))
        self._n = len(made) or len(kept)

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, layer: int) -> HeadSurvey: ...
    @overload
    def __getitem__(self, layer: slice) -> Sequence[HeadSurvey]: ...
    def __getitem__(self, layer: int | slice) -> HeadSurvey | Sequence[HeadSurvey]:
        if isinstance(layer, slice):
            return [self[n] for n in range(self._n)[layer]]
        n = range(self._n)[layer]
        if n not in self._made:
            self._made[n] = self._kept[n].survey(self._ids, self._pairs)
        return self._made[n]

    @property
    def nbytes(self) -> int:
        """Of the tiles that were made."""
        return sum(survey.tiles.nbytes for survey in list(self._made.values()))
