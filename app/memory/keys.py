"""Names of what the page "Memory" holds in a session."""

from enum import StrEnum

from app.memory.settings import (
    CHANGES,
    ENGINE_SETTINGS,
    LIST,
    NAMED,
    PASTE,
    SETTING_NAMES,
    MemorySettings,
)


class Keys(StrEnum):
    """Keys of the session state; those of widgets are also the widgets' keys."""

    SOURCE = "memory_source"
    MODEL = "memory_model"
    TEXT = "memory_text"
    PLACE = "memory_place"
    DROP = "memory_drop"
    CONTEXT = "memory_context"
    CONTEXT_EXACT = "memory_context_exact"
    USERS = "memory_users"
    PREFIX = "memory_prefix"
    K = "memory_k"
    V = "memory_v"
    TP = "memory_tp"
    ENGINE = "memory_engine"
    MORE = "memory_more"
    UNITS = "memory_units"
    LANG = "memory_lang"
    SECTION = "memory_section"
    GPU = "memory_gpu"
    N_GPUS = "memory_n_gpus"
    WEIGHTS = "memory_weights"
    OVERHEAD = "memory_overhead"
    SHARE = "memory_share"
    WORKLOAD = "memory_workload"
    TABLE = "memory_table"
    LOG = "memory_log"
    LOG_OWN = "memory_log_own"
    # Not widgets: the run before; the language of the page that ran.
    BEFORE = "memory_before"
    SPOKEN = "spoken"


def change_key(name: str) -> str:
    """The widget of a field of the model."""
    return f"memory_change_{name}"


def setting_key(name: str) -> str:
    """The widget of a setting of an engine."""
    return f"memory_setting_{name}"


ALWAYS = (
    Keys.SOURCE, Keys.CONTEXT, Keys.USERS, Keys.PREFIX, Keys.K, Keys.V, Keys.TP, Keys.ENGINE,
    Keys.MORE, Keys.UNITS, Keys.LANG, Keys.SECTION,
)  # fmt: skip
OF_SOURCES = {LIST: Keys.MODEL, PASTE: Keys.TEXT, NAMED: Keys.PLACE}
CHOICE = (Keys.GPU, Keys.N_GPUS, Keys.WEIGHTS)
OF_SECTIONS = {
    "fit": (*CHOICE, Keys.OVERHEAD, Keys.SHARE),
    "speed": (*CHOICE, Keys.WORKLOAD),
    "log": (Keys.LOG, Keys.LOG_OWN),
}
CHANGE_KEYS = {name: change_key(name) for name in CHANGES}
SETTING_KEYS = {name: setting_key(name) for name in SETTING_NAMES}


def drawn(settings: MemorySettings, *, has_model: bool, has_answer: bool) -> frozenset[str]:
    """Keys of the widgets that a run with these settings draws.

    Args:
        has_model: the model can be read; has_answer: its cache can be counted.
    """
    keys: list[str] = [*ALWAYS]
    keys += [key for kind, key in OF_SOURCES.items() if settings.now.source.kind == kind]
    if has_model:
        keys += [CHANGE_KEYS["n_heads"], CHANGE_KEYS["n_kv_heads"]]
    if settings.more:
        keys.append(Keys.CONTEXT_EXACT)
        keys += CHANGE_KEYS.values() if has_model else ()
        engine = settings.now.engine
        keys += [SETTING_KEYS[s.name] for s in ENGINE_SETTINGS if engine in s.engines]
    if has_answer or settings.section == "log":
        keys += OF_SECTIONS.get(settings.section or "", ())
    return frozenset(keys)
