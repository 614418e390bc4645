"""Two heads side by side, for ``pair.js``: the payloads of two scenes and what stands beneath each.

As one ``bytes`` object::

    uint32   length of the header in bytes, little-endian
    header   UTF-8 JSON: caption of the next tokens; of each side title, sentence, next tokens
    bytes    the two payloads of :func:`attention.picture.payload.encode`
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attention.picture.payload import encode
from attention.picture.scene import Scene


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two.

    Args:
        scene: with one head chosen.
        title: whose head it is; told: a sentence about it.
        next: what may come next: token, probability, and that in words.
    """

    scene: Scene
    title: str
    told: str
    next: tuple[tuple[str, float, str], ...]


def encode_pair(left: Side, right: Side, caption: str) -> bytes:
    """The form that the module's docstring describes.

    Raises:
        SceneError: a scene does not fit together.
    """
    sides = (left, right)
    payloads = [encode(side.scene) for side in sides]
    header = {
        "caption": caption,
        "lengths": [len(payload) for payload in payloads],
        "sides": [{"title": s.title, "told": s.told, "next": s.next} for s in sides],
    }
    text = json.dumps(header, ensure_ascii=False).encode("utf-8", "replace")
    return b"".join((struct.pack("<I", len(text)), text, *payloads))


def likeness(one: np.ndarray, others: Sequence[np.ndarray], *, causal: bool) -> list[np.ndarray]:
    """How alike heads look at one text: Pearson's correlation of their weights.

    Only weights that could differ count: no key that the mask hides, and no query that sees one
    key alone.

    Args:
        one: ``[n, n]``, the weights of a head.
        others: a layer each, ``[n_heads, n, n]``.

    Returns:
        A layer each, float64 ``[n_heads]``, -1 to 1; NaN where the weights of either do not vary.
    """
    n = len(one)
    rows, keys = np.tril_indices(n) if causal else np.indices((n, n)).reshape(2, -1)
    counted = (rows > 0) | (not causal)
    rows, keys = rows[counted], keys[counted]
    mine = _centred(one[rows, keys][None])[0]
    found = []
    for layer in others:
        theirs = _centred(layer[:, rows, keys])
        norms = np.linalg.norm(theirs, axis=1) * np.linalg.norm(mine)
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(np.where(norms > 0, theirs @ mine / norms, np.nan))
    return found


def _centred(values: np.ndarray) -> np.ndarray:
    if not values.size:
        return values.astype(np.float64)
    return values.astype(np.float64) - values.mean(axis=-1, keepdims=True, dtype=np.float64)
