"""The parameters of the page "Heads": address and widgets. Pure; no Streamlit here."""

import math
from collections.abc import Sequence
from dataclasses import replace

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
from app.kinds import CUTOFF, MANY, Choice, Found, Kind, Number
from app.model.parameters import (
    ModelPage,
    heads_of,
    lang_entry,
    layers_of,
    layout_entries,
    model_entry,
)
from app.parameters import Notice, Parameter, Values, silent
from app.table import Part, Table
from attention.config import divisors


class HeadsPage(ModelPage[HeadsSettings]):
    """Where the settings of the page come from."""

    def table(self, model: str) -> Table[HeadsSettings]:
        """The table where this model is shown."""
        return table(self.family, model, self.facts_of(model))

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

    def layers(values: Values) -> Number:
        return Number(range(family.n_layers)) if model == TRAINED else layers_of(facts)

    def heads(values: Values) -> Number:
        trained = model == TRAINED
        return Number(range(values["n_heads"])) if trained else heads_of(facts, values["layer"])

    return Table(
        start,
        (
            model_entry(Keys.MODEL, Keys.OTHER),
            *layout_entries(family, Keys.N_HEADS, Keys.N_KV_HEADS),
            lang_entry(family, Keys.LANG),
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
