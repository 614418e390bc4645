"""LongCat Flash: two attentions in each of its layers."""

from attention.kv.checks import LARGEST_LAYERS
from attention.kv.read.family import Family
from attention.kv.read.fields import Fields


def n_layers(fields: Fields) -> int | None:
    found = fields.number("n_layers", "num_layers", most=LARGEST_LAYERS)
    if found is None:
        return None
    fields.origins["n_layers"] += ", two attentions in each"
    return 2 * found


def is_sparse(index: int) -> bool:
    """Two attentions share one mixture."""
    return index % 2 == 0


FAMILIES = {"longcat_flash": Family(n_layers=n_layers, is_sparse=is_sparse)}
