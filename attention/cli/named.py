"""A model by its name: a trained layout, or a language model."""

import importlib
import re

from attention.models.base import Model
from attention.models.layouts.load import load_layout

LAYOUT = re.compile(r"(\d{1,4})x(\d{1,4})")
HELP = "8x2 or another trained layout, smollm2, minilm, a folder or a Hub id"


def named_model(name: str, device: str, dtype: str = "auto") -> Model:
    """See :data:`HELP`; transformers is loaded only where it is needed.

    Raises:
        LayoutError: no layout was trained with these heads.
        CheckpointError, DeviceError: as :func:`attention.models.huggingface.checkpoint.load`.
    """
    if found := LAYOUT.fullmatch(name):
        own = "float32" if dtype == "auto" else dtype
        return load_layout(int(found[1]), int(found[2]), device=device, dtype=own)
    # One sentence says that the Hub cannot be reached; its client would add a line for each try.
    importlib.import_module("huggingface_hub").logging.set_verbosity_error()
    named = importlib.import_module("attention.uptraining.named")
    return named.load(name, device=device, dtype=dtype)
