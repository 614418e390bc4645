"""Configs of another model, or made up, which could ask for any amount of memory."""

from collections.abc import Iterable

from transformers import PreTrainedConfig

from attention.models.huggingface.errors import CheckpointError
from attention.models.huggingface.limits import named_in

MAX_LAYERS = 1000  # the deepest published model has 256
PACKED = 8  # numbers that quantised weights may hold in one


def require_layers(config: PreTrainedConfig) -> None:
    """Raises CheckpointError: its number of layers is none that a model has."""
    layers = named_in(config, "num_hidden_layers")
    if not isinstance(layers, int) or not 1 <= layers <= MAX_LAYERS:
        raise CheckpointError(
            "config.json says num_hidden_layers {layers!r}: a whole number from 1 to {max_layers} "
            "is needed.",
            layers=layers,
            max_layers=MAX_LAYERS,
        )


def require_sizes(config: PreTrainedConfig, names: Iterable[str], width: int, numbers: int) -> None:
    """
    Args:
        names: of sizes, each of which has a matrix as wide as the model.
        width: the model's.
        numbers: in the weights.

    Raises:
        CheckpointError: such a matrix is larger than all weights.
    """
    for name in names:
        size = named_in(config, name)
        if isinstance(size, int) and not 0 < size * width <= PACKED * numbers:
            refuse_size(name, size, width, numbers)


def refuse_size(name: str, size: int, width: int, numbers: int) -> None:
    """Raises CheckpointError."""
    raise CheckpointError(
        "config.json says {name} {size:,} and hidden_size {hidden_size:,}, which does not "
        "fit the {numbers:,} numbers in the weights.",
        name=name,
        size=size,
        hidden_size=width,
        numbers=numbers,
    )
