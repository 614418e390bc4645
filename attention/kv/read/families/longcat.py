"""LongCat Flash: two attentions in each of its layers."""

from attention.kv.checks import LARGEST_LAYERS
from attention.kv.layer import Layer
from attention.kv.read.family import Family, Sizes
from attention.kv.read.fields import Fields
from attention.kv.read.matrices import gated
from attention.kv.read.names import NAMES


def n_layers(fields: Fields) -> int | None:
    found = fields.number("n_layers", "num_layers", most=LARGEST_LAYERS)
    if found is None:
        return None
    fields.origins["n_layers"] += ", two attentions in each"
    return 2 * found


def is_sparse(index: int) -> bool:
    """Two attentions share one mixture."""
    return index % 2 == 0


def weights(fields: Fields, _layer: Layer, d_model: int, sizes: Sizes) -> Sizes:
    """A dense feed-forward behind each attention, the mixture beside the first; experts that do
    nothing have a place in the router and no matrices."""
    width = fields.size(*NAMES["feed_forward"]) or 0
    if "mlp.gate" in sizes:
        experts, columns = sizes["mlp.gate"]
        sizes = {**sizes, "mlp.gate": (experts + (fields.size("zero_expert_num") or 0), columns)}
    return {**sizes, **gated("mlp", d_model, width)}


FAMILIES = {
    "longcat_flash": Family(n_layers=n_layers, is_sparse=is_sparse, weights=weights, is_summed=True)
}
