"""Names of what the page "Explore" holds in a session."""

from enum import StrEnum


class Keys(StrEnum):
    """Keys of widgets, which are those of the session state, too."""

    TEXT = "text"
    MODEL = "model"
    OTHER = "other_model"
    HEADS = "heads"
    KV_HEADS = "kv_heads"
    BUILT_HEADS = "built_heads"
    BUILT_KV_HEADS = "built_kv_heads"
    LAYER = "layer"
    MODEL_LAYER = "model_layer"
    MASK = "mask"
    WIDTH = "width"
    RAW = "raw_pieces"
    LANG = "lang"
    EXAMPLE = "example"
    PICTURE = "picture"
    PRESENT = "present"
    SECTION = "section"
    REAL = "real_model"
    CONTEXT = "context"
    BATCH = "batch"
    FORMAT = "format"
