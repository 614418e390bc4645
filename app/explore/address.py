"""The address bar: query parameters to Settings and back. Pure; no Streamlit here.

Every parameter is optional and only what differs from the default is written. A value that
cannot be used becomes the nearest one that can, and a Notice says so.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.explore.offer import OFFERED, OTHER, TRAINED, Family, ModelFacts

MASKS = ("causal", "bidirectional")
SHAPE_WIDTHS = (4096, 8192)  # widths that are drawn as shapes only, beside the trained one
PIECES = ("merged", "raw")
DEFAULT_HEADS = 8
DEFAULT_KV_HEADS = 2
SHOWN_CHARS = 24  # of a bad value, in the sentence about it
MANY = range(1_000_000)  # where the number of tokens, or of layers, is not known yet
MODEL_CHARS = 512
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}", re.ASCII)  # a Hub id without an owner, as "gpt2"


@dataclass(frozen=True)
class Notice:
    """One sentence for the visitor: a key of the locale files and what fills its places."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """Everything the page depends on. ``head`` and ``token`` None: the page picks.

    With a language model it picks the layer, too, where that is None; the layout, the mask and the
    width are then the model's own, and those here stand for the trained family, to which the
    visitor may return.
    """

    text: str
    n_heads: int
    n_kv_heads: int
    layer: int | None
    mask: str
    width: int | None  # None is the trained width
    lang: str
    head: int | None = None
    token: int | None = None  # counts what is shown: merged pieces, or raw tokens
    model: str = TRAINED  # or a name of the catalog, a Hub id, a folder
    pieces: str = PIECES[0]

    @property
    def layout(self) -> tuple[int, int]:
        return self.n_heads, self.n_kv_heads

    @property
    def causal(self) -> bool:
        """The mask chosen for the trained family."""
        return self.mask == "causal"

    @property
    def trained(self) -> bool:
        """Whether the trained family is shown, and no language model."""
        return self.model == TRAINED

    @property
    def raw(self) -> bool:
        return self.pieces == "raw"


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


def read_model(params: Mapping[str, str]) -> tuple[str, tuple[Notice, ...]]:
    """The model that an address names. Whether there is such a one, its library says later."""
    raw = params.get("model", TRAINED)
    if raw in (*OFFERED, OTHER):
        return raw, ()
    plain = raw.isprintable() and len(raw) <= MODEL_CHARS
    if plain and re.search(r"[/\\]", raw):  # a Hub id with its owner, or a folder
        return raw, ()
    close = difflib.get_close_matches(raw.lower(), OFFERED, n=1, cutoff=0.6)
    if not close and HUB_NAME.fullmatch(raw):
        return raw, ()
    value = (close or [TRAINED])[0]
    return value, (_changed("model", raw, value),)


def read(
    params: Mapping[str, str], family: Family, facts: ModelFacts | None = None
) -> tuple[Settings, tuple[Notice, ...]]:
    """Settings from query parameters, with a notice for every value that had to change.

    ``head`` is checked against the head count; ``token`` only against 0, since the number of
    tokens is not known here.

    Args:
        facts: of the language model that the address names; None for the trained family, and
            where it is not loaded (:func:`fit` checks layer and head once it is).
    """
    start = defaults(family)
    model, told = read_model(params)
    notices = list(told)

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

    common = {
        "text": params.get("text", start.text),
        "model": model,
        "pieces": word("pieces", PIECES, start.pieces),
    }
    if model != TRAINED:
        layers = range(facts.n_layers) if facts else MANY
        layer = number("layer", layers, None)
        heads = _heads(facts, layer) if facts else MANY
        own = {"layer": layer, "head": number("head", heads, None)}
    else:
        n_heads = number("heads", family.head_counts, start.n_heads)
        kv_counts = family.kv_counts(n_heads)
        n_kv_heads = number("kv_heads", kv_counts, nearest(kv_counts, start.n_kv_heads))
        width = number("width", (family.d_model, *SHAPE_WIDTHS), family.d_model)
        own = {
            "n_heads": n_heads,
            "n_kv_heads": n_kv_heads,
            "width": None if width == family.d_model else width,
            "layer": number("layer", range(family.n_layers), start.layer),
            "mask": word("mask", MASKS, start.mask),
            "head": number("head", range(n_heads), None),
        }
    own |= {
        "lang": word("lang", family.languages, start.lang),
        "token": number("token", MANY, None),
    }
    return replace(start, **common, **own), tuple(notices)


def fit(
    settings: Settings, family: Family, facts: ModelFacts
) -> tuple[Settings, tuple[Notice, ...]]:
    """Layer and head checked, now that the model is loaded."""
    given = {"layer": settings.layer, "head": settings.head}
    params = {name: str(value) for name, value in given.items() if value is not None}
    fitted, notices = read(params | {"model": settings.model}, family, facts)
    return replace(settings, layer=fitted.layer, head=fitted.head), notices


def write(settings: Settings, family: Family) -> dict[str, str]:
    """The query parameters of these settings: only what differs from the default."""
    start = defaults(family)
    names = {"text": "text", "model": "model"}
    if settings.trained:
        # An address that names another head count means the nearest KV count by default.
        kv_default = nearest(family.kv_counts(settings.n_heads), start.n_kv_heads)
        start = replace(start, n_kv_heads=kv_default)
        names |= {"heads": "n_heads", "kv_heads": "n_kv_heads", "layer": "layer"}
        names |= {"head": "head", "token": "token", "mask": "mask", "width": "width"}
    else:
        start = replace(start, layer=None)
        names |= {"layer": "layer", "head": "head", "token": "token"}
    names |= {"pieces": "pieces", "lang": "lang"}
    values = {
        param: (getattr(settings, name), getattr(start, name)) for param, name in names.items()
    }
    return {param: str(value) for param, (value, default) in values.items() if value != default}


def _heads(facts: ModelFacts, layer: int | None) -> range:
    """The heads to choose from; where the page picks the layer, those that every layer has."""
    configs = facts.configs if layer is None else facts.configs[layer : layer + 1]
    return range(min(config.n_heads for config in configs))


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
