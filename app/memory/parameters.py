"""The parameters of the page "Memory": address and widgets. Pure; no Streamlit here.

Those of one configuration are those that ``beside`` holds for each configuration that stands
beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.kinds import Choice, Count, Kind, Ratio, Switch
from app.memory.entries import Devices, Edited, Kept, ModelName, SourceEntry, WeightName
from app.memory.keys import CHANGE_KEYS, SETTING_KEYS, Keys
from app.memory.settings import (
    CHANGES,
    ENGINE_SETTINGS,
    ENGINES,
    FILE,
    FORMATS,
    LIST,
    MOST_GPUS,
    MOST_MTP,
    MOST_OFFLOAD,
    MOST_OVERHEAD,
    NAMED,
    PASTE,
    SECTIONS,
    UNITS,
    WORKLOADS,
    Configuration,
    EngineSetting,
    FitChoice,
    MemorySettings,
)
from app.parameters import Notice, Parameter, Values
from app.table import Part, Table
from attention.kv.checks import LARGEST_NUMBER

COUNT = Count(LARGEST_NUMBER)
WAYS = Count(MOST_GPUS)
FIELD_PARAMS = {  # of the model, as they are called in the address
    "n_heads": "heads",
    "n_kv_heads": "kv_heads",
    "n_layers": "layers",
}
Facts = Mapping[str, int | None]  # fields of the model as it was built


class MemoryTable(Table[MemorySettings]):
    """The table of the page; for where settings come from, see :class:`app.session.Page`."""

    def settle(
        self, old: MemorySettings, settings: MemorySettings
    ) -> tuple[MemorySettings, tuple[Notice, ...]]:
        """What was set by hand was set in another model, where that changed."""
        if settings.now.source.used != old.now.source.used:
            settings = replace(settings, now=replace(settings.now, changes=()))
        return self.fit(settings)


def table(
    languages: Sequence[str], models: Sequence[str], gpus: Sequence[str], built: Facts | None = None
) -> MemoryTable:
    """The parameters.

    Args:
        models, gpus: names of the catalog and of the table of GPUs.
        built: fields of the model before anything in it was set by hand; None where there is none.
    """
    start = MemorySettings()
    return MemoryTable(
        start,
        (
            Part("now", configuration(models, built or {})),
            Kept("kept", configuration(models)),
            Part("fit", _fit(gpus)),
            Parameter("units", Choice(UNITS), start.units, (Keys.UNITS,)),
            Parameter("section", Choice(SECTIONS), None, (Keys.SECTION,), empty=None),
            Parameter("lang", Choice(languages), start.lang, (Keys.LANG,), shared=True),
            Parameter("more", Switch(), start.more, (Keys.MORE,)),
            Parameter("log", keys=(Keys.LOG,), empty=""),
            Parameter("question", keys=(Keys.QUESTION,), empty=""),
            Parameter("log_own", Switch(), start.log_own, (Keys.LOG_OWN,)),
        ),
    )


def configuration(models: Sequence[str], built: Facts | None = None) -> Table[Configuration]:
    """The parameters of one configuration."""
    start = Configuration()
    context = (Keys.CONTEXT, Keys.CONTEXT_EXACT)
    return Table(
        start,
        (
            SourceEntry("source", ModelName(models)),
            Part("changes", _changes(built or {})),
            Parameter("context", COUNT, start.context, context),
            Parameter("users", COUNT, start.users, (Keys.USERS,), empty=start.users),
            Parameter(
                "prefix", Count(LARGEST_NUMBER, least=0), start.prefix, (Keys.PREFIX,),
                "shared_prefix", empty=start.prefix,
            ),
            Parameter(
                "hit", Count(100, least=0), start.hit, (Keys.HIT,), "prefix_hit", empty=start.hit
            ),
            Devices(
                "n_gpus", Count(LARGEST_NUMBER, cut=MOST_GPUS), start.n_gpus, (Keys.N_GPUS,),
                empty=start.n_gpus,
            ),
            Parameter("pp", WAYS, None, (Keys.PP,), empty=None),
            Parameter("dp", WAYS, None, (Keys.DP,), empty=None),
            Parameter("ep", Switch(), start.ep, (Keys.EP,)),
            Parameter("k_format", Choice(FORMATS), start.k_format, (Keys.K,), "k"),
            Parameter(
                "v_format", Choice(FORMATS), None, (Keys.V,), "v",
                show=lambda name: name or "", say=lambda name: name or None,
            ),
            Parameter("engine", Choice(ENGINES), start.engine, (Keys.ENGINE,)),
            Part("engine_settings", ENGINE_TABLE),
        ),
    )  # fmt: skip


def is_whole(one: Configuration) -> bool:
    """Whether the address says all of it: a dropped file, or a long config, is not in it."""
    source = one.source
    says_all = source.kind in (LIST, NAMED) or (source.kind == PASTE and not source.text)
    return says_all or "config" in SourceEntry("source", Kind()).write({"source": source})


def left_out(settings: MemorySettings) -> tuple[str, ...]:
    """What stands on the screen and is in no address, by its key below ``share``."""
    broken = [one.source.kind for one in (*settings.kept, settings.now) if not is_whole(one)]
    has_log = settings.section == "log" and bool(settings.log.strip())
    found = {"file": FILE in broken, "config": PASTE in broken, "log": has_log}
    return tuple(name for name, is_there in found.items() if is_there)


def _changes(built: Facts) -> Table[Any]:
    """Fields of the model set by hand. What is as it was built is not set."""

    def change(name: str) -> Parameter:
        as_built = built.get(name)
        nothing = 0 if name == "n_kv_heads" else None  # its slider has an option "as built"
        return Parameter(
            name, COUNT, None, (CHANGE_KEYS[name],), FIELD_PARAMS.get(name, ""), empty=None,
            show=lambda value: value or as_built or nothing,
            say=lambda value: None if not value or value == as_built else value,
        )  # fmt: skip

    return Table(
        (),
        map(change, CHANGES),
        unpack=lambda pairs: {**dict.fromkeys(CHANGES), **dict(pairs)},
        pack=lambda values: tuple((name, v) for name, v in values.items() if v is not None),
    )


def _engine_table() -> Table[Any]:
    """Settings of the engines; what is the engine's own is not set."""
    usual = {setting.name: setting.default for setting in ENGINE_SETTINGS}

    def parameter(setting: EngineSetting) -> Parameter:
        kinds: dict[str, Kind] = {
            "count": COUNT,
            "switch": Switch(),
            "choice": Choice(setting.options),
            "ratio": Ratio(),
        }
        # An address that says of a switch what cannot be used says nothing of it.
        default = None if setting.kind == "switch" else setting.default
        return Parameter(
            setting.name, kinds[setting.kind], default, (SETTING_KEYS[setting.name],),
            empty=setting.default, show=lambda value: setting.default if value is None else value,
        )  # fmt: skip

    def given(values: Values) -> tuple[tuple[str, Any], ...]:
        pairs = ((name, values[name]) for name in usual)
        return tuple((name, v) for name, v in pairs if v is not None and v != usual[name])

    return Table(
        (),
        map(parameter, ENGINE_SETTINGS),
        unpack=lambda pairs: {
            **{s.name: None if s.kind == "switch" else s.default for s in ENGINE_SETTINGS},
            **dict(pairs),
        },
        pack=given,
    )


def _fit(gpus: Sequence[str]) -> Table[FitChoice]:
    start = FitChoice()
    overhead = Count(LARGEST_NUMBER, least=0, cut=MOST_OVERHEAD)
    return Table(
        start,
        (
            Parameter("gpu", Choice(gpus), start.gpu, (Keys.GPU,)),
            Parameter("weights", WeightName(), start.weights, (Keys.WEIGHTS,), empty=start.weights),
            Parameter("overhead", overhead, None, (Keys.OVERHEAD,), empty=None),
            Parameter("share", Count(LARGEST_NUMBER, cut=100), start.share, (Keys.SHARE,)),
            Parameter("average", COUNT, None, (Keys.AVERAGE,), empty=None),
            Parameter(
                "offload",
                Count(MOST_OFFLOAD, least=0),
                start.offload,
                (Keys.OFFLOAD,),
                empty=start.offload,
            ),
            Parameter("mtp", Count(MOST_MTP, least=0), start.mtp, (Keys.MTP,), empty=start.mtp),
            Parameter("workload", Choice(WORKLOADS), start.workload, (Keys.WORKLOAD,)),
            Edited("edited"),
        ),
    )


ENGINE_TABLE = _engine_table()
