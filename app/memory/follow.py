"""From one run to the next: what the widgets of the page "Memory" say now, as settings. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.explore.address import Notice, nearest
from app.memory.dropped import parse_dropped
from app.memory.keys import CHANGE_KEYS, SETTING_KEYS, Keys
from app.memory.settings import (
    FILE,
    Configuration,
    FitChoice,
    MemorySettings,
    Source,
)
from attention.config import divisors
from attention.kv.checks import LARGEST_NUMBER
from attention.kv.shape import ModelShape

Values = Mapping[str, object]
MOST_HEADS = 4096  # above it no divisors are offered
FIT_KEYS = {
    "gpu": Keys.GPU,
    "n_gpus": Keys.N_GPUS,
    "weights": Keys.WEIGHTS,
    "overhead": Keys.OVERHEAD,
    "share": Keys.SHARE,
    "workload": Keys.WORKLOAD,
}


@dataclass(frozen=True)
class Before:
    """What the last run left, to tell what changed since."""

    settings: MemorySettings
    params: Mapping[str, str] = field(default_factory=dict)  # written to the address
    session: Mapping[str, object] = field(default_factory=dict)  # values of the page's widgets
    built: Mapping[str, int | None] = field(default_factory=dict)  # fields as the model has them
    drawn: frozenset[str] = frozenset()  # keys of the widgets that were drawn
    fresh: bool = False  # the settings were put there whole: no widget has a say


def follow(before: Before, values: Values) -> MemorySettings:
    """Settings from the widgets.

    Args:
        values: of the session, by key. A widget that the last run did not draw has none: what it
            would say is as it was.
    """
    old = before.settings
    now = _configuration(before, values)
    return replace(
        old,
        now=now,
        lang=values.get(Keys.LANG) or old.lang,
        units=values.get(Keys.UNITS) or old.units,
        section=values.get(Keys.SECTION, old.section),
        more=bool(values.get(Keys.MORE, old.more)),
        fit=_fit(old.fit, values),
        log=values.get(Keys.LOG, old.log) or "",
        log_own=bool(values.get(Keys.LOG_OWN, old.log_own)),
    )


def _configuration(before: Before, values: Values) -> Configuration:
    old = before.settings.now
    source = _source(old.source, values)
    now = replace(
        old,
        source=source,
        context=_context(old.context, values),
        users=values.get(Keys.USERS, old.users) or 1,
        prefix=values.get(Keys.PREFIX, old.prefix) or 0,
        k_format=values.get(Keys.K, old.k_format) or old.k_format,
        v_format=(values.get(Keys.V, old.v_format or "") or None),
        tp=values.get(Keys.TP, old.tp) or 1,
        engine=values.get(Keys.ENGINE, old.engine) or old.engine,
    )
    for name, key in SETTING_KEYS.items():
        if key in values:
            now = now.set_engine(name, values[key])
    if source.used != old.source.used:  # what was set by hand was another model's
        return replace(now, changes=())
    if not before.built:  # no model was there to set anything in
        return now
    for name, key in CHANGE_KEYS.items():
        if key in values:
            value = values[key] or None
            now = now.change(name, None if value == before.built.get(name) else value)
    return now


def _source(old: Source, values: Values) -> Source:
    dropped = parse_dropped(values.get(Keys.DROP))
    source = replace(
        old,
        kind=values.get(Keys.SOURCE) or old.kind,
        model=values.get(Keys.MODEL) or old.model,
        text=values.get(Keys.TEXT, old.text) or "",
        place=(values.get(Keys.PLACE, old.place) or "").strip(),
    )
    if dropped is not None:
        source = replace(source, kind=FILE, file=dropped.name, data=dropped.data)
    return source


def _context(old: int, values: Values) -> int:
    """Of the slider and the field the one that was moved."""
    moved = values.get(Keys.CONTEXT, old)
    if moved == old:
        moved = values.get(Keys.CONTEXT_EXACT) or old
    return moved


def _fit(old: FitChoice, values: Values) -> FitChoice:
    given = {
        name: values[key]
        for name, key in FIT_KEYS.items()
        if key in values and values[key] is not None
    }
    return replace(old, **given, edited=_edited(old.edited, values.get(Keys.TABLE)))


def _edited(old: tuple, table: object) -> tuple[tuple[int, str, float], ...]:
    """Cells of the table of GPUs that were changed: row, column, number."""
    rows = table.get("edited_rows") if isinstance(table, Mapping) else None
    if not isinstance(rows, Mapping):
        return old
    cells = {(row, column): value for row, column, value in old}
    for row, changes in rows.items():
        for column, value in changes.items():
            if isinstance(value, int | float) and value > 0:
                cells[int(row), str(column)] = value
    return tuple((row, column, value) for (row, column), value in sorted(cells.items()))


def settle(now: Configuration, built: ModelShape) -> tuple[Configuration, tuple[Notice, ...]]:
    """KV heads moved to the nearest number that divides the heads, where these were changed."""
    n_heads, facts = dict(now.changes).get("n_heads"), built_facts(built)
    if n_heads is None:
        return now, ()
    kv_heads = dict(now.changes).get("n_kv_heads", facts["n_kv_heads"])
    if not kv_heads or n_heads % kv_heads == 0 or n_heads > MOST_HEADS:
        return now, ()
    value = nearest(divisors(n_heads), kv_heads)
    told = {"given": kv_heads, "value": value, "heads": n_heads}
    return now.change("n_kv_heads", value), (Notice("notice.kv_moved", told),)


def built_facts(shape: ModelShape) -> dict[str, int | None]:
    """The fields that can be set by hand, as the model has them; None where layers differ."""
    layers = [layer for layer in shape.layers if layer.n_kv_heads]

    def common(name: str) -> int | None:
        found = {getattr(layer, name) for layer in layers} - {0, None}
        return found.pop() if len(found) == 1 else None

    return {
        "n_heads": common("n_heads"),
        "n_kv_heads": common("n_kv_heads"),
        "head_dim": common("k_head_dim"),
        "v_head_dim": common("v_head_dim"),
        "window": common("window"),
        "latent_rank": common("latent_rank"),
        "rope_dim": common("rope_dim"),
        "n_layers": shape.n_layers,
        "d_model": shape.d_model,
        "max_context": shape.max_context,
        "vocab": shape.vocab,
        "parameters": shape.parameters,
    }


def kv_choices(n_heads: int | None, chosen: int | None) -> tuple[int, ...]:
    """KV head counts to offer; 0 stands for "as built", where layers differ."""
    few = n_heads is not None and 1 <= n_heads <= MOST_HEADS
    offered = set(divisors(n_heads)) if few else {1}
    if chosen is None:
        return (0, *sorted(offered))
    return tuple(sorted(offered | {chosen}))


def context_choices(max_context: int | None, context: int) -> tuple[int, ...]:
    """Powers of two from 512, what the model was made for, and what is chosen."""
    most = max(max_context or 131_072, context)
    powers = {2**power for power in range(9, LARGEST_NUMBER.bit_length()) if 2**power <= most}
    return tuple(sorted(powers | {most, context}))
