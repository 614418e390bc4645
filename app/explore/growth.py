"""What "Next token" tells of the cache and the time, in words and for the chart. Pure."""

from app.explore.generated import View
from app.explore.next_token import milliseconds
from app.explore.shown import Shown
from app.i18n import Words
from attention.amounts import in_units
from attention.figures.growth import GrowthWords
from attention.kv.equal_layers import cache_bytes
from attention.kv.formats import stored_format
from attention.picture.compose import beside_note


def told_html(view: View, shown: Shown) -> str:
    """The cache and the time in sentences; every value in them is a number or a unit."""
    words, outlook, whole = shown.words, view.outlook, view.outlook.whole
    parts = [
        words(
            "generate.holds_layout" if shown.facts.layouts else "generate.holds",
            n=words.number(_kept(view, shown)),
            size=_bytes(outlook.cache_bytes, words),
            exact=words.number(outlook.cache_bytes),
        ),
        _formula(view, shown),
        words("generate.took_with", ms=milliseconds(outlook.seconds, words)),
    ]
    if whole is not None:
        ms = milliseconds(whole.seconds, words)
        difference = words.number(whole.largest_difference, ".1g")
        parts.append(words("generate.took_without", ms=ms, difference=difference))
    if outlook.fill_seconds:
        ms = milliseconds(outlook.fill_seconds, words)
        parts.append(words("generate.took_fill", ms=ms))
    return f'<p class="hc-told" lang="{words.lang}">{" ".join(parts)}</p>'


def _kept(view: View, shown: Shown) -> int:
    """Tokens whose keys and values the cache holds: across two texts the other one's."""
    return view.outlook.kv_len if shown.reading.over is None else len(shown.reading.over.ids)


def _formula(view: View, shown: Shown) -> str:
    words, outlook, config = shown.words, view.outlook, shown.facts.configs[0]
    n_layers = shown.facts.n_layers
    if outlook.formula_bytes != outlook.cache_bytes:
        return words("generate.formula_differs", exact=words.number(outlook.formula_bytes))
    each = int(stored_format(shown.model.number_format).bytes_per_number)
    of_token = cache_bytes(
        n_layers=n_layers,
        n_kv_heads=config.n_kv_heads,
        head_dim=config.head_dim,
        number_bytes=each,
    )
    kept = _kept(view, shown)
    if of_token * kept != outlook.formula_bytes:  # layers differ, or have windows
        return words("generate.formula_sum")
    factors = {"layers": n_layers, "kv": config.n_kv_heads, "dim": config.head_dim}
    product = words("generate.formula", **factors, n=words.number(kept), each=each)
    if shown.reading.over is not None:
        return f"{product} {words('generate.grows_not')}"
    grows = f"{product} {words('generate.grows', n=words.number(of_token))}"
    # The other cache of a decoder is as large after every token.
    return f"{grows} {beside_note(shown.look, shown.reading, words)}".rstrip()


def growth_alt(view: View, words: Words) -> str:
    whole, steps = view.outlook.whole, view.growth
    timed = words("generate.not_timed") if whole is None else milliseconds(whole.seconds, words)
    return words(
        "generate.alt",
        first=words.number(steps[0].tokens),
        last=words.number(steps[-1].tokens),
        size=_bytes(view.outlook.cache_bytes, words),
        ms=milliseconds(view.outlook.seconds, words),
        without=timed,
    )


def growth_words(words: Words) -> GrowthWords:
    return GrowthWords(
        tokens=words("curve.tokens"),
        cache_title=words("generate.cache_title"),
        time_title=words("generate.time_title"),
        measured=words("generate.measured"),
        formula=words("generate.formula_line"),
        with_cache=words("generate.with_cache"),
        without_cache=words("generate.without_cache"),
        ms=words("generate.ms"),
        units=_units(words),
        digits=words.digits,
    )


def _bytes(size: int, words: Words) -> str:
    return in_units(size, _units(words), digits=words.digits)


def _units(words: Words) -> tuple[str, ...]:
    return tuple(words("picture.byte_units").split())
