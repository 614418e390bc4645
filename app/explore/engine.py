"""Everything that needs torch: the trained layouts, loaded once, and a look at one of them.

compute.py imports this late, so that the page stands before torch is loaded.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from app import garbage
from app.explore.look import Cache, Reading
from app.explore.steps import query_row
from attention import functional, probes
from attention.kv.equal_layers import cache_bytes
from attention.kv_cache import KVCache
from attention.models.layouts import load
from attention.models.layouts.decoder import ModelTrace
from attention.models.layouts.load import LayoutModel, LayoutSurvey
from attention.picture.scene import scene_weights
from attention.text import pieces
from attention.text.pieces import Units
from attention.text.tokens import BYTE_OF_SIGN
from attention.trace import AttentionTrace

PAGE_TOKENS = 1024  # more than this is cut
SHORT_TOKENS = 128  # up to here every weight of every layer is kept
# For the language models half of what torch takes by itself. The rest is for server and browser: a
# thread that has to share its core holds up all others (on 2 busy cores, 12 s became 171 s).
MODEL_THREADS = max(1, torch.get_num_threads() // 2)


class Shelf:
    """Every trained layout, loaded once and never changed."""

    def __init__(self) -> None:
        self.layouts = load.available_layouts()
        self._models: dict[tuple[int, int], LayoutModel] = {}
        self._lock = threading.Lock()

    def get(self, n_heads: int, n_kv_heads: int) -> LayoutModel:
        # The matrices are small: handing them to a second thread costs more than it gains, and
        # the browser wants that core. It holds for this thread, and each run of a page has its own.
        torch.set_num_threads(1)
        with self._lock:
            if (n_heads, n_kv_heads) not in self._models:
                self._models[n_heads, n_kv_heads] = load.load_layout(n_heads, n_kv_heads)
            return self._models[n_heads, n_kv_heads]

    def fill(self) -> None:
        """Load the others in the background: a step of the slider never waits for the disk."""
        threading.Thread(target=self._fill).start()

    def _fill(self) -> None:
        for layout in self.layouts:
            self.get(*layout)
        garbage.settle()

    def read(self, text: str) -> Reading:
        """Tokenize; every layout has the same tokenizer."""
        model = self.get(*self.layouts[0])
        ids = model.encode(text)
        kept = ids[:PAGE_TOKENS]
        drawn = text if len(kept) == len(ids) else model.decode(kept).rstrip("\ufffd")
        tokens = tuple(model.token_texts(kept))
        written = (model.tokenizer.id_to_token(i) for i in kept)
        units = pieces.merge([bytes(BYTE_OF_SIGN[s] for s in piece) for piece in written], tokens)
        shown = units if units.merged else None
        return Reading(drawn, tuple(kept), tokens, total=len(ids), units=shown)


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of a layout on a text, for every head. Arrays count what is shown."""

    tiles: np.ndarray  # float32 [n_heads, tile, tile]
    pool: int
    weights: Callable[[int], np.ndarray]  # of a head, float32 [n, n]
    heads: tuple[tuple[str, float], ...]  # (name, value) of each head's strongest score
    cache: Cache
    split_error: float
    trace: Callable[[int], AttentionTrace]  # of one token's query


def run(model: LayoutModel, ids: tuple[int, ...], *, causal: bool) -> tuple[ModelTrace, int]:
    """One pass that also fills a real KV cache; and the bytes that this cache holds."""
    cache = KVCache(model.n_layers)
    return model.trace(ids, causal=causal, cache=cache), cache.nbytes


def short_layer(
    model: LayoutModel,
    passed: tuple[ModelTrace, int],
    layer: int,
    ids: tuple[int, ...],
    pairs: tuple[tuple[int, int], ...],
    units: Units | None,
) -> Layer:
    """Score the heads of one layer, out of a pass that kept every weight.

    Args:
        passed: what :func:`run` gave.
        pairs: for the agreement score, positions of what is shown ``(predicts the verb, its
            subject)``.
        units: tokens that are shown as one; None shows every token.
    """
    trace, cache_bytes = passed[0].layers[layer], passed[1]
    weights = trace.weights[0].float().cpu().numpy()
    if units is not None:
        weights, ids = pieces.merge_weights(weights, units), units.ids(ids)
    scores = probes.score_heads(weights, ids, trace.config.causal, pairs=pairs or None)
    tiles, pool = scene_weights(weights)
    return Layer(
        tiles=tiles,
        pool=pool,
        weights=weights.__getitem__,
        heads=tuple(probes.strongest(score) for score in scores),
        cache=cache_of(model, cache_bytes, trace.k),
        split_error=_check(model, layer, trace),
        trace=lambda token: query_row(trace, token),
    )


