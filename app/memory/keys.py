"""Names of what the page "Memory" holds in a session."""

from enum import StrEnum

from app.memory.settings import CHANGES, SETTING_NAMES


class Keys(StrEnum):
    """Keys of widgets, which are those of the session state, too."""

    QUESTION = "memory_question"
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
    HIT = "memory_hit"
    PP = "memory_pp"
    DP = "memory_dp"
    EP = "memory_ep"
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
    AVERAGE = "memory_average"
    OFFLOAD = "memory_offload"
    MTP = "memory_mtp"
    WORKLOAD = "memory_workload"
    TABLE = "memory_table"
    LOG = "memory_log"
    LOG_OWN = "memory_log_own"


CHANGE_KEYS = {name: f"memory_change_{name}" for name in CHANGES}  # fields of the model
SETTING_KEYS = {name: f"memory_setting_{name}" for name in SETTING_NAMES}  # of an engine
