"""The address bar: query parameters to Settings and back. Pure; no Streamlit here.

Every parameter is optional and only what differs from the default is written. A value that
cannot be used becomes the nearest one that can, and a Notice says so.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from attention.config import divisors

MASKS = ("causal", "bidirectional")
SHAPE_WIDTHS = (4096, 8192)  # widths that are drawn as shapes only, beside the trained one
DEFAULT_HEADS = 8
DEFAULT_KV_HEADS = 2
SHOWN_CHARS = 24  # of a bad value, in the sentence about it


@dataclass(frozen=True)
class Notice:
    """One sentence for the visitor: a key of the locale files and what fills its places."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """What there is to choose from: the trained layouts on disk and what they have in common."""

    layouts: tuple[tuple[int, int], ...]  # (n_heads, n_kv_heads)
    n_layers: int
    d_model: int
    languages: tuple[str, ...]
    default_text: str
    default_layer: int

    @property
    def head_counts(self) -> tuple[int, ...]:
        """The head counts that have at least one layout, ascending."""
        return tuple(sorted({n_heads for n_heads, _ in self.layouts}))

    def kv_counts(self, n_heads: int) -> tuple[int, ...]:
        """The KV head counts on disk for ``n_heads``, ascending."""
        return tuple(sorted(kv for heads, kv in self.layouts if heads == n_heads))

    def missing(self) -> int:
        """How many layouts of the whole family are not on disk yet."""
        whole = {(heads, kv) for heads in (1, 2, 4, 8, 16, 32) for kv in divisors(heads)}
        return len(whole - set(self.layouts))


@dataclass(frozen=True)
class Settings:
    """Everything the page depends on. ``head`` and ``token`` None: the page picks."""

    text: str
    n_heads: int
    n_kv_heads: int
    layer: int
    mask: str
    width: int | None  # None is the trained width
    lang: str
    head: int | None = None
    token: int | None = None

    @property
    def layout(self) -> tuple[int, int]:
        return self.n_heads, self.n_kv_heads

    @property
    def causal(self) -> bool:
        return self.mask == "causal"


def nearest(options: Sequence[int], wanted: int) -> int:
    """The option closest to ``wanted``; of two equally close, the smaller."""
    return min(options, key=lambda option: (abs(option - wanted), option))


def defaults(family: Family) -> Settings:
    """The settings of an address without parameters."""
    n_heads = nearest(family.head_counts, DEFAULT_HEADS)
    return Settings(
        text=family.default_text,
        n_heads=n_heads,
        n_kv_heads=nearest(family.kv_counts(n_heads), DEFAULT_KV_HEADS),
        layer=family.default_layer,
        mask=MASKS[0],
        width=None,
        lang=family.languages[0],
    )


def read(params: Mapping[str, str], family: Family) -> tuple[Settings, tuple[Notice, ...]]:
    """Settings from query parameters, with a notice for every value that had to change.

    ``head`` is checked against the head count; ``token`` only against 0, since the number of
    tokens is not known here.
    """
    start = defaults(family)
    notices: list[Notice] = []

    def number(name: str, options: Sequence[int], default: int | None) -> int | None:
        raw = params.get(name)
        if raw is None:
            return default
        value, notice = _number(name, raw, options, default)
        notices.extend([notice] if notice else [])
        return value

    def word(name: str, options: Sequence[str], default: str) -> str:
        raw = params.get(name, default)
        close = difflib.get_close_matches(raw.lower(), options, n=1, cutoff=0.3)
        value = raw if raw in options else (close or [default])[0]
        if value != raw:
            notices.append(_changed(name, raw, value))
        return value

    n_heads = number("heads", family.head_counts, start.n_heads)
    kv_counts = family.kv_counts(n_heads)
    n_kv_heads = number("kv_heads", kv_counts, nearest(kv_counts, start.n_kv_heads))
    width = number("width", (family.d_model, *SHAPE_WIDTHS), family.d_model)
    settings = Settings(
        text=params.get("text", start.text),
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        layer=number("layer", range(family.n_layers), start.layer),
        mask=word("mask", MASKS, start.mask),
        width=None if width == family.d_model else width,
        lang=word("lang", family.languages, start.lang),
        head=number("head", range(n_heads), None),
        token=number("token", range(1_000_000), None),
    )
    return settings, tuple(notices)


def write(settings: Settings, family: Family) -> dict[str, str]:
    """The query parameters of these settings: only what differs from the default."""
    start = defaults(family)
    # An address that names another head count means the nearest KV count by default.
    kv_default = nearest(family.kv_counts(settings.n_heads), start.n_kv_heads)
    start = replace(start, n_kv_heads=kv_default)
    names = {
        "text": "text",
        "heads": "n_heads",
        "kv_heads": "n_kv_heads",
        "layer": "layer",
        "head": "head",
        "token": "token",
        "mask": "mask",
        "width": "width",
        "lang": "lang",
    }
    values = {
        param: (getattr(settings, name), getattr(start, name)) for param, name in names.items()
    }
    return {param: str(value) for param, (value, default) in values.items() if value != default}


def _number(
    name: str, raw: str, options: Sequence[int], default: int | None
) -> tuple[int | None, Notice | None]:
    try:
        wanted = int(raw)
    except ValueError:
        return default, _changed(name, raw, default)
    value = (
        nearest(options, wanted)
        if not isinstance(options, range)
        else min(max(wanted, options.start), options.stop - 1)
    )
    return value, None if value == wanted else _changed(name, raw, value)


def _changed(name: str, raw: str, value: object) -> Notice:
    shown = raw if len(raw) <= SHOWN_CHARS else f"{raw[:SHOWN_CHARS]}…"
    if value is None:
        return Notice("notice.url_dropped", {"name": name, "given": shown})
    return Notice("notice.url_changed", {"name": name, "given": shown, "value": value})
