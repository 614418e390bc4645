"""What a self-contained page holds of one model on one text; see :mod:`.page` for its form."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from attention.config import AttentionConfig
from attention.models.base import Model
from attention.models.blocks import number_of
from attention.models.look import Look, Reading
from attention.models.parts import Parted
from attention.models.roles import Roles
from attention.picture.adapted import adapter_note
from attention.picture.blocks import told as told_of_blocks
from attention.picture.compose import joined_of, map_of, scene_of
from attention.picture.consistency import check_scene
from attention.picture.held import held_tokens, pack_held
from attention.picture.payload import header_of, quantise
from attention.text.tokens import isolated
from attention.words import Words

#: Of a layer's header what does not differ between layers is kept once.
_OF_LAYER = (
    "shape",
    "split",
    "causal",
    "tile",
    "pool",
    "short",
    "long",
    "role",
    "here",
    "about",
    "cache",
)


@dataclass(frozen=True, eq=False)
class Shown:
    """What was looked at.

    Args:
        raw: the look counts tokens, and no merged pieces.
        opened: `layer`, `head` and `token` that are open first, and tokens chosen beside it,
            `also`; by default the look's own head.
    """

    model: Model
    reading: Reading
    look: Look
    roles: Roles | None
    raw: bool = False
    opened: Mapping[str, Any] = field(default_factory=dict)

    @property
    def first(self) -> dict[str, Any]:
        """What is open first."""
        token = self.reading.opening(self.raw)
        own = {"layer": self.look.layer, "head": self.look.head, "token": token}
        return own | dict(self.opened)


def pack(
    shown: Shown, words: Words, *, several: bool, said: Sequence[str] = ()
) -> tuple[str, list[str]]:
    """The lines of the page's data, and the notes beneath the picture.

    Args:
        several: the page holds others, too, so that notes and figures go with the data.
        said: notes that come first.
    """
    model, reading, look, raw = shown.model, shown.reading, shown.look, shown.raw
    tokens = held_tokens(look.configs, len(reading.shown(raw)), shown.first["token"])
    followed = [reading.followed(token, raw) for token in tokens]
    held = [
        pack_held(joined_of(model, look, layer, followed), tokens.start)
        for layer in range(model.n_layers)
    ]
    notes = [*said, *_notes(model, reading, look, words)]
    if held[0][1] and len(tokens) < len(reading.shown(raw)):
        token = isolated(reading.shown(raw)[tokens.start])
        notes.insert(0, words("saved.joined", token=token, i=tokens.start))
    told = {"said": about_of(model, reading, words), "notes": notes} if several else {}
    return _packed(shown, words, held, told), notes


def about_of(model: Model, reading: Reading, words: Words) -> str:
    """The page's line of figures."""
    return words(
        "saved.about",
        layers=model.n_layers,
        heads=sum(config.n_heads for config in model.configs),
        tokens=words.number(len(reading.ids)),
        facts=", ".join(filter(None, (model.architecture, model.device, model.number_format))),
    )


def _notes(model: Model, reading: Reading, look: Look, words: Words) -> list[str]:
    """What is not exact, and what the file is."""
    largest = max(float(layer.tiles.max()) for layer in look.layers)
    notes = _of_pair(model, reading, words)
    steps = 1 if reading.patches is not None else 2  # between roots they are twice as wide
    notes.append(words("saved.steps", error=words.number(100 * largest / 255 / steps, ".1f")))
    if (pool := look.layers[0].pool) > 1:
        notes.insert(0, words("saved.pooled", pool=pool))
    if reading.cut:
        kept = {"total": words.number(reading.total), "kept": words.number(len(reading.ids))}
        notes.insert(0, words("saved.cut", **kept))
    if reading.n_generated and not reading.is_own:
        notes.insert(0, words.count("saved.generated", reading.n_generated))
    if model.trained_tokens is not None:
        notes.append(words("saved.trained", n=words.number(model.trained_tokens)))
    notes += told_of_blocks(model.blocks, words)
    if model.weights_only:
        notes.append(words("sentence.weights_only"))
    numbers = [number_of(layer, model.blocks) for layer in range(model.n_layers)]
    notes += _of_layers("saved.sinks", model.sinks, numbers, words)
    for window in sorted({window for window in model.windows if window is not None}):
        windowed = [window == own for own in model.windows]
        notes += _of_layers("saved.windows", windowed, numbers, words, n=words.number(window))
    if model.adapter is not None:
        notes.append(adapter_note(model, reading.ids, words))
    notes.append(words("saved.file"))
    return notes


def _of_pair(model: Model, reading: Reading, words: Words) -> list[str]:
    """Which attention of an encoder–decoder it is, and whose its target."""
    if not isinstance(model, Parted):
        return []
    said = [words(f"pair.{model.part}")]
    return [*said, words("pair.generated")] if reading.is_own else said


def _of_layers(
    key: str, which: Sequence[bool], numbers: Sequence[int], words: Words, **values: Any
) -> list[str]:
    """A sentence of the layers that something is true of; none where it is of none."""
    layers = ", ".join(str(number) for number, true in zip(numbers, which, strict=True) if true)
    return [words(key, layers=layers, **values)] if layers else []


def _packed(
    shown: Shown,
    words: Words,
    held: Sequence[tuple[dict[str, Any] | None, bytes]],
    told: Mapping[str, Any],
) -> str:
    """The header's line, then the layers'."""
    look, roots = shown.look, shown.reading.patches is not None
    headers, lines, model_map = [], [], map_of(look, shown.reading, shown.roles, words)
    for index, config in enumerate(look.configs):
        scene = scene_of(
            look,
            shown.reading,
            index,
            0,
            words,
            raw=shown.raw,
            roles=shown.roles,
            uneven="saved.cache",
            model_map=model_map,
        )
        check_scene(scene)
        scale = float(scene.tiles.max())
        tiles = quantise(rooted(scene.tiles, scale) if roots else scene.tiles, scale, np.uint8)
        header = header_of(scene)
        own = {"scale": scale, "tiles_id": f"{index}", "held": held[index][0]}
        headers.append({name: header[name] for name in _OF_LAYER} | own)
        lines.append(_line(_pruned(tiles, config).tobytes() + held[index][1]))
    common = {name: value for name, value in header.items() if name not in _OF_LAYER}
    common |= {"side": 0, "roots": roots, "take": words.section("take"), **shown.first, **told}
    text = json.dumps({"common": common, "layers": headers}, ensure_ascii=False)
    return "\n".join((_line(text.encode("utf-8", "replace")), *lines))


def rooted(weights: np.ndarray, scale: float) -> np.ndarray:
    """Weights whose share of ``scale`` is the root of what it was: what a patch is given is a small
    share of what the strongest is, and has to stay apart from nothing in 255 steps."""
    return np.sqrt(weights * np.float32(scale))


def _pruned(tiles: np.ndarray, config: AttentionConfig) -> np.ndarray:
    """[n_heads, tile, tile], or of causal heads [n_heads, tile * (tile + 1) / 2]."""
    if not config.causal:
        return tiles
    keys, queries = np.triu_indices(tiles.shape[-1])
    return tiles[:, queries, keys]


def _line(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode("ascii")
