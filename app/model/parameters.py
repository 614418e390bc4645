"""The model that a page is about, in its address: a language model, or a layout by its heads. Pure.

Settings of such a page have ``model``, ``n_heads``, ``n_kv_heads``, ``lang`` and ``trained``.
"""

import difflib
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.explore.offer import OFFERED, OTHER, TRAINED, Family, ModelFacts
from app.kinds import CUTOFF, MANY, Choice, Found, Kind, Number
from app.parameters import Moves, Notice, Parameter, Values
from app.table import Table
from attention.models.store.twins import base_of

S = TypeVar("S", bound=Any)
FactsOf = Callable[[str], ModelFacts | None]
MODEL_CHARS = 512
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}", re.ASCII)  # a Hub id without an owner, as "gpt2"


@dataclass(frozen=True)
class ModelPage(Generic[S]):
    """Where the settings of the page come from.

    Args:
        facts_of: gives the facts of a language model by name, None where it is not loaded.
    """

    family: Family
    facts_of: FactsOf

    @abstractmethod
    def table(self, model: str) -> Table[S]:
        """The table where this model is shown."""

    def facts(self, settings: S) -> ModelFacts | None:
        """Of the model that is shown; None where it is not loaded."""
        if settings.trained:
            return self.family.facts(settings.n_heads, settings.n_kv_heads)
        return self.facts_of(settings.model)

    def read(self, params: Mapping[str, str]) -> tuple[S, tuple[Notice, ...]]:
        """Settings from an address; its model decides what else there is in it."""
        found = ModelName().read(params.get("model", TRAINED))
        return self.table(TRAINED if found is None else found.value).read(params)


class ModelName(Kind):
    """Whether there is such a one, its library says later."""

    def read(self, raw: str) -> Found | None:
        if base_of(raw) in (*OFFERED, OTHER):
            return Found(raw)
        plain = raw.isprintable() and len(raw) <= MODEL_CHARS
        if plain and re.search(r"[/\\]", raw):  # a Hub id with its owner, or a folder
            return Found(raw)
        close = difflib.get_close_matches(raw.lower(), OFFERED, n=1, cutoff=0.6)
        if not close and HUB_NAME.fullmatch(raw):
            return Found(raw)
        return Found(close[0], close[0]) if close else None


@dataclass(frozen=True)
class Model(Parameter):
    """The model, in two widgets: one of those offered, or another by its name.

    Args:
        keys: of the first, and of the field for the name.
        offered: in the first, beside :data:`OTHER`.
    """

    offered: tuple[str, ...] = OFFERED

    def shown(self, values: Values) -> dict[str, object]:
        model, (offered, named) = values[self.name], self.keys
        if model is None:
            return {offered: None, named: ""}
        if base_of(model) in self.offered:
            return {offered: base_of(model), named: ""}
        return {offered: OTHER, named: "" if model == OTHER else model}

    def hear(self, values: Values, moves: Moves) -> None:
        offered, named = self.keys
        chosen = moves.now.get(offered)
        # After a change of language the browser may still send an option by its label in the other.
        if chosen in (*self.offered, OTHER):
            values[self.name] = chosen
        model = values[self.name]
        if named in moves.now and model is not None and base_of(model) not in self.offered:
            values[self.name] = (moves.now[named] or "").strip() or OTHER


def model_entry(offered: str, named: str) -> Model:
    """The model; the keys of its two widgets."""
    return Model("model", ModelName(), TRAINED, (offered, named))


def lang_entry(family: Family, key: str) -> Parameter:
    """The language, which all pages share."""
    languages = family.languages
    return Parameter("lang", Choice(languages, CUTOFF), languages[0], (key,), shared=True)


def layout_entries(family: Family, heads: str, kv_heads: str) -> tuple[Parameter, Parameter]:
    """How many heads the layout has; what is trained for so many decides the KV heads.

    Args:
        heads, kv_heads: keys of the sliders.
    """

    def moved(given: int, value: int, values: Values) -> Notice:
        told = {"given": given, "value": value, "heads": values["n_heads"]}
        return Notice("notice.kv_moved", told)

    return (
        Parameter("n_heads", Number(family.head_counts), family.usual[0], (heads,), "heads"),
        Parameter(
            "n_kv_heads",
            lambda values: Number(family.kv_counts(values["n_heads"])),
            lambda values: family.usual_kv(values["n_heads"]),
            (kv_heads,),
            "kv_heads",
            moved=moved,
        ),
    )


def layers_of(facts: ModelFacts | None) -> Number:
    """The layers of a language model; any where it is not loaded."""
    return Number(range(facts.n_layers) if facts else MANY)


def heads_of(facts: ModelFacts | None, layer: int | None) -> Number:
    """Its heads in a layer; where the page picks the layer, every layer has the head."""
    if facts is None:
        return Number(MANY)
    configs = facts.configs if layer is None else facts.configs[layer : layer + 1]
    return Number(range(min(config.n_heads for config in configs)))
