"""The weights of a layer as the picture takes them: pooled where there are many, and square."""

import numpy as np

#: Above this many tokens a tile of the gallery is pooled.
MAX_TILE = 128


def scene_weights(weights: np.ndarray, side: int = MAX_TILE) -> tuple[np.ndarray, int]:
    """The tiles of a layer, each at most `side` values wide, and how much they are pooled.

    Args:
        weights: float32 [n_heads, n_tokens, n_tokens].

    Returns:
        float32 [n_heads, tile, tile], each value the largest of `pool` x `pool` weights; `pool`.
    """
    pool = max(1, -(-weights.shape[-1] // side))
    if pool == 1:
        return weights, 1
    missing = -weights.shape[-1] % pool
    padded = np.pad(weights, ((0, 0), (0, missing), (0, missing)))
    rows = np.maximum.reduce([padded[:, start::pool] for start in range(pool)])  # [n, t/pool, t]
    return np.maximum.reduce([rows[:, :, start::pool] for start in range(pool)]), pool


def squared(weights: np.ndarray) -> np.ndarray:
    """`[..., rows, columns]` with 0 below, or to the right, up to the longer side."""
    rows, columns = weights.shape[-2:]
    side = max(rows, columns)
    none = [(0, 0)] * (weights.ndim - 2)
    return np.pad(weights, [*none, (0, side - rows), (0, side - columns)])
