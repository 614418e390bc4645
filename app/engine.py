"""Everything that needs torch: the trained layouts, loaded once, and a look at one of them.

compute.py imports this late, so that the page stands before torch is loaded.
"""

import gc
import threading

import torch

from app.look import Look, Reading
from attention import functional, models, probes
from attention.decoder import ModelTrace
from attention.kv_cache import KVCache
from attention.models import LayoutModel
from attention.trace import AttentionTrace

PAGE_TOKENS = 384  # more than this is cut: the picture pools above 128, and weights grow as n²


class Shelf:
    """Every trained layout, loaded once and never changed."""

    def __init__(self) -> None:
        # The matrices are small: handing them to a second thread costs more than it gains, and
        # the browser wants that core.
        torch.set_num_threads(1)
        self.layouts = models.available_layouts()
        self._models: dict[tuple[int, int], LayoutModel] = {}
        self._lock = threading.Lock()

    def get(self, n_heads: int, n_kv_heads: int) -> LayoutModel:
        with self._lock:
            if (n_heads, n_kv_heads) not in self._models:
                self._models[n_heads, n_kv_heads] = models.load_layout(n_heads, n_kv_heads)
            return self._models[n_heads, n_kv_heads]

    def fill(self) -> None:
        """Load the others in the background: a step of the slider never waits for the disk."""
        threading.Thread(target=self._fill).start()

    def _fill(self) -> None:
        for layout in self.layouts:
            self.get(*layout)
        # Streamlit collects garbage after every run, which with torch loaded takes 100 ms in which
        # nothing is sent. All that is loaded by now stays for good and need not be walked over.
        gc.collect()
        gc.freeze()

    def read(self, text: str) -> Reading:
        """Tokenize; every layout has the same tokenizer."""
        model = self.get(*self.layouts[0])
        ids = model.encode(text)
        kept = ids[:PAGE_TOKENS]
        drawn = text if len(kept) == len(ids) else model.decode(kept).rstrip("\ufffd")
        return Reading(drawn, tuple(kept), tuple(model.token_texts(kept)), total=len(ids))


def run(model: LayoutModel, ids: tuple[int, ...], *, causal: bool) -> tuple[ModelTrace, int]:
    """One pass that also fills a real KV cache; and the bytes that this cache holds."""
    cache = KVCache(model.n_layers)
    return model.trace(ids, causal=causal, cache=cache), cache.nbytes


def make_look(
    model: LayoutModel,
    trace: AttentionTrace,
    cache_bytes: int,
    layer: int,
    ids: tuple[int, ...],
    pairs: tuple[tuple[int, int], ...],
) -> Look:
    """Score the heads of one layer.

    Args:
        trace: of that layer.
        pairs: for the agreement score, token positions ``(predicts the verb, its subject)``.
    """
    weights = trace.weights[0].float().cpu().numpy()
    scores = probes.score_heads(weights, ids, trace.config.causal, pairs=pairs or None)
    w_q = model.decoder.layers[layer].w_q
    return Look(
        trace=trace,
        weights=weights,
        heads=tuple(probes.strongest(score) for score in scores),
        cache_bytes=cache_bytes,
        split_error=split_error(trace, w_q.weight, w_q.bias),
        device=model.device,
        number_format=str(trace.k.dtype).removeprefix("torch."),
    )


@torch.inference_mode()
def split_error(trace: AttentionTrace, weight: torch.Tensor, bias: torch.Tensor | None) -> float:
    """The largest difference between x·W_Q^i, a head at a time, and x·W_Q cut into heads.

    Args:
        weight: W_Q as ``nn.Linear`` has it, ``[n_heads * head_dim, d_model]``; bias: of W_Q.
    """
    n_heads = trace.config.n_heads
    parts = weight.chunk(n_heads)
    biases = bias.chunk(n_heads) if bias is not None else [None] * n_heads
    alone = [functional.project(trace.x, *part) for part in zip(parts, biases, strict=True)]
    return (torch.cat(alone, dim=-1) - trace.q_projected).abs().max().item()
