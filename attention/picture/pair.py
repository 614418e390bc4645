"""Two heads side by side, for ``pair.js``: the payloads of two scenes and what stands beneath each.

As one ``bytes`` object::

    uint32   length of the header in bytes, little-endian
    header   UTF-8 JSON: caption of the next tokens; of each side title, sentence, next tokens
    bytes    the two payloads of :func:`attention.picture.payload.encode`
"""

import json
import struct
from dataclasses import dataclass

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
