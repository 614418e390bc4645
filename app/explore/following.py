"""From one run to the next: what the widgets and the picture say now, as Settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.explore import address
from app.explore.address import Notice, Settings
from app.explore.keys import Keys
from app.explore.offer import OFFERED, OTHER, Family, ModelFacts
from app.picture import Click, Clicks, parse_clicks

FactsOf = Callable[[str], ModelFacts | None]
Values = Mapping[str, object]


@dataclass(frozen=True)
class Before:
    """What the last run left, to tell what changed since."""

    settings: Settings
    shown: Settings  # the same with what the page chose: the layer and the head that were drawn
    params: Mapping[str, str]  # written to the address
    session: Mapping[str, object]  # every other value of the session
    clicks: Clicks


def follow(
    before: Before, values: Values, family: Family, facts_of: FactsOf
) -> tuple[Settings, tuple[Notice, ...]]:
    """Settings from the widgets, with what no longer fits moved to the nearest that does.

    Args:
        values: of the session, by key. A widget that the last run did not draw has none: what it
            would say is as it was.
    """
    old = before.settings
    model = _model(old, values)
    settings = replace(
        old,
        text=values.get(Keys.TEXT, old.text) or "",
        model=model,
        lang=values.get(Keys.LANG) or old.lang,
        pieces=address.PIECES[values.get(Keys.RAW, old.raw)],
        head=values.get(Keys.HEAD),
        token=values.get(Keys.TOKEN),
    )
    if settings.model != old.model:  # layers, heads and tokens of another model are others
        layer = family.default_layer if settings.trained else None
        settings = replace(settings, layer=layer, head=None, token=None)
    elif settings.pieces != old.pieces:  # tokens are counted differently now
        settings = replace(settings, token=None)
    same = settings.model == old.model
    if settings.trained:
        return _follow_family(settings, before, values, family, same=same)
    facts = facts_of(model)
    if facts is None:
        return settings, ()
    if same:
        layer = values.get(Keys.MODEL_LAYER, old.layer)
        if layer == before.shown.layer:  # the slider was not moved
            layer = old.layer
        settings = _clicked(replace(settings, layer=layer), before, values)
    return address.fit(settings, family, facts)


def _follow_family(
    settings: Settings, before: Before, values: Values, family: Family, *, same: bool
) -> tuple[Settings, tuple[Notice, ...]]:
    old = before.settings
    notices: list[Notice] = []
    n_heads, kv_given = (
        values.get(Keys.HEADS, old.n_heads),
        values.get(Keys.KV_HEADS, old.n_kv_heads),
    )
    n_kv_heads = address.nearest(family.kv_counts(n_heads), kv_given)
    if n_kv_heads != kv_given:
        told = {"given": kv_given, "value": n_kv_heads, "heads": n_heads}
        notices.append(Notice("notice.kv_moved", told))
    width = values.get(Keys.WIDTH)
    settings = replace(
        settings,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        mask=values.get(Keys.MASK) or old.mask,
        width=old.width if width is None else (None if width == family.d_model else width),
    )
    if same:
        settings = replace(settings, layer=values.get(Keys.LAYER, old.layer))
        settings = _clicked(settings, before, values)
    layer = min(settings.layer, family.n_layers - 1)
    head = settings.head
    if head is not None and head >= n_heads:
        notices.append(Notice("notice.head_moved", {"given": head, "value": n_heads - 1}))
        head = n_heads - 1
    return replace(settings, layer=layer, head=head), tuple(notices)


def _model(old: Settings, values: Values) -> str:
    """The model that the two widgets name."""
    chosen = values.get(Keys.MODEL)
    # After a change of language the browser may still send an option by its label in the other.
    if chosen not in (*OFFERED, OTHER):
        return old.model
    if chosen != OTHER:
        return chosen
    named = values.get(Keys.OTHER, "" if old.model in OFFERED else old.model)
    return (named or "").strip() or OTHER


def _clicked(settings: Settings, before: Before, values: Values) -> Settings:
    """Layer, head and token after what the visitor chose in the picture.

    The picture repeats the last choice of each kind, so only one made since the last run counts.
    """
    clicks = parse_clicks(values.get(Keys.PICTURE))

    def fresh(name: str) -> int | None:
        click: Click | None = getattr(clicks, name)
        return click.value if click and click != getattr(before.clicks, name) else None

    layer, head, token = fresh("layer"), fresh("head"), fresh("token")
    if layer is not None and head is None:  # one layer on, by keyboard: the head stays
        head = before.shown.head
    return replace(
        settings,
        layer=settings.layer if layer is None else layer,
        head=settings.head if head is None else head,
        token=settings.token if token is None else token,
    )
