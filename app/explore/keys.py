"""Names of what a session holds."""

from enum import StrEnum


class Keys(StrEnum):
    """Keys of the session state; those of widgets are also the widgets' keys."""

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
    SECTION = "section"
    REAL = "real_model"
    CONTEXT = "context"
    BATCH = "batch"
    FORMAT = "format"
    # Not widgets: what the visitor chose in the picture (None: the page picks), and the run before.
    HEAD = "chosen_head"
    TOKEN = "chosen_token"
    BEFORE = "before"
    FAILED = "failed"  # the model that could not be loaded, and why
    CARRIED = "carried"  # notices of a run that ended before anybody could read them


NOT_WIDGETS = (Keys.HEAD, Keys.TOKEN, Keys.BEFORE, Keys.FAILED, Keys.CARRIED)
