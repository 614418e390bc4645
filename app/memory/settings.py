"""What the page "Memory" depends on. Pure; no Streamlit here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from attention.kv import engines
from attention.kv.fit.division import Division, Ways, divide
from attention.kv.fit.gpus import USUAL_GPU
from attention.kv.formats import STORED_FORMATS
from attention.kv.settings import Value
from attention.kv.shape import ModelShape
from attention.kv.workload import Workload

PAGE = "memory.title"  # its name in the session, and the key of its title
T = TypeVar("T")
LIST, PASTE, FILE, NAMED = SOURCES = ("list", "paste", "file", "named")
ENGINES = tuple(engines.ENGINES)
FORMATS = tuple(known.name for known in STORED_FORMATS)
UNITS = ("binary", "decimal")
SECTIONS = ("arithmetic", "engines", "fit", "speed", "beside", "log")
CHANGES = (
    "n_heads", "n_kv_heads", "n_layers", "head_dim", "v_head_dim", "window", "latent_rank",
    "rope_dim", "d_model", "max_context", "vocab", "parameters",
)  # fmt: skip
WORKLOADS = ("asked", "one_chat", "many_users", "long_document", "prefill")
MOST_KEPT = 4
MOST_GPUS = 1024
MOST_OVERHEAD = 2**30  # MiB
MOST_OFFLOAD = 2**20  # GiB
MOST_MTP = 16  # layers
OWN = ""  # weights as the checkpoint stores them
DEFAULT_MODEL = "Llama-3-8B"


@dataclass(frozen=True)
class EngineSetting:
    """A setting of the library's engines as a field of the page.

    Args:
        engines: those that heed it.
        kind: ``"count"``, ``"switch"``, ``"choice"`` or ``"ratio"``.
        default: of a switch, a choice or a ratio; a count that is left out is the engine's own.
    """

    name: str
    engines: tuple[str, ...]
    kind: str
    default: Value | None
    options: tuple[str, ...]


ENGINE_SETTINGS = tuple(
    EngineSetting(one.name, engines.heeding(one), one.kind, one.blank, one.choices)
    for one in engines.all_settings()
)
SETTING_NAMES = tuple(setting.name for setting in ENGINE_SETTINGS)
Changes = tuple[tuple[str, int], ...]  # fields of a model set by hand: name, value
Values = tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Source:
    """Where the model comes from. What was entered one way stays while another is tried.

    Args:
        kind: one of :data:`SOURCES`.
        model: a name of the catalog.
        text: of a config.json that was pasted.
        file: name of the file that was dropped; its ``data`` is a config's text, or what of a
            GGUF's header decides a cache.
        place: a path on this machine, or a Hub id.
    """

    kind: str = LIST
    model: str = DEFAULT_MODEL
    text: str = field(default="", repr=False)
    file: str = ""
    data: bytes = field(default=b"", repr=False)
    place: str = ""

    @property
    def used(self) -> "Source":
        """The same with only what its kind reads: two that give the same model are equal."""
        kept = {LIST: ("model",), PASTE: ("text",), FILE: ("file", "data"), NAMED: ("place",)}
        return Source(
            **{"kind": self.kind, "model": ""}
            | {name: getattr(self, name) for name in kept[self.kind]}
        )


@dataclass(frozen=True)
class Configuration:
    """What decides the cache: up to four of them stand side by side.

    Args:
        hit: percent of each context that is found in the cache, the same for all users.
        n_gpus: devices that hold it together; pp, dp, ep: how, as in
            :class:`~attention.kv.fit.division.Ways`. What is None follows from their number.
    """

    source: Source = field(default_factory=Source)
    changes: Changes = ()  # fields of the model set by hand, by the names of ModelShape.with_
    context: int = 8192
    users: int = 1
    prefix: int = 0
    k_format: str = "float16"
    v_format: str | None = None  # None: as K
    hit: int = 0
    n_gpus: int = 1
    pp: int | None = None
    dp: int | None = None
    ep: bool = False
    engine: str = ENGINES[0]
    engine_settings: Values = ()  # what differs from the engine's own, of any engine

    @property
    def ways(self) -> Ways:
        """How the devices share the model, as far as it was chosen."""
        return Ways(pp=self.pp, dp=self.dp, ep=self.ep)

    def division(self, shape: ModelShape) -> Division:
        """How they share this one. Raises FitError."""
        return divide(shape, self.engine, self.n_gpus, self.ways)

    @property
    def common(self) -> int:
        """Tokens at the start that all users have in common."""
        return max(self.prefix, self.context * self.hit // 100)

    def workload(self, shape: ModelShape) -> Workload:
        """On one device, as the library has it, with the settings that this engine heeds.

        Raises:
            WorkloadError, FormatError, FitError: what cannot be, in one sentence.
        """
        return self.division(shape).on_each(self.whole)

    @property
    def whole(self) -> Workload:
        """The same of all devices together. Raises WorkloadError, FormatError."""
        engine = engines.ENGINES[self.engine]
        settings = {name: value for name, value in self.engine_settings if engine.heeds(name)}
        return engine.workload(
            context=self.context,
            batch=self.users,
            shared_prefix=self.common,
            k_format=self.k_format,
            v_format=self.v_format,
            **settings,
        )

    def change(self, name: str, value: int | None) -> "Configuration":
        """The same with one field of the model set by hand, or as it was built (None)."""
        changes = {**dict(self.changes), name: value}
        return replace(self, changes=_sorted(changes, CHANGES))

    def set_engine(self, name: str, value: Value | None) -> "Configuration":
        """The same with one setting of the engines."""
        default = next(s.default for s in ENGINE_SETTINGS if s.name == name)
        given = {**dict(self.engine_settings), name: None if value == default else value}
        return replace(self, engine_settings=_sorted(given, SETTING_NAMES))


@dataclass(frozen=True)
class FitChoice:
    """What the sections on fit and on speed ask.

    Args:
        gpu: a name of the table of GPUs.
        weights: how they are stored, as :func:`~attention.kv.fit.weights.weights_of` names it, or
            their size (``"65.2 GB"``); :data:`OWN` for the checkpoint's own.
        overhead: in MiB, of each GPU; None for the estimate of the engine.
        share: percent of a GPU's memory that the engine may use.
        average: tokens of a user on average; None for half of the context.
        offload: GiB of the cache that lie in the host's memory, of all GPUs together.
        mtp: layers that predict further tokens, held beside the others.
        workload: a ready-made one, or ``"asked"``.
        edited: cells of the table of GPUs changed by hand: row, column, number.
    """

    gpu: str = USUAL_GPU
    weights: str = OWN
    overhead: int | None = None
    share: int = 90
    average: int | None = None
    offload: int = 0
    mtp: int = 0
    workload: str = "asked"
    edited: tuple[tuple[int, str, float], ...] = ()


@dataclass(frozen=True)
class MemorySettings:
    """The whole page."""

    now: Configuration = field(default_factory=Configuration)
    kept: tuple[Configuration, ...] = ()
    lang: str = "en"
    units: str = UNITS[0]
    section: str | None = None
    more: bool = False  # whether every field is shown
    fit: FitChoice = field(default_factory=FitChoice)
    log: str = field(default="", repr=False)
    question: str = field(default="", repr=False)  # the line that filled the controls
    log_own: bool = False  # the log is checked with the model of the page


def _sorted(values: Mapping[str, T | None], order: tuple[str, ...]) -> tuple[tuple[str, T], ...]:
    given = ((name, values.get(name)) for name in order)
    return tuple((name, value) for name, value in given if value is not None)
