"""Names of what the page "Heads" holds in a session."""

from enum import StrEnum


class Keys(StrEnum):
    """Keys of widgets, which are those of the session state, too."""

    MODEL = "heads_model"
    OTHER = "heads_other_model"
    N_HEADS = "heads_n_heads"
    N_KV_HEADS = "heads_n_kv_heads"
    LANG = "heads_lang"
    SECTION = "heads_section"
    X = "heads_x"
    Y = "heads_y"
    BEST = "heads_best"
