"""The parameters of the page "Explore": address, widgets and clicks. Pure; no Streamlit here."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.explore.keys import Keys
from app.explore.offer import OFFERED, OTHER, TRAINED, Family, ModelFacts
from app.explore.real import DEFAULT_REAL, RealChoice, context_choices, find_real
from app.explore.settings import (
    MASKS,
    NEXT_TOKEN,
    PIECES,
    SECTIONS,
    SHAPE_WIDTHS,
    Settings,
    defaults,
)
from app.kinds import Choice, Found, Kind, Number, nearest
from app.parameters import Entry, Moves, Notice, Parameter, Values, changed
from app.picture import Click, parse_clicks
from app.table import Part, Table

MANY = range(1_000_000)  # where the number of tokens, or of layers, is not known yet
MODEL_CHARS = 512
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}", re.ASCII)  # a Hub id without an owner, as "gpt2"
CUTOFF = 0.3  # a word this similar is meant
FactsOf = Callable[[str], ModelFacts | None]


@dataclass(frozen=True)
class ExplorePage:
    """Where the settings of the page come from.

    Args:
        facts_of: gives the facts of a language model by name, None where it is not loaded.
    """

    family: Family
    facts_of: FactsOf

    def table(self, model: str) -> Table[Settings]:
        """The table where this model is shown."""
        return table(self.family, model, self.facts_of(model))

    def facts(self, settings: Settings) -> ModelFacts | None:
        """Of the model that is shown; None where it is not loaded."""
        if settings.trained:
            return self.family.facts(*settings.layout)
        return self.facts_of(settings.model)

    def read(self, params: Mapping[str, str]) -> tuple[Settings, tuple[Notice, ...]]:
        """Settings from an address; its model decides what else there is in it."""
        found = ModelName().read(params.get("model", TRAINED))
        model = TRAINED if found is None else found.value
        settings, notices = self.table(model).read(params)
        return self._closed(settings), notices

    def settle(self, old: Settings, settings: Settings) -> tuple[Settings, tuple[Notice, ...]]:
        """Choices that another model, or other pieces, make void; the rest made to fit."""
        if settings.model != old.model:  # layers, heads and tokens of another model are others
            layer = self.table(settings.model).start.layer
            settings = replace(settings, layer=layer, head=None, token=None)
        elif settings.pieces != old.pieces:  # tokens are counted differently now
            settings = replace(settings, token=None)
        return self.table(settings.model).fit(self._closed(settings))

    def _closed(self, settings: Settings) -> Settings:
        """Without a section that the model does not have."""
        if settings.section != NEXT_TOKEN:
            return settings
        facts = self.facts(settings)
        lacks = facts is not None and not facts.generates
        return replace(settings, section=None) if lacks else settings


def table(family: Family, model: str = TRAINED, facts: ModelFacts | None = None) -> Table[Settings]:
    """The parameters.

    Args:
        facts: of the language model; None for the trained family, and where it is not loaded.
            Then there is nothing to compare a layer and a head with.
    """
    start = defaults(family)
    if model == TRAINED:
        own = _of_family(family, start)
    else:
        start, own = replace(start, layer=None), _of_model(facts)
    return Table(
        start,
        (
            Parameter("text", Kind(), start.text, (Keys.TEXT,), empty=""),
            Model("model", ModelName(), TRAINED),
            *own,
            Parameter(
                "pieces", Choice(PIECES, CUTOFF), PIECES[0], (Keys.RAW,),
                show=lambda pieces: pieces == "raw", say=lambda raw: PIECES[raw],
            ),
            Parameter(
                "lang", Choice(family.languages, CUTOFF), start.lang, (Keys.LANG,), shared=True
            ),
            Parameter(
                "section", Choice((*SECTIONS, NEXT_TOKEN)), None, (Keys.SECTION,), empty=None
            ),
            Part("real", REAL),
            Picture(),
        ),
    )  # fmt: skip


def _of_family(family: Family, start: Settings) -> tuple[Parameter, ...]:
    """Those of the trained family. What is trained for so many heads decides the KV heads."""

    def kv_default(values: Values) -> int:
        return nearest(family.kv_counts(values["n_heads"]), start.n_kv_heads)

    def kv_moved(given: int, value: int, values: Values) -> Notice:
        told = {"given": given, "value": value, "heads": values["n_heads"]}
        return Notice("notice.kv_moved", told)

    def head_moved(given: int, value: int, values: Values) -> Notice:
        return Notice("notice.head_moved", {"given": given, "value": value})

    return (
        Parameter("n_heads", Number(family.head_counts), start.n_heads, (Keys.HEADS,), "heads"),
        Parameter(
            "n_kv_heads", lambda values: Number(family.kv_counts(values["n_heads"])), kv_default,
            (Keys.KV_HEADS,), "kv_heads", moved=kv_moved,
        ),
        Parameter(
            "layer", Number(range(family.n_layers)), start.layer, (Keys.LAYER,), moved=_silent
        ),
        Parameter("head", lambda values: Number(range(values["n_heads"])), moved=head_moved),
        Parameter("token", Number(MANY)),
        Parameter("mask", Choice(MASKS, CUTOFF), start.mask, (Keys.MASK,)),
        Parameter(
            "width", Width((family.d_model, *SHAPE_WIDTHS)), None, (Keys.WIDTH,),
            show=lambda width: width or family.d_model,
            say=lambda width: None if width == family.d_model else width,
        ),
    )  # fmt: skip


def _of_model(facts: ModelFacts | None) -> tuple[Parameter, ...]:
    """Those of a language model. Where the page picks the layer, every layer has the head."""

    def heads(values: Values) -> Number:
        if facts is None:
            return Number(MANY)
        layer = values["layer"]
        configs = facts.configs if layer is None else facts.configs[layer : layer + 1]
        return Number(range(min(config.n_heads for config in configs)))

    def moved(name: str) -> Callable[[int, int, Values], Notice]:
        return lambda given, value, values: changed(name, str(given), value, Number.dropped)

    layers = Number(range(facts.n_layers) if facts else MANY)
    return (
        Parameter("layer", layers, None, (Keys.MODEL_LAYER,), moved=moved("layer")),
        Parameter("head", heads, moved=moved("head")),
        Parameter("token", Number(MANY)),
    )


def _silent(given: object, value: object, values: Values) -> None:
    """Nothing is said of it."""


@dataclass(frozen=True)
class Width(Number):
    """The first option is the trained width, which a setting has as None."""

    def read(self, raw: str) -> Found | None:
        found = super().read(raw) or Found(self.options[0], self.options[0])
        return replace(found, value=None) if found.value == self.options[0] else found


class ModelName(Kind):
    """Whether there is such a one, its library says later."""

    def read(self, raw: str) -> Found | None:
        if raw in (*OFFERED, OTHER):
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
    """The model, in two widgets: one of those offered, or another by its name."""

    def shown(self, values: Values) -> dict[str, object]:
        model = values[self.name]
        if model in OFFERED:
            return {Keys.MODEL: model, Keys.OTHER: ""}
        return {Keys.MODEL: OTHER, Keys.OTHER: "" if model == OTHER else model}

    def hear(self, values: Values, moves: Moves) -> None:
        chosen = moves.now.get(Keys.MODEL)
        # After a change of language the browser may still send an option by its label in the other.
        if chosen in (*OFFERED, OTHER):
            values[self.name] = chosen
        if Keys.OTHER in moves.now and values[self.name] not in OFFERED:
            values[self.name] = (moves.now[Keys.OTHER] or "").strip() or OTHER


class Picture(Entry):
    """Layer, head and token after what the visitor chose in the picture.

    The picture repeats the last choice of each kind, so only one made since the last run counts.
    """

    def hear(self, values: Values, moves: Moves) -> None:
        now, was = (parse_clicks(said.get(Keys.PICTURE)) for said in (moves.now, moves.was))

        def fresh(click: Click | None, before: Click | None) -> int | None:
            return click.value if click is not None and click != before else None

        layer, head = fresh(now.layer, was.layer), fresh(now.head, was.head)
        if layer is not None and head is None:  # one layer on, by keyboard: the head stays
            head = moves.drawn.head
        chosen = {"layer": layer, "head": head, "token": fresh(now.token, was.token)}
        values |= {name: value for name, value in chosen.items() if value is not None}


def _fitting(values: Values) -> RealChoice:
    """A real model whose context is none longer than it was made for."""
    real = RealChoice(**values)
    return replace(real, context=nearest(context_choices(real.model), real.context))


REAL = Table(  # in no address
    DEFAULT_REAL,
    (
        Parameter("model", keys=(Keys.REAL,), show=lambda model: model.name, say=find_real),
        Parameter("context", keys=(Keys.CONTEXT,)),
        Parameter("batch", keys=(Keys.BATCH,)),
        Parameter("number_format", keys=(Keys.FORMAT,)),
    ),
    pack=_fitting,
)
