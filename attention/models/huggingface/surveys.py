"""One pass of a language model in which every head is looked at and almost nothing is kept."""

from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from attention.config import AttentionConfig
from attention.interventions.off import Off
from attention.models.blocks import Block
from attention.models.huggingface.call import AttentionCall
from attention.models.kept import Given, Kept, Surveys
from attention.models.look import CacheSize, Look, Prediction
from attention.models.looks import Asked
from attention.survey import TILE, HeadSurvey, pool_to

# Up to so many tokens q, k and v of every layer are kept, so that any head's weights and context
# are there without another pass: for SmolLM2 115 KB a token in float32, 59 MB at 512.
KEPT_TOKENS = 512
# Up to so many tokens the pass fills a real cache, whose bytes are measured: 94 MB at 2,048.
MEASURED_TOKENS = 2048
# The chosen head is kept whole up to so many tokens (16 MB), and pooled to them beyond.
CHOSEN_SIDE = 2048


class Surveyor:
    """Looks at each layer as it passes; see :meth:`attention.models.base.Looks.look`.

    Args:
        across: queries and keys are tokens of two texts.
        tile: no head's tile has more rows than this.
    """

    def __init__(self, asked: Asked, *, across: bool = False, tile: int = TILE) -> None:
        self.asked, self._across, self._tile = asked, across, tile
        self.kept: list[Kept | Given] = []
        self.surveys: list[HeadSurvey] = []
        self._rules = Rules()
        self._started = perf_counter()

    def receive(self, call: AttentionCall) -> None:
        """Reads one layer; the context is left to torch's fused attention."""
        self.asked.go_on()
        layer = Kept(
            call.q[0],
            call.k[0],
            self._rules.of(call),
            self.asked.units,
            call.v[0],
            change=call.change,
            across=self._across,
            tile=self._tile,
        )
        self.take(layer)

    def take(self, layer: Kept | Given) -> None:
        """The next one."""
        if len(self.surveys) == self.asked.layer:
            self.chosen, self.chosen_pool = pool_to(layer.weights(self.asked.head), CHOSEN_SIDE)
        self.surveys.append(layer.survey(self.asked.ids, self.asked.pairs))
        if len(self.asked.ids) <= KEPT_TOKENS:
            self.kept.append(layer)

    def look(
        self,
        configs: tuple[AttentionConfig, ...],
        predictions: tuple[Prediction, ...] | None,
        logits: np.ndarray | None,
        cache: CacheSize | None,
        beside: CacheSize | None,
        off: Off,
        blocks: tuple[Block, ...],
    ) -> Look:
        """What was seen, once the pass is over."""
        return Look(
            configs=configs,
            layers=Surveys(self.asked.ids, self.kept, self.surveys),
            layer=self.asked.layer,
            head=self.asked.head,
            chosen=self.chosen,
            chosen_pool=self.chosen_pool,
            cache=cache,
            beside=beside,
            predictions=predictions,
            logits=logits,
            seconds=perf_counter() - self._started,
            kept=self.kept,
            pairs=tuple(self.asked.pairs or ()),
            off=off,
            blocks=blocks,
        )


class Keeper(Surveyor):
    """Keeps each layer and looks at none; the pass ends where the last one's q and k are known.

    Args:
        n_layers: that there are.
    """

    def __init__(self, asked: Asked, n_layers: int, *, across: bool = False) -> None:
        super().__init__(asked, across=across)
        self._n_layers = n_layers

    def receive(self, call: AttentionCall) -> None:
        """Raises AllKeptError at the last one."""
        super().receive(call)
        if call.layer == self._n_layers - 1:
            raise AllKeptError

    def take(self, layer: Kept | Given) -> None:
        """The next one."""
        if len(self.asked.ids) <= KEPT_TOKENS:
            self.kept.append(layer)


class AllKeptError(Exception):
    """Nobody asks for the rest of a pass."""


class Rules:
    """The keyword arguments that make :mod:`attention.survey` weigh as a layer does.

    A mask that is a causal or sliding band is said in words, not numbers: at 8,192 tokens a mask to
    be added would take 256 MB.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[Tensor, tuple[bool, int | None, bool]]] = {}

    def of(self, call: AttentionCall) -> dict:
        causal, window, added = call.causal, None, call.bias
        if call.mask is not None:
            causal, window, is_band = self._look(call.mask)
            added = call.bias if is_band else call.additive_mask()
        return {
            "causal": causal,
            "window": window,
            "mask": None if added is None else added[0],
            "scale": call.scale,
            "softcap": call.softcap,
            "sinks": call.sinks,
        }

    def _look(self, mask: Tensor) -> tuple[bool, int | None, bool]:
        """(causal, window, whether that says it all). Layers of one kind share their mask."""
        if mask.shape[2] != mask.shape[3]:  # the keys are another text's
            return False, None, False
        if id(mask) not in self._seen:
            band = band_of(mask)
            told = (*band, True) if band else (hides_what_comes_later(mask), None, False)
            self._seen[id(mask)] = (mask, told)  # held, so that its id stays its own
        return self._seen[id(mask)][1]


def hides_what_comes_later(mask: Tensor) -> bool:
    """Whether a mask ``[1, 1 or n_heads, n, n]`` hides every later key, whatever else it hides."""
    hidden = ~mask if mask.dtype == torch.bool else mask <= torch.finfo(mask.dtype).min / 2
    n = mask.shape[-1]
    return all(bool(hidden[:, :, query, query + 1 :].all()) for query in range(n - 1))


def band_of(mask: Tensor) -> tuple[bool, int | None] | None:
    """(causal, window) of a bool mask ``[1, 1, n, n]`` that is a band; None if it is not one."""
    if mask.dtype != torch.bool or mask.shape[:2] != (1, 1) or mask.shape[2] != mask.shape[3]:
        return None
    rows = mask[0, 0]
    n = len(rows)
    causal = n > 1 and not bool(rows[0, 1:].any())
    width = int(rows[-1].sum())
    keys = torch.arange(n, device=mask.device)
    for query in range(0, n, 1024):  # bounded memory
        at = torch.arange(query, min(query + 1024, n), device=mask.device)[:, None]
        near = (at - keys).abs() < width
        if not torch.equal(rows[query : query + 1024], near & (keys <= at) if causal else near):
            return None
    return causal, None if width >= n else width
