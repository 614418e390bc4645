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
    TEXT = "heads_text"
    RANK = "heads_rank"
    GUESS = "heads_guess"
    SHARED_KV = "heads_shared_kv"
    SHARED_BY = "heads_shared_by"
    GROUPING = "heads_grouping"
    X = "heads_x"
    Y = "heads_y"
    BEST = "heads_best"
