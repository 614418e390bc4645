"""The parameters of the page "Heads": address and widgets. Pure; no Streamlit here."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.explore.entries import Model, ModelName
from app.explore.offer import TRAINED, Family, ModelFacts
from app.heads.forming.choice import forming_table
from app.heads.keys import Keys
from app.heads.scores import BEST, SCORES
from app.heads.settings import (
    GROUPINGS,
    GUESS,
    GUESSES,
    RANKS,
    SECTIONS,
    TEXT_CHARS,
    WAYS,
    HeadsSettings,
    defaults,
)
from app.kinds import CUTOFF, MANY, Choice, Found, Kind, Number, nearest
from app.parameters import Notice, Parameter, Values, silent
from app.table import Part, Table
from attention.config import divisors


@dataclass(frozen=True)
class HeadsPage:
    """Where the settings of the page come from.

    Args:
        facts_of: gives the facts of a language model by name, None where it is not loaded.
    """

    family: Family
    facts_of: Callable[[str], ModelFacts | None]

    def table(self, model: str) -> Table[HeadsSettings]:
        """The table where this model is shown."""
        return table(self.family, model, self.facts_of(model))

    def facts(self, settings: HeadsSettings) -> ModelFacts | None:
        """Of the model that is shown; None where it is not loaded."""
        if settings.trained:
            return self.family.facts(settings.n_heads, settings.n_kv_heads)
        return self.facts_of(settings.model)

    def read(self, params: Mapping[str, str]) -> tuple[HeadsSettings, tuple[Notice, ...]]:
        """Settings from an address; its model decides what else there is in it."""
        found = ModelName().read(params.get("model", TRAINED))
        return self.table(TRAINED if found is None else found.value).read(params)

    def settle(
        self, old: HeadsSettings, settings: HeadsSettings
    ) -> tuple[HeadsSettings, tuple[Notice, ...]]:
        """A head that was chosen in another model is none here."""
        if (settings.model, settings.n_heads) != (old.model, old.n_heads):
            settings = replace(settings, layer=None, head=None)
        return self.table(settings.model).fit(settings)


def table(family: Family, model: str, facts: ModelFacts | None) -> Table[HeadsSettings]:
    """The parameters.

    Args:
        facts: of the language model; None for the trained family, and where it is not loaded.
    """
    start = defaults(family)

    def kv_counts(values: Values) -> Number:
        return Number(family.kv_counts(values["n_heads"]))

    def kv_default(values: Values) -> int:
        return nearest(family.kv_counts(values["n_heads"]), start.n_kv_heads)

    def kv_moved(given: int, value: int, values: Values) -> Notice:
        told = {"given": given, "value": value, "heads": values["n_heads"]}
        return Notice("notice.kv_moved", told)

    def layers(values: Values) -> Number:
        if model == TRAINED:
            return Number(range(family.n_layers))
        return Number(range(facts.n_layers) if facts else MANY)

    def heads(values: Values) -> Number:
        if model == TRAINED:
            return Number(range(values["n_heads"]))
        if facts is None:
            return Number(MANY)
        layer = values["layer"]
        configs = facts.configs if layer is None else facts.configs[layer : layer + 1]
        return Number(range(min(config.n_heads for config in configs)))

    return Table(
        start,
        (
            Model("model", ModelName(), TRAINED, (Keys.MODEL, Keys.OTHER)),
            Parameter(
                "n_heads", Number(family.head_counts), start.n_heads, (Keys.N_HEADS,), "heads"
            ),
            Parameter(
                "n_kv_heads", kv_counts, kv_default, (Keys.N_KV_HEADS,), "kv_heads",
                moved=kv_moved,
            ),
            Parameter(
                "lang", Choice(family.languages, CUTOFF), start.lang, (Keys.LANG,), shared=True
            ),
            Parameter("section", Choice(SECTIONS, CUTOFF), SECTIONS[0], (Keys.SECTION,)),
            Parameter("layer", layers, moved=silent),
            Parameter("head", heads, moved=silent),
            *_prune(model),
            *_share(model, facts),
            Parameter("x", Choice(SCORES), start.x, (Keys.X,)),
            Parameter("y", Choice(SCORES), start.y, (Keys.Y,)),
            Parameter("best", Choice(BEST), start.best, (Keys.BEST,)),
            Part("forming", forming_table()),
        ),
    )  # fmt: skip


class Text(Kind):
    """Any text, up to a length."""

    def read(self, raw: str) -> Found | None:
        short = raw[:TEXT_CHARS]
        return Found(short, None if short == raw else f"{short[:24]}…")


def ranks(model: str) -> tuple[str, ...]:
    """The ways to rank heads; greedily a language model takes about twenty minutes."""
    return RANKS if model == TRAINED else RANKS[:-1]


def fewer(n_kv_heads: Sequence[int]) -> tuple[int, ...]:
    """How many KV heads a model may be left with, ascending.

    Args:
        n_kv_heads: of each layer.
    """
    common = math.gcd(*n_kv_heads)
    return tuple(n for n in divisors(common) if n < min(n_kv_heads))


def _prune(model: str) -> tuple[Parameter, ...]:
    """What heads are pruned on, how they are ranked, and the guess."""
    return (
        Parameter("text", Text(), "", (Keys.TEXT,), empty=""),
        Parameter("rank", Choice(ranks(model), 0.0), RANKS[0], (Keys.RANK,), moved=silent),
        Parameter("guess", Number(tuple(GUESSES)), GUESS, (Keys.GUESS,)),
    )


def _share(model: str, facts: ModelFacts | None) -> tuple[Parameter, ...]:
    """How KV heads become fewer."""

    def fewer_kv(values: Values) -> Number:
        if model == TRAINED:
            return Number(fewer([values["n_kv_heads"]]) or (1,))
        if facts is None:
            return Number(MANY)
        return Number(fewer([config.n_kv_heads for config in facts.configs]) or (1,))

    return (
        Parameter("shared_kv", fewer_kv, None, (Keys.SHARED_KV,), moved=silent),
        Parameter("shared_by", Choice(WAYS, CUTOFF), WAYS[0], (Keys.SHARED_BY,), "by"),
        Parameter("grouping", Choice(GROUPINGS, CUTOFF), GROUPINGS[0], (Keys.GROUPING,)),
    )
