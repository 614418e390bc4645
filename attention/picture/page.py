"""One HTML file that shows every layer and head of a model on a text, and needs nothing else.

It holds the picture's scripts (:mod:`attention.picture`) and, in an inert element, one line of
base64 for the header and one for each layer, both deflated (RFC 1950). A layer's line is uint8
tiles as :mod:`attention.picture.payload` has them, ``[n_heads, tile, tile]``; of a causal layer
only what is not masked, head by head, each column from the diagonal down: attention changes little
from one query to the next, so that this order packs best (9 % smaller than rows, with SmolLM2 on
128 tokens). Behind them stands what becomes of each token, see :mod:`.held`; of a long text only
of the token that is open first.

A content security policy allows that one script and that one style and no connection at all.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from attention import picture
from attention.config import AttentionConfig
from attention.models.base import Model
from attention.models.blocks import number_of
from attention.models.look import Look, Reading
from attention.models.reading import read
from attention.models.roles import Roles
from attention.picture.blocks import told
from attention.picture.compose import joined_of, map_of, scene_of
from attention.picture.held import held_tokens, pack_held
from attention.picture.payload import header_of, quantise
from attention.picture.scene import check_scene
from attention.text.tokens import isolated
from attention.words import Words, load_words

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


def write_page(path: str | Path, model: Model, text: str | Reading, **choices: Any) -> int:
    """Write :func:`page_html` to a file.

    Returns:
        its bytes.

    Raises:
        OSError: the file cannot be written.
    """
    content = page_html(model, text, **choices).encode("utf-8")
    Path(path).write_bytes(content)
    return len(content)


def page_html(
    model: Model,
    text: str | Reading,
    *,
    layer: int = 0,
    head: int = 0,
    causal: bool | None = None,
    lang: str = "en",
) -> str:
    """The page.

    Args:
        text: or what :mod:`attention.models.reading` made of it. Beyond the model's limit it is
            cut, and the page says so.
        layer, head: what is open first.
        causal: the mask of a trained layout; a language model has its own.
        lang: of the words around, "en" or "hi".

    Raises:
        TextError: no tokens, no such layer or head, or a mask for a language model.
        LocaleError: there is no such language.
    """
    reading, look = look_at(model, text, layer=layer, head=head, causal=causal)
    return html_of(model, reading, look, model.roles(), load_words(lang))


def look_at(
    model: Model, text: str | Reading, *, layer: int = 0, head: int = 0, causal: bool | None = None
) -> tuple[Reading, Look]:
    """The text as the model reads it, and one pass over it: see :func:`page_html`."""
    reading = text if isinstance(text, Reading) else read(model, text)
    units = reading.merged(raw=False)
    return reading, model.look(reading.ids, layer=layer, head=head, causal=causal, units=units)


def html_of(
    model: Model,
    reading: Reading,
    look: Look,
    roles: Roles | None,
    words: Words,
    *,
    raw: bool = False,
    opened: Mapping[str, int] | None = None,
) -> str:
    """The page of what was looked at already.

    Args:
        raw: the look counts tokens, and no merged pieces.
        opened: `layer`, `head` and `token` that are open first; by default the look's own head.
    """
    first = {"layer": look.layer, "head": look.head, "token": reading.last(raw), **(opened or {})}
    script, style = picture.page_script(), picture.page_style()
    title = words("saved.heading", title=model.title)
    most = model.n_layers - 1
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
    policy += "img-src data: blob:; "  # a PNG is made of an SVG
    policy += "base-uri 'none'; form-action 'none'"
    tokens = held_tokens(look.configs, len(reading.shown(raw)), first["token"])
    followed = [reading.followed(token, raw) for token in tokens]
    held = [
        pack_held(joined_of(model, look, layer, followed), tokens.start)
        for layer in range(model.n_layers)
    ]
    packed = _packed(look, reading, roles, words, raw, first, held)
    notes = _notes(model, reading, look, words)
    if held[0][1] and len(tokens) < len(reading.shown(raw)):
        token = isolated(reading.shown(raw)[tokens.start])
        notes.insert(0, words("saved.joined", token=token, i=tokens.start))
    return "".join((
        f'<!doctype html><html lang="{words.lang}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{html.escape(title)}</title><style>{style}</style></head><body>",
        f"<header><h1>{html.escape(title)}</h1>",
        f"<p>{html.escape(_about(model, reading, words))}</p>",
        f'<label class="layer"{"" if most else " hidden"}>{html.escape(words("saved.layer"))}',
        f'<input type="range" min="0" max="{most}" value="{first["layer"]}">',
        f"<output>{number_of(first['layer'], model.blocks)}</output></label>",
        f'</header><p class="old" hidden>{html.escape(words("saved.old"))}</p>',
        f"<noscript><p>{html.escape(words('saved.script'))}</p></noscript>",
        '<main></main><div class="take"></div>',
        f"<footer>{''.join(f'<p>{html.escape(note)}</p>' for note in notes)}</footer>",
        f'<script type="text/plain" id="packed">{packed}</script>',
        f'<script type="module">{script}</script></body></html>\n',
    ))  # fmt: skip


def _about(model: Model, reading: Reading, words: Words) -> str:
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
    notes = [words("saved.steps", error=words.number(100 * largest / 255 / 2, ".1f"))]
    if (pool := look.layers[0].pool) > 1:
        notes.insert(0, words("saved.pooled", pool=pool))
    if reading.cut:
        kept = {"total": words.number(reading.total), "kept": words.number(len(reading.ids))}
        notes.insert(0, words("saved.cut", **kept))
    if model.trained_tokens is not None:
        notes.append(words("saved.trained", n=words.number(model.trained_tokens)))
    notes += told(model.blocks, words)
    if model.weights_only:
        notes.append(words("sentence.weights_only"))
    numbers = [number_of(layer, model.blocks) for layer in range(model.n_layers)]
    notes += _of_layers("saved.sinks", model.sinks, numbers, words)
    for window in sorted({window for window in model.windows if window is not None}):
        windowed = [window == own for own in model.windows]
        notes += _of_layers("saved.windows", windowed, numbers, words, n=words.number(window))
    notes.append(words("saved.file"))
    return notes


def _of_layers(
    key: str, which: Sequence[bool], numbers: Sequence[int], words: Words, **values: Any
) -> list[str]:
    """A sentence of the layers that something is true of; none where it is of none."""
    layers = ", ".join(str(number) for number, true in zip(numbers, which, strict=True) if true)
    return [words(key, layers=layers, **values)] if layers else []


def _packed(
    look: Look, reading: Reading, roles: Roles | None, words: Words, raw: bool,
    first: Mapping[str, int], held: Sequence[tuple[dict[str, Any] | None, bytes]],
) -> str:  # fmt: skip
    """The header's line, then the layers'."""
    headers, lines, model_map = [], [], map_of(look, roles, words)
    for index, config in enumerate(look.configs):
        scene = scene_of(
            look,
            reading,
            index,
            0,
            words,
            raw=raw,
            roles=roles,
            uneven="saved.cache",
            model_map=model_map,
        )
        check_scene(scene)
        scale = float(scene.tiles.max())
        tiles = quantise(scene.tiles, scale, np.uint8)
        header = header_of(scene)
        own = {"scale": scale, "tiles_id": f"{index}", "held": held[index][0]}
        headers.append({name: header[name] for name in _OF_LAYER} | own)
        lines.append(_line(_pruned(tiles, config).tobytes() + held[index][1]))
    common = {name: value for name, value in header.items() if name not in _OF_LAYER}
    common |= {"side": 0, "take": words.section("take"), **first}
    text = json.dumps({"common": common, "layers": headers}, ensure_ascii=False)
    return "\n".join((_line(text.encode("utf-8", "replace")), *lines))


def _pruned(tiles: np.ndarray, config: AttentionConfig) -> np.ndarray:
    """[n_heads, tile, tile], or of causal heads [n_heads, tile * (tile + 1) / 2]."""
    if not config.causal:
        return tiles
    keys, queries = np.triu_indices(tiles.shape[-1])
    return tiles[:, queries, keys]


def _line(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode("ascii")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
