"""Any language model by its name, the twins that were uptrained here among them."""

from attention.models.huggingface import checkpoint
from attention.models.huggingface.model import LanguageModel
from attention.models.store.twins import base_of, file_of
from attention.uptraining.twin import load_twin


def load(name: str, *, device: str = "auto", dtype: str = "auto") -> LanguageModel:
    """See :func:`attention.models.huggingface.checkpoint.load`; ``"smollm2-kv1"`` is a twin.

    Raises:
        CheckpointError, DeviceError: as there.
    """
    file = file_of(name)
    if file is None:
        return checkpoint.load(name, device=device, dtype=dtype)
    twin = load_twin(checkpoint.load(base_of(name), device=device, dtype=dtype), file)
    twin.source = name
    return twin
