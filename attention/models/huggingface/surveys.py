"""One pass of a language model in which every head is looked at and almost nothing is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from attention.models.huggingface.capture import AttentionCall
from attention.models.huggingface.errors import Cancelled
from attention.survey import HeadSurvey, head_weights, pool_to, survey_heads
from attention.text.pieces import Units

# Up to so many tokens q and k of every layer are kept, so that any head's weights are there
# without another pass: for SmolLM2 92 KB a token in float32, 47 MB at 512.
KEPT_TOKENS = 512
# Up to so many tokens the pass fills a real cache, whose bytes are measured: 94 MB at 2,048.
MEASURED_TOKENS = 2048
# The chosen head is kept whole up to so many tokens (16 MB), and pooled to them beyond.
CHOSEN_SIDE = 2048


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One candidate for the next token."""

    id: int
    text: str
    probability: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Survey:
    """What one pass showed of every layer, and of the chosen head in full.

    Where tokens were merged to units, every array counts units.
    """

    layers: tuple[HeadSurvey, ...]
    layer: int  # the chosen one
    head: int
    chosen: np.ndarray  # float32 [side, side], weights of the chosen head
    chosen_pool: int  # 1: exact; else the largest of each square of so many
    predictions: tuple[Prediction, ...] | None  # most probable first; None without an LM head
    logits: np.ndarray | None  # float32 [vocab_size], of the last token
    cache_bytes: int | None  # measured; None for an encoder, and beyond 2,048 tokens
    seconds: float  # the pass with its tiles and scores
    _kept: "Kept" = field(repr=False)

    def weights(self, layer: int, head: int) -> np.ndarray | None:
        """Exact weights of any head, float32 ``[n, n]``, without another pass.

        None beyond 512 tokens, where q and k are not kept.
        """
        return self._kept.weights(layer, head)

    @property
    def nbytes(self) -> int:
        """Bytes that this survey holds on to, for caches that are bounded."""
        tiles = sum(layer.tiles.nbytes for layer in self.layers)
        logits = 0 if self.logits is None else self.logits.nbytes
        return tiles + self.chosen.nbytes + logits + self._kept.nbytes


class Kept:
    """q and k of every layer of a short text."""

    def __init__(self, n_tokens: int, units: Units | None) -> None:
        self.keeps, self._units = n_tokens <= KEPT_TOKENS, units
        self._layers: list[tuple[Tensor, Tensor, dict]] = []

    def add(self, q: Tensor, k: Tensor, rules: dict) -> None:
        if self.keeps:
            self._layers.append((q, k, rules))

    def weights(self, layer: int, head: int) -> np.ndarray | None:
        if not self.keeps:
            return None
        q, k, rules = self._layers[layer]
        return head_weights(q, k, head, units=self._units, **rules)

    @property
    def nbytes(self) -> int:
        return sum(q.nbytes + k.nbytes for q, k, _ in self._layers)


class Surveyor:
    """Looks at each layer as it passes; see :meth:`.model.LanguageModel.survey`.

    Args:
        ids: the tokens of the pass.
        layer, head: the chosen one.
        units: tokens that are shown as one; None shows every token.
        cancelled: asked before each layer.
    """

    def __init__(
        self,
        ids: Sequence[int],
        layer: int,
        head: int,
        units: Units | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.ids, self.layer, self.head, self.units = list(ids), layer, head, units
        self.cancelled = cancelled
        self.kept = Kept(len(ids), units)
        self.layers: list[HeadSurvey] = []
        self.chosen: np.ndarray | None = None
        self.chosen_pool = 1
        self._rules = Rules()
        self._started = perf_counter()

    def receive(self, call: AttentionCall) -> None:
        """Reads one layer; the context is left to torch's fused attention."""
        if self.cancelled is not None and self.cancelled():
            raise Cancelled
        q, k = call.q[0], call.k[0]
        rules = self._rules.of(call)
        self.layers.append(survey_heads(q, k, ids=self.ids, units=self.units, **rules))
        if call.layer == self.layer:
            weights = head_weights(q, k, self.head, units=self.units, **rules)
            self.chosen, self.chosen_pool = pool_to(weights, CHOSEN_SIDE)
        self.kept.add(q, k, rules)

    def survey(
        self,
        predictions: tuple[Prediction, ...] | None,
        logits: np.ndarray | None,
        cache_bytes: int | None,
    ) -> Survey:
        """What was seen, once the pass is over."""
        return Survey(
            layers=tuple(self.layers),
            layer=self.layer,
            head=self.head,
            chosen=self.chosen,
            chosen_pool=self.chosen_pool,
            predictions=predictions,
            logits=logits,
            cache_bytes=cache_bytes,
            seconds=perf_counter() - self._started,
            _kept=self.kept,
        )


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