def long_layer(
    model: LayoutModel,
    layer: int,
    head: int,
    ids: tuple[int, ...],
    causal: bool,
    units: Units | None,
) -> Layer:
    """The same of a long text, whose weights are never held together.

    Args:
        head: whose weights are wanted first; those of the others are computed when asked for.
    """
    survey = model.survey(ids, causal=causal, layer=layer, head=head, units=units)
    return Layer(
        tiles=survey.heads.tiles,
        pool=survey.heads.pool,
        weights=lambda wanted: survey.chosen if wanted == head else survey.weights(wanted),
        heads=tuple(probes.strongest(score) for score in survey.heads.scores),
        cache=cache_of(model, survey.cache_bytes, survey.k),
        split_error=_check(model, layer, survey),
        trace=lambda token: long_row(model, survey, layer, token),
    )


@torch.inference_mode()
def long_row(model: LayoutModel, survey: LayoutSurvey, layer: int, token: int) -> AttentionTrace:
    """Every intermediate of one query, worked out anew from the layer's input."""
    here, config = model.decoder.layers[layer], survey.config
    row = slice(token, token + 1)
    x, q = survey.x[:, row], survey.q[:, :, row]
    v = functional.split_heads(here.w_v(survey.x), config.n_kv_heads)
    scores = functional.scores(q, survey.k)
    masked = scores.clone()
    if config.causal:
        masked[..., token + 1 :] = -torch.inf
    weights = functional.softmax(masked)
    context = functional.context(weights, v)
    merged = functional.merge_heads(context)
    return AttentionTrace(
        config=config,
        x=x,
        q_projected=survey.q_projected[:, row],
        k_projected=here.w_k(x),
        v_projected=here.w_v(x),
        q=q,
        k=survey.k,
        v=v,
        scores=scores,
        weights=weights,
        context=context,
        merged=merged,
        output=here.w_o(merged),
    )


def cache_of(model: LayoutModel, measured: int, k: torch.Tensor) -> Cache:
    """What was measured on the real cache, beside the same text with MHA and MQA.

    Args:
        k: any layer's keys, ``[1, n_kv_heads, kv_len, head_dim]``.
    """

    def size(n_kv_heads: int) -> int:
        return int(
            cache_bytes(
                n_layers=model.n_layers,
                n_kv_heads=n_kv_heads,
                head_dim=model.config.head_dim,
                tokens=k.shape[2],
                number_bytes=k.element_size(),
            )
        )

    return Cache(
        measured=measured,
        formula=size(model.config.n_kv_heads),
        number_bytes=k.element_size(),
        mha=size(model.config.n_heads),
        mqa=size(1),
    )


def _check(model: LayoutModel, layer: int, of: AttentionTrace | LayoutSurvey) -> float:
    w_q = model.decoder.layers[layer].w_q
    return split_error(of, w_q.weight, w_q.bias)


@torch.inference_mode()
def split_error(
    of: AttentionTrace | LayoutSurvey, weight: torch.Tensor, bias: torch.Tensor | None
) -> float:
    """The largest difference between x·W_Q^i, a head at a time, and x·W_Q cut into heads.

    Args:
        of: has the layer's x and what W_Q made of it.
        weight: W_Q as ``nn.Linear`` has it, ``[n_heads * head_dim, d_model]``; bias: of W_Q.
    """
    n_heads = of.config.n_heads
    parts = weight.chunk(n_heads)
    biases = bias.chunk(n_heads) if bias is not None else [None] * n_heads
    alone = [functional.project(of.x, *part) for part in zip(parts, biases, strict=True)]
    return (torch.cat(alone, dim=-1) - of.q_projected).abs().max().item()
