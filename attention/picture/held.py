"""What becomes of the tokens, as the self-contained page of :mod:`.page` keeps it.

A layer keeps, behind its tiles, int16 little-endian ``[tokens, n_heads * width + d_model]``: of
each token the contexts of its heads side by side, and what W_O makes of them. ``held`` in the
layer's header has the first of the tokens and, of each, the largest context and the largest number
of the output, which are 32767.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attention.config import AttentionConfig
from attention.models.look import JoinedHeads

#: Bytes, in all layers: what the page of a long text weighs anyhow.
MOST = 2**21
STEPS = 32767


def held_tokens(configs: Sequence[AttentionConfig], count: int, chosen: int) -> range:
    """Of ``count`` tokens shown all, or where that were too much the chosen one."""
    numbers = sum(config.n_heads * config.head_dim + config.d_model for config in configs)
    return range(count) if 2 * numbers * count <= MOST else range(chosen, chosen + 1)


def pack_held(joined: Sequence[JoinedHeads], first: int) -> tuple[dict[str, Any] | None, bytes]:
    """The header's ``held`` and the bytes; None and nothing where the model shows no such thing."""
    if not joined:
        return None, b""
    parts = [(one.contexts.ravel(), one.output) for one in joined]
    scales = [[float(abs(part).max()) for part in pair] for pair in parts]
    rows = [
        np.rint(part * (STEPS / scale if scale else 0)).astype("<i2")
        for pair, of in zip(parts, scales, strict=True)
        for part, scale in zip(pair, of, strict=True)
    ]
    width = joined[0].contexts.shape[1]
    return {"first": first, "width": width, "scales": scales}, np.concatenate(rows).tobytes()
