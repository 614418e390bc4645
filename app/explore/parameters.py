"""The parameters of the page "Explore": address, widgets and clicks. Pure; no Streamlit here."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.explore.beside import BASE, beside_table, elsewhere
from app.explore.entries import Degree, Heads, Picture, Real, Tokens, Width
from app.explore.keys import Keys
from app.explore.offer import TRAINED, Family, ModelFacts
from app.explore.pictures import picture_choice
from app.explore.real import (
    BATCHES,
    DEFAULT_REAL,
    FORMATS,
    MODELS,
    RealChoice,
    context_choices,
    find_real,
)
from app.explore.settings import (
    ATTENTIONS,
    GOES_ON,
    LARGEST_SEED,
    MASKS,
    PARTS,
    PIECES,
    SECTIONS,
    SHAPE_WIDTHS,
    VIEWS,
    Beside,
    NextToken,
    Settings,
    defaults,
    sections_of,
)
from app.kinds import CUTOFF, Choice, Count, Kind, Number, Switch, nearest
from app.model.parameters import (
    FactsOf,
    ModelPage,
    heads_of,
    lang_entry,
    layers_of,
    layout_entries,
    model_entry,
)
from app.parameters import Entry, Moves, Notice, Parameter, Values, changed, silent
from app.table import Part, Table
from attention.config import AttentionConfig
from attention.interventions.off import ALL_ON, Off
from attention.picture.scene import MEASURES


class ExplorePage(ModelPage[Settings]):
    """Where the settings of the page come from."""

    def table(self, model: str) -> Table[Settings]:
        """The table where this model is shown."""
        return table(self.family, model, self.facts_of(model), self.facts_of)

    def facts(self, settings: Settings) -> ModelFacts | None:
        """Of the attention that is shown."""
        facts = super().facts(settings)
        return None if facts is None else facts.of(settings.attention)

    def read(self, params: Mapping[str, str]) -> tuple[Settings, tuple[Notice, ...]]:
        """Settings from an address."""
        settings, notices = super().read(params)
        return self._closed(settings), notices

    def settle(self, old: Settings, settings: Settings) -> tuple[Settings, tuple[Notice, ...]]:
        """Choices that another model, or other pieces, make void; the rest made to fit."""
        # Layers, heads and tokens of another model, or attention, are others.
        if (settings.model, settings.attention) != (old.model, old.attention):
            settings = replace(settings, layer=None, head=None, token=None, also=())
            settings = replace(settings, off=ALL_ON)
            settings = replace(settings, beside=elsewhere(settings.beside))
        elif settings.pieces != old.pieces:  # tokens are counted differently now
            settings = replace(settings, token=None, also=())
        if settings.text == old.text == self.family.openings[old.lang]:  # that nobody typed
            settings = replace(settings, text=self.family.openings[settings.lang])
        return self.table(settings.model).fit(self._closed(settings))

    def _closed(self, settings: Settings) -> Settings:
        """Without a section, or heads off, that the model does not have."""
        # Two sliders that moved before a run may say what no layout has, and are fitted after this.
        fitting, _ = self.table(settings.model).fit(settings)
        facts = self.facts(fitting)
        if facts is not None and facts.weights_only:
            settings = replace(settings, off=ALL_ON)
        if facts is not None and settings.beside.model == BASE and not facts.base:
            settings = replace(settings, beside=Beside(like=settings.beside.like))
        has = settings.section is None or facts is None or settings.section in sections_of(facts)
        return settings if has else replace(settings, section=None)


def table(
    family: Family,
    model: str = TRAINED,
    facts: ModelFacts | None = None,
    facts_of: FactsOf = lambda name: None,
) -> Table[Settings]:
    """The parameters.

    Args:
        facts: of the language model; None for the trained family, and where it is not loaded.
            Then there is nothing to compare a layer and a head with.
        facts_of: likewise of the one beside.
    """
    start = defaults(family)
    own = _of_family(family, start) if model == TRAINED else _of_model(facts)
    shown = family.facts(*family.usual) if model == TRAINED else facts
    return Table(
        start,
        (
            lang_entry(family, Keys.LANG),
            Text(
                "text", Kind(), lambda values: family.openings[values["lang"]], (Keys.TEXT,),
                empty="",
            ),
            model_entry(Keys.MODEL, Keys.OTHER),
            *own,
            Parameter("pieces", Choice(PIECES, CUTOFF), PIECES[0], (Keys.PIECES,)),
            Parameter("section", Choice(SECTIONS), None, (Keys.SECTION,), empty=None),
            Parameter("view", Choice(VIEWS, CUTOFF), VIEWS[0]),
            Parameter("part", Choice(PARTS), PARTS[0]),
            Part("next_token", NEXT),
            Part("beside", beside_table(family, shown, facts_of)),
            Picture(),
        ),
    )  # fmt: skip


def _of_family(family: Family, start: Settings) -> tuple[Entry, ...]:
    """Those of the trained family."""

    def head_moved(given: int, value: int, values: Values) -> Notice:
        return Notice("notice.head_moved", {"given": given, "value": value})

    return (
        *layout_entries(family, Keys.HEADS, Keys.KV_HEADS),
        _off(lambda values: family.facts(values["n_heads"], values["n_kv_heads"]).configs),
        Parameter(
            "layer", Number(range(family.n_layers)), None, (Keys.LAYER,), moved=silent
        ),
        Parameter("head", lambda values: Number(range(values["n_heads"])), moved=head_moved),
        Tokens(),
        Parameter("mask", Choice(MASKS, CUTOFF), start.mask, (Keys.MASK,)),
        Parameter(
            "width", Width((family.d_model, *SHAPE_WIDTHS)), None, (Keys.WIDTH,),
            show=lambda width: width or family.d_model,
            say=lambda width: None if width == family.d_model else width,
        ),
        Part("real", REAL),
    )  # fmt: skip


def _of_model(facts: ModelFacts | None) -> tuple[Entry, ...]:
    """Those of a language model; layers and heads are those of the attention that is shown."""

    def here(values: Values) -> ModelFacts | None:
        return None if facts is None else facts.of(values["attention"])

    def configs(values: Values) -> tuple[AttentionConfig, ...] | None:
        shown = here(values)
        return None if shown is None else shown.configs

    def moved(name: str) -> Callable[[int, int, Values], Notice]:
        return lambda given, value, values: changed(name, str(given), value, Number.dropped)

    second = Text("text_b", Kind(), "", (Keys.TEXT_B,), empty="")
    return (
        *((second,) if facts is None or facts.pairs else ()),
        *((picture_choice(),) if facts is None or facts.sees else ()),
        *(_of_target() if facts is None or facts.parts else ()),
        _off(configs),
        Parameter(
            "layer", lambda values: layers_of(here(values)), None, (Keys.MODEL_LAYER,),
            moved=moved("layer"),
        ),
        Parameter("measure", Choice(MEASURES), MEASURES[0]),
        Parameter(
            "head", lambda values: heads_of(here(values), values["layer"]), moved=moved("head")
        ),
        Tokens(),
    )  # fmt: skip


def _of_target() -> tuple[Entry, ...]:
    """Those of an encoder–decoder, as ``trace`` has them: a target alone means cross-attention."""

    def meant(values: Values) -> str:
        return ATTENTIONS[2 if values["target"] else 0]

    return (
        Text("target", Kind(), "", (Keys.TARGET,), empty=""),
        Parameter("attention", Choice(ATTENTIONS, CUTOFF), meant, (Keys.ATTENTION,)),
    )


def _off(configs_of: Callable[[Values], tuple[AttentionConfig, ...] | None]) -> Parameter:
    """Heads that are switched off; of a smaller layout only those that it has."""

    def moved(given: Off, value: Off, values: Values) -> Notice:
        return Notice("notice.off_moved", {"given": str(given)})

    return Parameter("off", lambda values: Heads(configs_of(values)), ALL_ON, moved=moved)


class Text(Parameter):
    """The text. Layer, head and token that are shown stay while a visitor types."""

    def hear(self, values: Values, moves: Moves) -> None:
        before = values[self.name]
        super().hear(values, moves)
        if values[self.name] == before or moves.drawn is None:
            return
        for name in ("layer", "head", "token"):
            if values[name] is None:
                values[name] = getattr(moves.drawn, name)


def _fitting(values: Values) -> RealChoice:
    """A real model whose context is none longer than it was made for."""
    real = RealChoice(**values)
    return replace(real, context=nearest(context_choices(real.model), real.context))


def _contexts(values: Values) -> Number:
    return Number(context_choices(values["model"]))


def _usual_context(values: Values) -> int:
    return nearest(context_choices(values["model"]), DEFAULT_REAL.context)


REAL = Table(
    DEFAULT_REAL,
    (
        Parameter(
            "model", Real(MODELS, CUTOFF), DEFAULT_REAL.model, (Keys.REAL,), "real",
            show=lambda model: model.name, say=find_real,
        ),
        Parameter("context", _contexts, _usual_context, (Keys.CONTEXT,)),
        Parameter("batch", Number(BATCHES), DEFAULT_REAL.batch, (Keys.BATCH,)),
        Parameter(
            "number_format", Choice(FORMATS), DEFAULT_REAL.number_format, (Keys.FORMAT,), "format"
        ),
    ),
    pack=_fitting,
)  # fmt: skip

NEXT = Table(
    NextToken(),
    (
        Parameter("temperature", Degree(), 0.0, (Keys.TEMPERATURE,)),
        Parameter("seed", Count(LARGEST_SEED, least=0), 0, (Keys.SEED,), empty=0),
        Parameter("compare", Switch(), None, (Keys.COMPARE,)),
        Parameter("goes_on", Choice(GOES_ON), GOES_ON[0], (Keys.GOES_ON,), "from"),
    ),
)
