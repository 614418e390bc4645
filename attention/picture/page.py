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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attention import picture
from attention.models.base import Model
from attention.models.beside import LIKE
from attention.models.blocks import number_of
from attention.models.comparison import Comparison, compare
from attention.models.look import Look, Reading
from attention.models.parts import PARTS, Parted, beside
from attention.models.reading import read
from attention.models.roles import Roles
from attention.picture.compared import standing_beside
from attention.picture.packed import Shown, about_of, pack
from attention.picture.words import words_for
from attention.words import Words, load_words


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
    beside: Model | str | None = None,
    beside_layer: int | None = None,
    beside_head: str | int = LIKE[0],
) -> str:
    """The page.

    Args:
        text: or what :mod:`attention.models.reading` made of it. Beyond the model's limit it is
            cut, and the page says so.
        layer, head: what is open first.
        causal: the mask of a trained layout; a language model has its own.
        lang: of the words around, "en" or "hi".
        beside, beside_layer, beside_head: what stands beside the head that is open first, see
            :func:`attention.models.comparison.compare`; another model is on the page as well.

    Raises:
        TextError: no tokens, no such layer or head, or a mask for a language model; or as
            :func:`attention.models.comparison.compare`.
        LocaleError: there is no such language.
    """
    reading, look = look_at(model, text, layer=layer, head=head, causal=causal)
    compared = None
    if beside is not None:
        asked = {"its_layer": beside_layer, "like": beside_head, "causal": causal}
        compared = compare(model, reading, beside, **asked)  # type: ignore[arg-type]
    return html_of(model, reading, look, model.roles(), load_words(lang), beside=compared)


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
    opened: Mapping[str, Any] | None = None,
    beside: Comparison | None = None,
) -> str:
    """The page of what was looked at already.

    Args:
        raw: the look counts tokens, and no merged pieces.
        opened: see :class:`.packed.Shown`.
        beside: the model that is on the page as well, and what stands beside the open head.
    """
    words = words_for(reading, words)
    first = Shown(model, reading, look, roles, raw, opened or {})
    views = sorted([first, *_beside(first)], key=_place)
    here = views.index(first)
    said: list[str] = []
    if beside is not None:
        said, another = standing_beside(first, beside, words)
        views += another
    packs = [
        pack(shown, words, several=len(views) > 1, said=said if shown is first else ())
        for shown in views
    ]
    script, style = picture.page_script(), picture.page_style()
    title = words("saved.heading", title=model.title)
    most, layer = model.n_layers - 1, first.first["layer"]
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
    policy += "img-src data: blob:; "  # a PNG is made of an SVG
    policy += "base-uri 'none'; form-action 'none'"
    return "".join((
        f'<!doctype html><html lang="{words.lang}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{html.escape(title)}</title><style>{style}</style></head><body>",
        f"<header><h1>{html.escape(title)}</h1>",
        f"<p>{html.escape(about_of(model, reading, words))}</p>",
        _choice(views, here, words) if len(views) > 1 else "",
        f'<label class="layer"{"" if most else " hidden"}>{html.escape(words("saved.layer"))}',
        f'<input type="range" min="0" max="{most}" value="{layer}">',
        f"<output>{number_of(layer, model.blocks)}</output></label>",
        f'</header><p class="old" hidden>{html.escape(words("saved.old"))}</p>',
        f"<noscript><p>{html.escape(words('saved.script'))}</p></noscript>",
        '<main></main><div class="take"></div>',
        f"<footer>{''.join(f'<p>{html.escape(note)}</p>' for note in packs[here][1])}</footer>",
        *(f'<script type="text/plain" class="packed">{packed}</script>' for packed, _ in packs),
        f'<script type="module">{script}</script></body></html>\n',
    ))  # fmt: skip


def _beside(shown: Shown) -> list[Shown]:
    """The other attentions of an encoder–decoder that was given source and target."""
    others = []
    for each in beside(shown.model, shown.reading):
        reading, look = look_at(each.model, each.reading)
        others.append(Shown(each.model, reading, look, each.model.roles_known()))
    return others


def _place(shown: Shown) -> int:
    return PARTS.index(shown.model.part) if isinstance(shown.model, Parted) else 0


def _choice(views: Sequence[Shown], here: int, words: Words) -> str:
    """The list in which another attention, or model, is chosen."""
    parted = isinstance(views[here].model, Parted)
    names = [
        words(f"pair.name_{PARTS[_place(shown)]}")
        if parted and isinstance(shown.model, Parted)
        else shown.model.title
        for shown in views
    ]
    label = words("pair.name" if parted else "controls.model")
    options = "".join(
        f'<option value="{i}"{" selected" if i == here else ""}>{html.escape(name)}</option>'
        for i, name in enumerate(names)
    )
    return f'<label class="part">{html.escape(label)}<select>{options}</select></label>'


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
