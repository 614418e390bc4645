"""The strip of a model's layers: what each keeps, and how much, as HTML. Pure."""

from html import escape

from app.i18n import Words
from app.markup import rows_attribute
from app.memory.amounts import Amounts
from app.memory.groups import Group, group
from attention.kv.allocation import Allocation
from attention.kv.layer import LayerKind
from attention.kv.shape import ModelShape
from attention.theme import Theme

MOST_CELLS = 160  # of more layers every second, third … is drawn
LEAST = 4  # percent of the height, so that a layer that keeps little is seen
COLORS = {
    LayerKind.GLOBAL: 0,
    LayerKind.WINDOW: 1,
    LayerKind.COMPRESSED: 2,
    LayerKind.LATENT: 3,
    LayerKind.CHUNK: 4,
    LayerKind.CROSS: 5,
    LayerKind.STATE: 6,
}


def strip_html(
    shape: ModelShape, allocation: Allocation, amounts: Amounts, words: Words, theme: Theme
) -> str:
    """A column for each layer, as high as its bytes; below what the colours mean."""
    groups = group(shape, allocation)
    most = max((each.bytes_each for each in groups), default=0) or 1
    cells = {}
    for each in groups:
        height = max(LEAST, round(100 * each.bytes_each / most, 1))
        color, empty = _color(each, theme), " class=empty" if not each.bytes_each else ""
        for index in each.indices:
            title = words("memory.strip.layer", n=index, what=_told(each, amounts, words))
            cells[index] = (
                f'<i{empty} style="height:{height}%;--kind:{color}" title="{escape(title)}">'
                f"{'<b></b>' if each.layer.indexer_dim else ''}</i>"
            )
    step = -(-shape.n_layers // MOST_CELLS)
    drawn = "".join(cells[index] for index in range(0, shape.n_layers, step))
    legend = "".join(_entry(each, amounts, words, theme) for each in groups[:8])
    if len(groups) > 8:
        legend += f"<span>{words.count('memory.strip.others', len(groups) - 8)}</span>"
    if step > 1:
        legend += f"<span>{words('memory.strip.every', n=step)}</span>"
    label = words.count("memory.strip.label", shape.n_layers)
    told = "; ".join(f"{each.n_layers} × {_told(each, amounts, words)}" for each in groups[:8])
    return (
        f'<div class="hc-strip" lang="{words.lang}"{_rows(groups, words)}><h2>{label}</h2>'
        f'<div class="hc-layers" role="img" aria-label="{escape(f"{label}: {told}")}">{drawn}</div>'
        f"<p>{legend}</p></div>"
    )


def _rows(groups: tuple[Group, ...], words: Words) -> str:
    """The numbers, a row a layer."""
    rows = [
        [index, _kind(each, words), each.bytes_each] for each in groups for index in each.indices
    ]
    return rows_attribute([["layer", "kind", "bytes"], *sorted(rows)])


def _color(each: Group, theme: Theme) -> str:
    place = COLORS.get(each.layer.kind)
    return theme.neutral if place is None else theme.kv[place]


def _entry(each: Group, amounts: Amounts, words: Words, theme: Theme) -> str:
    empty = " class=empty" if not each.bytes_each else ""
    mark = f'<i{empty} style="--kind:{_color(each, theme)}"></i>'
    return f"<span>{mark}{each.n_layers} × {escape(_told(each, amounts, words))}</span>"


def _kind(each: Group, words: Words) -> str:
    layer = each.layer
    n = words.number(layer.window or layer.compress or 0)
    return words(f"memory.kind.{layer.kind}", n=n)


def _told(each: Group, amounts: Amounts, words: Words) -> str:
    """``"window of 1,024 tokens, 16 KV heads: 8 MiB"``."""
    layer = each.layer
    parts = [_kind(each, words)]
    if layer.latent_rank:
        parts.append(words("memory.strip.latent", n=layer.latent_rank + layer.rope_dim))
    elif layer.grows:
        parts.append(words.count("memory.strip.kv", layer.n_kv_heads))
    if layer.indexer_dim:
        parts.append(words("memory.strip.indexer", n=layer.indexer_dim))
    if layer.states and layer.kind is not LayerKind.STATE:
        parts.append(words("memory.strip.state"))
    if layer.cross and layer.kind is not LayerKind.CROSS:
        parts.append(words("memory.strip.cross"))
    return f"{', '.join(parts)}: {amounts.size(each.bytes_each)}"
