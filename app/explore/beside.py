"""Which model stands beside the one that is shown. Pure; no Streamlit."""

import re
from dataclasses import replace

from app.explore.keys import Keys
from app.explore.offer import BARE, OTHER, TRAINED, Family, ModelFacts
from app.explore.settings import Beside, Settings
from app.kinds import MANY, Choice, Found, Kind, Number
from app.model.parameters import FactsOf, Model, ModelName
from app.parameters import Parameter, Values, silent
from app.table import Table
from attention.models.beside import LIKE
from attention.models.comparison import BASE, SAME
from attention.models.layouts.names import name_of
from attention.models.store.names import NAMED

Layout = tuple[int, int]
ANY_LAYER = -1  # in the control
LAYOUT = re.compile(r"(\d{1,3})x(\d{1,3})", re.ASCII)


def usual_other(family: Family, layout: Layout) -> Layout:
    """One KV head for all beside one for each; of layouts with one KV head the other way round."""
    n_heads, n_kv_heads = layout
    wanted = (n_heads, n_heads if n_kv_heads == 1 else 1)
    others = [other for other in family.layouts if other != layout] or [layout]
    return min(others, key=lambda other: (abs(other[0] - wanted[0]), abs(other[1] - wanted[1])))


def usual(settings: Settings, facts: ModelFacts, family: Family) -> str:
    """What stands beside a model where nothing is chosen: another layout, the model without its
    adapter, or the model itself."""
    if facts.layouts:
        return name_of(*usual_other(family, settings.layout))
    return BASE if facts.base else SAME


def chosen(settings: Settings, facts: ModelFacts, family: Family) -> str:
    """What stands beside it, as the address names it."""
    name = settings.beside.model
    if name is None or (name == BASE and not facts.base):
        return usual(settings, facts, family)
    return SAME if name == facts.name else name


def offered(facts: ModelFacts, family: Family) -> tuple[str, ...]:
    """What the control offers, its own kind first; :data:`OTHER` is named beside it."""
    layouts = tuple(name_of(*layout) for layout in family.layouts)
    own = (SAME, BASE) if facts.base else (SAME,)
    rest = (*NAMED, OTHER)
    return (*layouts, *own, *rest) if facts.layouts else (*own, *rest, *layouts)


def layout_of(name: str, family: Family) -> Layout | None:
    """The layout of that name, if it is one."""
    found = LAYOUT.fullmatch(name)
    layout = (int(found[1]), int(found[2])) if found else None
    return layout if layout in family.layouts else None


def loaded_name(name: str, facts: ModelFacts) -> str:
    """What the model beside is called among language models."""
    return {SAME: facts.name, BASE: facts.name + BARE}.get(name, name)


def facts_beside(name: str, facts: ModelFacts, family: Family, facts_of: FactsOf) -> (
    ModelFacts | None
):  # fmt: skip
    """Of the model beside; None where it is not loaded."""
    layout = layout_of(name, family)
    if layout is not None:
        return family.facts(*layout)
    return facts if name == SAME else facts_of(loaded_name(name, facts))


def beside_table(family: Family, facts: ModelFacts | None, facts_of: FactsOf) -> Table[Beside]:
    """The parameters.

    Args:
        facts: of the model that is shown; None where it is not loaded. Layouts are alike in it.
    """
    layouts = [name_of(*layout) for layout in family.layouts]

    def layers(values: Values) -> Number:
        name = values["model"]
        layout = None if name is None else layout_of(name, family)
        if layout is not None:
            return Number(range(family.n_layers))
        its = facts if name in (None, SAME, BASE) else facts_of(name)
        return Number(range(its.n_layers) if its else MANY)

    return Table(
        Beside(),
        (
            Model(
                "model", BesideName(layouts), None, (Keys.BESIDE, Keys.BESIDE_NAMED), "beside",
                offered=(*layouts, SAME, BASE, *NAMED),
            ),
            Parameter(
                "layer", layers, None, (Keys.BESIDE_LAYER,), "beside_layer", moved=silent,
                show=lambda layer: ANY_LAYER if layer is None else layer,
                say=lambda layer: None if layer == ANY_LAYER else layer,
            ),
            Parameter("like", Head(), LIKE[0], (Keys.LIKE,)),
        ),
    )  # fmt: skip


class BesideName(Kind):
    """A layout, the model itself with or without its adapter, or a language model.

    Args:
        layouts: their names.
    """

    def __init__(self, layouts: list[str]) -> None:
        self._layouts = Choice(layouts)

    def read(self, raw: str) -> Found | None:
        if LAYOUT.fullmatch(raw):
            return self._layouts.read(raw)
        if raw in (SAME, BASE):
            return Found(raw)
        found = ModelName().read(raw)
        return None if found is None or found.value == TRAINED else found


class Head(Kind):
    """The likest, that of the same number, or a number."""

    dropped = Number.dropped

    def read(self, raw: str) -> Found | None:
        if raw.isascii() and raw.isdigit() and len(raw) <= 4:
            number = str(int(raw))
            return Found(number, None if number == raw else number)
        return Choice(LIKE).read(raw)


def elsewhere(beside: Beside) -> Beside:
    """The same beside another model: a layer's and a head's numbers were of the one before."""
    return replace(beside, layer=None, like=beside.like if beside.like in LIKE else LIKE[0])
